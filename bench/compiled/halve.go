package compiled

import "github.com/pinion-go/pinion/future"

// halve hardly ever suspends.
//
//pinion:async
func halve(v int) int {
	if v < 0 {
		future.Yield()
	}
	return v / 2
}

// halves awaits n calls that do not suspend.
//
//pinion:async
func halves(n int) (sum int) {
	for v := range n {
		sum += halve(v)
	}
	return sum
}

// halvePlain is halve for those who cannot wait.
//
//go:noinline
func halvePlain(v int) int {
	if v < 0 {
		return 0
	}
	return v / 2
}

// PlainCalls makes n calls of an ordinary function.
func PlainCalls(n int) (sum int) {
	for v := range n {
		sum += halvePlain(v)
	}
	return sum
}

// AwaitedCalls adds a task to the loop that awaits n calls of a compiled function,
// none of which suspends.
func AwaitedCalls(l *future.Loop, n int, done func(result any)) {
	future.Go(l, calls[halvesFuture, *halvesFuture]{
		left:   1,
		begin:  func(f *halvesFuture) { f.Init(n) },
		result: func(f *halvesFuture) any { return f.Result() },
		done:   done,
	})
}

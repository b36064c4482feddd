package rt

import "github.com/pinion-go/pinion/future"

// Future is the future of an operation with one result. It does it when it becomes
// ready.
//
// There is one for each type that a program gives an operation, and gc compiles all
// that its values can do into every program: so it embeds nothing.
type Future[T any] struct {
	wait wait
	do   func() T
	res  T
}

// Poll does the operation when it has been pending as often as it should be.
func (f *Future[T]) Poll(cx *future.Context) future.Poll {
	if f.wait.poll(cx) == future.Pending {
		return future.Pending
	}
	do := f.do
	if do == nil {
		again()
	}
	f.do = nil
	f.res = do()
	return future.Ready
}

// Result returns the operation's result.
func (f *Future[T]) Result() T { return f.res }

func later[T any](do func() T) Future[T] { return Future[T]{do: do} }

// Done is the future of an operation without results.
type Done struct {
	wait wait
	do   func()
}

// Poll is like that of [Future].
func (f *Done) Poll(cx *future.Context) future.Poll {
	if f.wait.poll(cx) == future.Pending {
		return future.Pending
	}
	do := f.do
	if do == nil {
		again()
	}
	f.do = nil
	do()
	return future.Ready
}

// Result completes the pair; there is nothing to return.
func (f *Done) Result() {}

// Both is the future of an operation with two results.
type Both[A, B any] struct {
	wait wait
	do   func() (A, B)
	a    A
	b    B
}

// Poll is like that of [Future].
func (f *Both[A, B]) Poll(cx *future.Context) future.Poll {
	if f.wait.poll(cx) == future.Pending {
		return future.Pending
	}
	do := f.do
	if do == nil {
		again()
	}
	f.do = nil
	f.a, f.b = do()
	return future.Ready
}

// Result returns the operation's results.
func (f *Both[A, B]) Result() (A, B) { return f.a, f.b }

func laterBoth[A, B any](do func() (A, B)) Both[A, B] { return Both[A, B]{do: do} }

func again() { panic("rt: a leaf future was polled after it was ready") }

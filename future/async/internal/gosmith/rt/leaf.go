package rt

import "github.com/pinion-go/pinion/future"

// leaf is the future of an operation. It does it when it becomes ready.
type leaf[T any] struct {
	wait
	do  func() T
	res T
}

func (f *leaf[T]) Poll(cx *future.Context) future.Poll {
	if f.poll(cx) == future.Pending {
		return future.Pending
	}
	if f.do == nil {
		panic("rt: a leaf future was polled after it was ready")
	}
	do := f.do
	f.do = nil
	f.res = do()
	return future.Ready
}

// Future is the future of an operation with one result.
type Future[T any] struct{ leaf[T] }

// Result returns the operation's result.
func (f *Future[T]) Result() T { return f.res }

func later[T any](do func() T) Future[T] { return Future[T]{leaf[T]{do: do}} }

// Done is the future of an operation without results.
type Done struct{ leaf[struct{}] }

// Result completes the pair; there is nothing to return.
func (f *Done) Result() {}

type two[A, B any] struct {
	a A
	b B
}

// Both is the future of an operation with two results.
type Both[A, B any] struct{ leaf[two[A, B]] }

// Result returns the operation's results.
func (f *Both[A, B]) Result() (A, B) { return f.res.a, f.res.b }

func laterBoth[A, B any](do func() (A, B)) Both[A, B] {
	return Both[A, B]{leaf[two[A, B]]{do: func() two[A, B] {
		a, b := do()
		return two[A, B]{a, b}
	}}}
}

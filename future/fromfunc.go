package future

import (
	"context"

	"github.com/pinion-go/pinion/pin"
)

// FromFunc returns a future that calls fn on a goroutine of its own: the way to
// use something that blocks. At most 512 such calls run at once, and the others
// wait for their turn, so that calls must not wait for each other in such numbers.
//
// Cancelled before its turn, the call is not made and the result is ErrCanceled.
// After that, a cancel has no effect on fn, and the future waits for its result;
// see [FromFuncContext]. A panic of fn is a panic of the future; runtime.Goexit
// (which testing's FailNow calls) in fn is too, as a *PanicError that says so.
//
// An abort at shutdown leaves fn running. FromFunc panics if fn is nil.
func FromFunc[T any](fn func() (T, error)) FromFuncFuture[T] {
	if fn == nil {
		misused("FromFunc(nil)", "there is no function to call", "pass a func() (T, error)")
	}
	return FromFuncFuture[T]{fn: func(context.Context) (T, error) { return fn() }}
}

// FromFuncContext is [FromFunc] for a call that can be cancelled: when the future
// is cancelled, ctx is. The future then waits for fn all the same, and its result
// is fn's, whatever that is. ctx has the task's values; see [WithValue]. It panics if fn
// is nil.
func FromFuncContext[T any](fn func(ctx context.Context) (T, error)) FromFuncFuture[T] {
	if fn == nil {
		misused("FromFuncContext(nil)", "there is no function to call", "pass a func(context.Context) (T, error)")
	}
	return FromFuncFuture[T]{fn: fn}
}

// FromFuncFuture is the future of [FromFunc] and [FromFuncContext].
type FromFuncFuture[T any] struct {
	anchor   pin.Anchor
	fn       func(context.Context) (T, error)
	c        *funcCall[T] // nil until it is made
	canceled bool
	over     bool
	v        T
	err      error
}

type funcCall[T any] struct {
	call
	cancel context.CancelFunc
	v      T // written by the call before it is over
	err    error
}

// Poll implements [Future].
func (f *FromFuncFuture[T]) Poll(cx *Context) Poll {
	if f.over {
		return Ready
	}
	f.anchor.Check()
	canceled := f.canceled || cx.canceled
	if f.c == nil {
		if !cx.Spend() {
			return Pending
		}
		if canceled {
			return f.end(cx, ErrCanceled)
		}
		f.begin(cx)
	}
	c := f.c
	if canceled {
		c.cancel()
		if c.withdraw() {
			return f.end(cx, ErrCanceled)
		}
	}
	if !c.poll(cx) {
		cx.abort()
		return Pending
	}
	c.cancel()
	f.over = true
	if c.panicked != nil {
		panic(c.panicked)
	}
	f.v, f.err = c.v, c.err
	return Ready
}

func (f *FromFuncFuture[T]) begin(cx *Context) {
	ctx := context.Background()
	if x := cx.loop.extraOf(cx.task); x != nil && x.values != nil {
		ctx = valuesContext{ctx, x.values}
	}
	c := new(funcCall[T])
	f.c = c
	ctx, c.cancel = context.WithCancel(ctx)
	c.poll(cx)
	fn := f.fn
	callWorkers.run(func() {
		c.run("FromFunc", func() { c.v, c.err = fn(ctx) })
	})
}

// end ends the future without a call.
func (f *FromFuncFuture[T]) end(cx *Context, err error) Poll {
	f.over, f.err = true, err
	cx.abort()
	return Ready
}

// Cancel implements [Canceler].
func (f *FromFuncFuture[T]) Cancel() { f.canceled = true }

// Result returns what the function returned, or ErrCanceled if it was not called.
func (f *FromFuncFuture[T]) Result() (T, error) { return f.v, f.err }

// valuesContext shows a task's values to the function.
type valuesContext struct {
	context.Context
	values *values
}

func (c valuesContext) Value(key any) any { return c.values.get(key) }

package frame_test

import (
	"errors"
	"fmt"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/frame"
)

// safeFuture is what the compiler makes of
//
//	func safe(work func()) (err error) {
//		defer func() {
//			if v := recover(); v != nil {
//				err = fmt.Errorf("recovered: %v", v)
//			}
//		}()
//		future.Yield()
//		work()
//		return nil
//	}
type safeFuture struct {
	unwind frame.Unwind
	state  int
	work   func()
	yield  future.YieldFuture
	err    error
}

func (f *safeFuture) Poll(cx *future.Context) future.Poll {
	if !f.unwind.Exiting() && f.body(cx) == frame.Suspended {
		return future.Pending
	}
	return f.unwind.Run(cx)
}

func (f *safeFuture) body(cx *future.Context) (step frame.Step) {
	defer f.unwind.Catch(cx, &step)
	if f.state == 0 {
		fn := func() {
			if v := recover(); v != nil {
				f.err = fmt.Errorf("recovered: %v", v)
			}
		}
		f.unwind.Defer(func(u *frame.Unwind) { defer u.Caught(); defer fn(); u.Raise() })
		f.yield = future.YieldAsync()
		f.state = 1
	}
	if f.yield.Poll(cx) == future.Pending {
		return frame.Suspended
	}
	f.work()
	f.err = nil
	return frame.Returned
}

func ExampleUnwind() {
	f := &safeFuture{work: func() { panic("no work today") }}
	fmt.Println(future.Block(f), f.err)
	// Output: <nil> recovered: no work today
}

// A body leaves off in one of two ways, or by a panic.
func ExampleStep() {
	f := &safeFuture{work: func() {}}
	future.Block(&looped{func(cx *future.Context) {
		fmt.Println(f.body(cx) == frame.Suspended, f.body(cx) == frame.Returned)
	}})
	// Output: true true
}

// lateFuture is a deferred function that suspends.
type lateFuture struct {
	outer *frame.Unwind
	yield future.YieldFuture
}

func (f *lateFuture) Deferred(outer *frame.Unwind) { f.outer = outer }

func (f *lateFuture) Poll(cx *future.Context) future.Poll {
	if f.yield.Poll(cx) == future.Pending {
		return future.Pending
	}
	fmt.Println("recovered:", f.outer.Recover())
	return future.Ready
}

type panicFuture struct {
	unwind frame.Unwind
	late   lateFuture
}

func (f *panicFuture) Poll(cx *future.Context) future.Poll {
	if !f.unwind.Exiting() && f.body(cx) == frame.Suspended {
		return future.Pending
	}
	return f.unwind.Run(cx)
}

func (f *panicFuture) body(cx *future.Context) (step frame.Step) {
	defer f.unwind.Catch(cx, &step)
	f.unwind.DeferAsync(&f.late)
	panic("boom")
}

func ExampleDeferred() {
	fmt.Println(future.Block(&panicFuture{}))
	// Output:
	// recovered: boom
	// <nil>
}

func ExamplePolledError() {
	defer func() {
		err, _ := recover().(error)
		polled, ok := errors.AsType[*frame.PolledError](err)
		fmt.Println(ok, polled.Future)
	}()
	frame.Polled("ServeFuture")
	// Output: true ServeFuture
}

func ExampleUnfinishedError() {
	fmt.Println(&frame.UnfinishedError{Deferred: "*app.closeFuture", Polls: 1000})
	// Output: frame: the deferred call of *app.closeFuture was polled 1000 times after runtime.Goexit, as cancelled, and is still not Ready; its frame is abandoned: return instead of calling Goexit
}

// Package frame is the little that compiled functions import beside future and
// pin: deferred calls and recover, Go's own channel operations, and iterations that
// can be left off. It is made for the compiler in package async; nothing else need
// use it.
//
// # Deferred calls
//
// A function with defer statements has an [Unwind] in its frame, and is compiled to
//
//	func (f *F) Poll(cx *future.Context) future.Poll {
//		f.anchor.Check()
//		if f.canceled && !cx.Canceled() {
//			return cx.PollCanceled(f)
//		}
//		if !f.unwind.Exiting() && f.body(cx) == frame.Suspended {
//			return future.Pending
//		}
//		return f.unwind.Run(cx)
//	}
//
//	func (f *F) body(cx *future.Context) (step frame.Step) {
//		defer f.unwind.Catch(cx, &step)
//		... return frame.Suspended ... return frame.Returned
//	}
//
// A panic of the body ends at Catch, as a value. The deferred calls are then made
// one by one, and each is shown the panic in its own way:
//
//	body             Catch           Run                      whoever polls
//	panic(v) ------> recover, v --+
//	                              |  call 2: Raise ---> panic(v)
//	                              |    defer fn()         fn may recover it,
//	                              |    defer Caught() <-- or panic with v2
//	                              +- v or v2 or nothing
//	                              |  call 1: a future, Recover() shows it v2
//	                              |    Pending ............................> later
//	                              +- nothing: Ready; or else panic(v2) ---> v2
//
// A call that does not suspend is deferred once more by a small function of its own
// (see [Unwind.Defer]), which raises the panic anew beneath it: recover is Go's own,
// and works in literals, named functions and method values, and not in what these
// call. For one that suspends recover is compiled to [Unwind.Recover]. The value of
// a panic is never wrapped, on its way through any number of functions; its stack
// travels beside it, see [future.Context.Repanic], and shows in the
// *future.PanicError that a joiner gets.
//
// # runtime.Goexit
//
// A goroutine that is ending cannot be held up until it suits a suspended call. When
// the body or a deferred call calls Goexit, the deferred calls that are left are made
// on the spot, and recover returns nil in them. One that suspends is polled as
// part of a cancelled task until it is Ready, up to a thousand times; if that does
// not do, it is abandoned, and the function panics with an [*UnfinishedError], which
// ends that task only.
//
// # Ranges over functions
//
// A [FuncIter] has the iterator on a goroutine of its own. While the loop's body is under
// way, a panic, or Goexit, passes through the iterator before the deferred calls of the
// function with the loop are made: it happens once more in the iterator's call of yield,
// and what the iterator makes of it goes on from there. A [StepIter] has the same for
// an iterator that is a future. An iterator that defers yield itself has the body
// recover its panic: see [FuncIter.Recover]. One that is a future cannot defer it.
//
// # Channels
//
// [RecvFuture], [SendFuture] and [SelectFuture] try at once, in a cancelled task, too:
// giving back a place in a channel of places must not fail. If that would block, a
// pooled goroutine performs the very operation. A cancel withdraws it, unless it has
// happened: what it obtained is the result then. An operation that has withdrawn has
// no result, and there is no error in the function's source that could say so.
// Therefore its poll panics with [future.ErrCanceled], the deferred calls are made,
// and the task ends quietly; see [future.Context.Withdraw]. A recover in such a task
// sees ErrCanceled.
//
// # What is not guaranteed
//
//   - runtime.Callers and the like see other frames than in the blocking form.
//   - A panic with nil is told from Goexit by its *runtime.PanicNilError; with
//     GODEBUG=panicnil=1 it is taken for Goexit.
//   - A panic of a deferred call with a value equal to that of the panic before is
//     reported with the earlier one's stack.
package frame

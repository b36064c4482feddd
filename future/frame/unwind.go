package frame

import (
	"fmt"
	"runtime/debug"

	"github.com/pinion-go/pinion/future"
)

// Step is how the body of a function has left off.
type Step uint8

// The zero Step is that of a body that panicked, or called runtime.Goexit.
const (
	Suspended Step = 1 // at a suspension point: poll again
	Returned  Step = 2 // at a return statement or the closing brace
)

// Unwind is what a function with defer statements keeps in its frame: the calls that
// it has deferred, and how it is being left. The zero Unwind is ready. It must stay
// where it is from the first defer statement on, and belongs to the goroutine that
// polls.
//
// See the package's comment for the code around it.
type Unwind struct {
	first   func(*Unwind) // the first deferred call, when it does not suspend: most functions have one only
	rest    *rest         // nil until it is needed
	exiting bool
}

// rest is what few functions need.
type rest struct {
	calls []deferred // after first, in the order of their defer statements
	began bool       // the last of calls is a future and has begun
	loops []looped   // the innermost last

	panicking bool   // value is that of the current panic
	recovered bool   // by the future that has begun, and ends when that is Ready
	value     any    // as it was given to panic
	stack     []byte // of the panic when it began
}

// deferred is a deferred call: one of the two is set.
type deferred struct {
	call   func(*Unwind)
	future future.Future
}

// Deferred is the future of a function that calls recover. When such a call is
// deferred, the future is told before its first poll whose deferred call it is; see
// [Unwind.Recover].
type Deferred interface {
	Deferred(outer *Unwind)
}

// Exiting reports whether the body is over: what is left are the deferred calls.
func (u *Unwind) Exiting() bool { return u.exiting }

// Reset makes u ready for another call of its function, which must have ended.
func (u *Unwind) Reset() { *u = Unwind{} }

// Defer defers a call that does not suspend. call is
//
//	func(u *frame.Unwind) { defer u.Caught(); defer fn(args...); u.Raise() }
//
// where fn and args were evaluated by the defer statement. So fn is called by Go
// itself as a deferred function, in a panic if there is one, and recover in it is
// Go's own.
func (u *Unwind) Defer(call func(u *Unwind)) {
	if u.first == nil && u.rest == nil {
		u.first = call
		return
	}
	r := u.more()
	r.calls = append(r.calls, deferred{call: call})
}

// DeferAsync defers a call that is itself a future. d must be fresh, and stay where
// it is.
func (u *Unwind) DeferAsync(d future.Future) {
	r := u.more()
	r.calls = append(r.calls, deferred{future: d})
}

func (u *Unwind) more() *rest {
	if u.rest == nil {
		u.rest = new(rest)
	}
	return u.rest
}

// Catch must be deferred by the body, directly: it recovers the body's panic, for
// Run to go on from. If the body calls runtime.Goexit, the deferred calls are made
// by Catch, see the package's comment.
func (u *Unwind) Catch(cx *future.Context, step *Step) {
	if *step != 0 {
		u.exiting = *step == Returned
		return
	}
	u.exiting = true
	v := recover()
	if v == nil {
		u.exit(cx)
		return
	}
	if u.panicked(cx, v) {
		u.exit(cx)
	}
}

// Run makes the deferred calls that are left, the last one first, once the body is
// over. It returns Pending when one of them suspends, and is then called again. It
// returns Ready when all were made, or panics with what they have left of the
// panics of the body and of each other.
func (u *Unwind) Run(cx *future.Context) future.Poll {
	if u.first == nil && u.rest == nil {
		return future.Ready
	}
	if u.run(cx, false) == future.Pending {
		return future.Pending
	}
	u.raise(cx, false)
	return future.Ready
}

// exit makes the deferred calls that are left, here and now, since the goroutine is
// about to end.
func (u *Unwind) exit(cx *future.Context) {
	u.run(cx, true)
	u.raise(cx, true)
}

// raise throws the current panic at whoever called the function.
func (u *Unwind) raise(cx *future.Context, exiting bool) {
	r := u.rest
	u.rest = nil
	if r != nil && r.panicking {
		cx.Repanic(r.value, r.stack, exiting)
	}
}

// run makes the deferred calls that are left. It returns Pending when one of them
// suspends, unless the goroutine is exiting.
func (u *Unwind) run(cx *future.Context, exiting bool) future.Poll {
	ended := false
	defer func() {
		if !ended { // one of them has called Goexit
			u.exit(cx)
		}
	}()
	for {
		if u.rest != nil && !u.rest.began {
			u.pass(cx, exiting)
		}
		if r := u.rest; r != nil && len(r.calls) > 0 {
			last := r.calls[len(r.calls)-1]
			if last.future == nil {
				r.pop()
				last.call(u)
			} else if !u.poll(cx, last.future, exiting) {
				ended = true
				return future.Pending
			}
			continue
		}
		call := u.first
		if call == nil {
			ended = true
			return future.Ready
		}
		u.first = nil
		call(u)
	}
}

// poll polls the last deferred call, which is a future. It reports whether that is
// over.
func (u *Unwind) poll(cx *future.Context, d future.Future, exiting bool) (over bool) {
	r := u.rest
	ended := false
	defer func() {
		if ended {
			return
		}
		over = true
		r.pop()
		if v := recover(); v != nil {
			u.panicked(cx, v)
		} else {
			r.calm() // Goexit ends panics, too
		}
	}()
	if !r.began {
		r.began = true
		if r, ok := d.(Deferred); ok {
			r.Deferred(u)
		}
	}
	p := future.Pending
	if !exiting {
		p = d.Poll(cx)
	} else if p = cx.PollToEnd(d, pollsToEnd); p == future.Pending {
		r.pop()
		r.replace(&UnfinishedError{Deferred: fmt.Sprintf("%T", d), Polls: pollsToEnd}, debug.Stack())
		ended = true
		return true
	}
	ended = true
	if p == future.Pending {
		return false
	}
	r.pop()
	if r.recovered {
		r.calm()
	}
	return true
}

// panicked notes a panic that was just recovered as the current one. It reports
// whether the goroutine is about to end all the same.
func (u *Unwind) panicked(cx *future.Context, v any) (exiting bool) {
	r := u.more()
	if v == future.ErrCanceled && cx.Canceled() {
		r.replace(v, nil) // the way in which operations withdraw: nobody will want a stack
		return false
	}
	stack, exiting := cx.PanicStack()
	r.replace(v, stack)
	return exiting
}

func (r *rest) pop() {
	n := len(r.calls) - 1
	r.calls[n] = deferred{}
	r.calls, r.began = r.calls[:n], false
}

func (r *rest) replace(v any, stack []byte) {
	r.panicking, r.recovered, r.value, r.stack = true, false, v, stack
}

// calm ends the current panic if there is one.
func (r *rest) calm() {
	r.panicking, r.recovered, r.value, r.stack = false, false, nil, nil
}

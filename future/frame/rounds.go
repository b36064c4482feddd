package frame

import (
	"runtime"

	"github.com/pinion-go/pinion/future"
)

// rounds is the part of an iteration that does not depend on its values.
type rounds struct {
	unwind  *Unwind
	turn    chan struct{} // handed over when it is the other's turn
	loop    func()        // the range statement, with rounds as its body
	started bool

	cx     *future.Context // of the poll that waits
	answer answer          // to the iterator
	came   came            // from it
	value  any             // of a panic, in either direction, or what recover has returned
	stack  []byte          // of it
	exits  bool            // the panic began in a goroutine that was exiting
}

// answer says how the body has ended.
type answer uint8

const (
	goOn     answer = iota // at its end, or by continue
	leave                  // for good
	panics                 // with value; if exits is set, while the goroutine was exiting
	exits                  // by runtime.Goexit
	recovers               // not yet: it calls recover
)

// came says what the iterator has done.
type came uint8

const (
	exited  came = iota // called runtime.Goexit
	yielded             // called yield
	returned
	panicked // with value; if exits is set, while the goroutine was exiting
)

// round is the body, or what follows a recover in it, on the iterator's goroutine. It
// reports whether the body wants to recover: only the body of Go's own loop can, as it
// is the function that the iterator has called, or deferred. That keeps the value, and
// the next round is about the rest of the body. The last round's answer is goOn or leave.
func (r *rounds) round() (recovering bool) {
	r.came = yielded
	r.turn <- struct{}{}
	<-r.turn
	r.came = exited
	switch r.answer {
	case panics:
		throw(r.cx, r.value, r.stack, r.exits)
	case exits:
		runtime.Goexit()
	}
	return r.answer == recovers
}

// run is the iterator's goroutine.
func (r *rounds) run() {
	defer func() { r.turn <- struct{}{} }()
	r.guarded()
	r.exits = false
}

// guarded does not return when the goroutine is exiting, whatever it recovers.
func (r *rounds) guarded() {
	defer func() {
		r.exits = true
		if v := recover(); v != nil {
			r.came, r.value = panicked, v
			r.stack, _ = r.cx.PanicStack()
		}
	}()
	r.came = exited
	r.loop()
	r.came = returned
}

// throw panics, in a goroutine that is about to end if exiting is set.
func throw(cx *future.Context, v any, stack []byte, exiting bool) {
	if exiting {
		defer cx.Repanic(v, stack, true)
		runtime.Goexit()
	}
	cx.Repanic(v, stack, false)
}

// resume gives the iterator its turn, and returns when it has done something. It is
// over then unless that is yielded.
func (r *rounds) resume(cx *future.Context, a answer) came {
	r.cx, r.answer = cx, a
	if r.started {
		r.turn <- struct{}{}
	} else {
		r.started = true
		cx.Beside(r.run)
	}
	<-r.turn
	r.cx = nil
	return r.came
}

// step is resume for a body that has ended in order. It reports whether there is
// another value; the iterator's panics and exits are the caller's.
func (r *rounds) step(cx *future.Context, a answer) bool {
	if r.started {
		r.unwind.leave()
	}
	switch r.resume(cx, a) {
	case yielded:
		r.unwind.enter(r)
		return true
	case panicked:
		throw(cx, r.value, r.stack, r.exits)
	case exited:
		runtime.Goexit()
	}
	return false
}

// recover is recover() in the body.
func (r *rounds) recover(cx *future.Context) (v any) {
	r.resume(cx, recovers)
	v, r.value = r.value, nil
	return v
}

// through passes what the body is left by through the iterator, on its goroutine.
func (r *rounds) through(u *Unwind, cx *future.Context, exiting bool) (later bool) {
	m := u.rest
	a := exits
	if m.panicking {
		a, r.value, r.stack, r.exits = panics, m.value, m.stack, exiting
	}
	if r.resume(cx, a) == panicked {
		m.replace(r.value, r.stack)
	} else {
		m.calm()
	}
	if r.exits && !exiting {
		runtime.Goexit() // as the iterator has done
	}
	return false
}

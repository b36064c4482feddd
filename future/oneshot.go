package future

import (
	"errors"
	"sync"
)

// ErrSent is returned for a second value sent into a [Oneshot].
var ErrSent = errors.New("future: a Oneshot carries one value and has had it; use a Chan for more")

// Oneshot carries one value from a sender to a receiver, either a task or a
// goroutine. The sender calls Send, or else Close to give up; the receiver Recv.
// The receiver, too, may Close when it is no longer interested.
//
// The zero Oneshot is ready for use, for instance as a field of the receiver's
// pinned future. It must not be copied after its first use. A future that holds
// the sender's end calls Close in its Drop, so that the receiver never waits for a
// sender that is gone.
//
// The value stays in the Oneshot until the receiver is polled and takes it. If
// several wait to receive, one has the value and the others ErrClosed.
//
// All methods may be called from any goroutine; Recv only outside of polls.
type Oneshot[T any] struct {
	mu     sync.Mutex // protects the following
	q      waitQueue  // receivers
	value  T
	has    bool // value is there, to be taken
	sent   bool // it was, some time
	closed bool
	told   bool // that there is nothing to take any more: all who wait in q
}

// Send sends v. The error is nil, or a [*SendError] that hands v back: with
// [ErrSent] if there was a Send before, or with [ErrClosed]. It never waits.
func (o *Oneshot[T]) Send(v T) error { return o.send(v, nil) }

// SendCx is [Oneshot.Send] within a poll: waking a receiver on the same loop is
// cheaper.
func (o *Oneshot[T]) SendCx(cx *Context, v T) error { return o.send(v, cx.loop) }

func (o *Oneshot[T]) send(v T, l *Loop) error {
	o.mu.Lock()
	defer o.q.unlock(&o.mu)
	switch {
	case o.sent:
		return sendError(v, ErrSent)
	case o.closed:
		return sendError(v, ErrClosed)
	}
	o.value, o.has, o.sent = v, true, true
	o.give(l)
	return nil
}

// Close ends the sending: who waits for a value that was not sent has ErrClosed. A
// value that was sent can still be received. Close after Send, or a second time,
// does nothing.
//
//pinion:noescape
func (o *Oneshot[T]) Close() { o.close(nil) }

// CloseCx is [Oneshot.Close] within a poll: waking a receiver on the same loop is
// cheaper.
//
//pinion:noescape
func (o *Oneshot[T]) CloseCx(cx *Context) { o.close(cx.loop) }

func (o *Oneshot[T]) close(l *Loop) {
	o.mu.Lock()
	defer o.q.unlock(&o.mu)
	o.closed = true
	o.give(l)
}

// ended reports whether there will never be a value to take.
func (o *Oneshot[T]) ended() bool { return !o.has && (o.sent || o.closed) }

// give implements giver.
func (o *Oneshot[T]) give(l *Loop) {
	for o.has && o.q.head != nil && o.q.promised == 0 {
		o.q.choose(l)
	}
	if o.ended() && !o.told {
		o.told = true // once, as in Chan.give
		o.q.wakeAll(l)
	}
}

// take takes the value, which is there.
func (o *Oneshot[T]) take(l *Loop) (v T) {
	var zero T
	v, o.value, o.has = o.value, zero, false
	o.give(l)
	return v
}

// Recv waits for the value. The error is [ErrClosed] if there is none to come, or
// if it was received before, or [ErrBlockedPoll] when Recv would have to wait
// inside a poll: use RecvAsync there.
func (o *Oneshot[T]) Recv() (T, error) {
	if v, err := o.TryRecv(); err != ErrWouldBlock {
		return v, err
	}
	f := o.RecvAsync()
	err := f.block(&f)
	return f.v, err
}

// TryRecv returns the value if it is there and nobody waits for it. The error is
// [ErrWouldBlock] if it is not, or ErrClosed.
func (o *Oneshot[T]) TryRecv() (v T, err error) {
	o.mu.Lock()
	defer o.q.unlock(&o.mu)
	switch {
	case o.spare():
		return o.take(nil), nil
	case o.ended():
		return v, ErrClosed
	}
	return v, ErrWouldBlock
}

// spare reports whether the value is there and was promised to nobody.
func (o *Oneshot[T]) spare() bool { return o.has && o.q.head == nil && o.q.promised == 0 }

// RecvAsync is [Oneshot.Recv] as a future. Its result is the value, or ErrClosed or
// [ErrCanceled].
//
//pinion:noescape
func (o *Oneshot[T]) RecvAsync() OneshotRecvFuture[T] {
	return OneshotRecvFuture[T]{o: o, w: waiter{want: 1}}
}

// OneshotRecvFuture is the future of [Oneshot.RecvAsync].
type OneshotRecvFuture[T any] struct {
	o *Oneshot[T]
	w waiter
	v T
	op
}

// Poll implements [Future].
func (f *OneshotRecvFuture[T]) Poll(cx *Context) Poll {
	if f.over() {
		return Ready
	}
	if !f.enter(cx) {
		return Pending
	}
	f.look(cx)
	return f.leave(cx)
}

func (f *OneshotRecvFuture[T]) look(cx *Context) {
	o := f.o
	o.mu.Lock()
	defer o.q.unlock(&o.mu)
	o.q.init(&o.mu, o)
	switch {
	case f.ends(cx):
		f.w.withdraw(cx)
		f.state = opCanceled
	case f.w.state == waiterChosen || o.spare():
		f.w.done(cx)
		f.v = o.take(cx.loop)
		f.state = opDone
	case o.ended():
		f.w.withdraw(cx)
		f.state = opClosed
	default:
		o.q.wait(cx, &f.w)
	}
}

// Result returns the value, or the reason why there is none.
func (f *OneshotRecvFuture[T]) Result() (T, error) { return f.v, f.err() }

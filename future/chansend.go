package future

import (
	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// Send sends v, and waits for as long as there is no room for it. It returns nil
// once the channel holds the value or a receiver has it; otherwise the error is a
// [*SendError] that hands v back: with [ErrClosed], or with [ErrBlockedPoll] when
// it would have to wait inside a poll. Use SendAsync there.
func (c *Chan[T]) Send(v T) error {
	if err := c.send(v, nil); err != ErrWouldBlock {
		return sendError(v, err)
	}
	f := c.SendAsync(v)
	return sendError(v, f.block(&f))
}

// SendAsync is [Chan.Send] as a future. Its result is nil, or a *SendError with
// ErrClosed or [ErrCanceled].
func (c *Chan[T]) SendAsync(v T) ChanSendFuture[T] {
	return ChanSendFuture[T]{c: c, s: sender[T]{value: v}}
}

// TrySend sends v if the channel has room for it; if not, it returns
// [ErrWouldBlock] or [ErrClosed]. A channel of capacity 0 never has room: its values
// wait in the senders' futures, and TrySend has none.
func (c *Chan[T]) TrySend(v T) error { return c.send(v, nil) }

// TrySendCx is [Chan.TrySend] within a poll: waking a receiver on the same loop is
// cheaper.
func (c *Chan[T]) TrySendCx(cx *Context, v T) error { return c.send(v, cx.loop) }

func sendError[T any](v T, err error) error {
	if err == nil {
		return nil
	}
	return &SendError[T]{v, err}
}

// send puts v into the channel if there is room.
func (c *Chan[T]) send(v T, l *Loop) error {
	c.mu.Lock()
	defer c.q.unlock(&c.mu)
	switch {
	case c.closed:
		return ErrClosed
	case c.n == len(c.buf): // senders wait only when it is full
		return ErrWouldBlock
	}
	c.put(v)
	c.give(l)
	return nil
}

// ChanSendFuture is the future of [Chan.SendAsync].
type ChanSendFuture[T any] struct {
	c *Chan[T]
	s sender[T]
	op
}

// Poll implements [Future].
func (f *ChanSendFuture[T]) Poll(cx *Context) Poll {
	if f.over() {
		return Ready
	}
	if !f.enter(cx) {
		return Pending
	}
	f.look(cx)
	return f.leave(cx)
}

func (f *ChanSendFuture[T]) look(cx *Context) {
	c, s := f.c, &f.s
	c.mu.Lock()
	defer c.q.unlock(&c.mu)
	switch s.state {
	case sendTaken:
		cx.unhold(s.waker)
		f.state = opDone
		return
	case sendRefused:
		cx.unhold(s.waker)
		f.state = opClosed
		return
	case sendQueued:
		s.check(&c.senders)
		if !f.ends(cx) {
			if me := cx.Waker(); s.waker != me {
				cx.unhold(s.waker)
				s.waker = me
				cx.hold(me)
			}
			return
		}
		c.senders.leave(s, sendIdle)
		cx.unhold(s.waker)
		f.state = opCanceled
		return
	}
	switch {
	case f.ends(cx):
		f.state = opCanceled
	case c.closed:
		f.state = opClosed
	case c.n < len(c.buf):
		c.put(s.taken())
		c.give(cx.loop)
		f.state = opDone
	case c.q.mu == nil:
		panic(notMade)
	default:
		s.waker = cx.Waker()
		cx.hold(s.waker)
		c.senders.push(s)
		c.give(cx.loop)
	}
}

// Result returns nil if the value was sent, or a *SendError that hands it back.
func (f *ChanSendFuture[T]) Result() error { return sendError(f.s.value, f.err()) }

// sender is a value that waits for room, inside the future that sends it.
type sender[T any] struct {
	next, prev *sender[T]
	value      T
	waker      Waker
	state      sendState // protected by the channel's mutex
}

type sendState uint8

const (
	sendIdle    sendState = iota // not in the list
	sendQueued                   // in the list
	sendTaken                    // its value was taken
	sendRefused                  // the channel was closed
)

// taken takes the value out.
func (s *sender[T]) taken() (v T) {
	var zero T
	v, s.value = s.value, zero
	return v
}

// check panics with a [pin.MovedError] if s is a copy of a sender in the list.
func (s *sender[T]) check(q *sendList[T]) {
	original := q.head
	if s.prev != nil {
		original = s.prev.next
	}
	if original != s {
		panic(&pin.MovedError{Pinned: unsafeptr.Addr(original), Now: unsafeptr.Addr(s)})
	}
}

// sendList is the senders that wait, first come first. Unlike a waitQueue it holds
// what is waited with, and nobody owes an answer: a value that is in it is received
// whether or not its sender is polled.
type sendList[T any] struct {
	head, tail *sender[T]
	n          int
}

func (q *sendList[T]) push(s *sender[T]) {
	s.prev, s.next, s.state = q.tail, nil, sendQueued
	if q.tail != nil {
		q.tail.next = s
	} else {
		q.head = s
	}
	q.tail = s
	q.n++
}

// leave takes s out and says why.
func (q *sendList[T]) leave(s *sender[T], why sendState) {
	if s.prev != nil {
		s.prev.next = s.next
	} else {
		q.head = s.next
	}
	if s.next != nil {
		s.next.prev = s.prev
	} else {
		q.tail = s.prev
	}
	s.next, s.prev, s.state = nil, nil, why
	q.n--
}

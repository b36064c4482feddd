package future

import (
	"fmt"
	"sync"
)

// Chan carries values from any number of senders to any number of receivers, tasks
// and goroutines alike, each value to one of them, in the order in which they were
// sent. It holds up to Cap values that nobody has received; a sender that finds no
// room waits, and its value waits inside its future. With a capacity of 0 every
// sender waits until its value has been received: a rendezvous.
//
// A value is never in limbo: it is in the channel, or in the sender's pinned future,
// until a receiver that is being polled takes it. A send that fails hands its value
// back in a [*SendError]. A receiver that was chosen for a value and is cancelled or
// no longer polled leaves it to the next one.
//
// Senders and receivers are served first come, first served; TrySend and TryRecv
// do not overtake. Not guaranteed: that a value offered by a task that panicked
// meanwhile is not received, and that a receiver on a [Loop] which is no longer
// stepped does not keep a value waiting.
//
// Make one with [NewChan]. All methods may be called from any goroutine; Send and
// Recv only outside of polls.
type Chan[T any] struct {
	mu      sync.Mutex // protects the following
	buf     []T        // a ring, of Cap elements
	first   int        // of the values in buf
	n       int
	senders sendList[T] // with values for which there is no room
	q       waitQueue   // receivers
	closed  bool        // and senders is empty
	told    bool        // that it is closed and has no values: all who wait in q
}

// NewChan returns a channel that holds up to capacity values. It panics if capacity
// is negative.
func NewChan[T any](capacity int) *Chan[T] {
	if capacity < 0 {
		panic(fmt.Sprintf("future: NewChan(%d): a capacity is 0 or more", capacity))
	}
	c := &Chan[T]{buf: make([]T, capacity)}
	c.q.init(&c.mu, c)
	return c
}

// Len returns the number of values that the channel holds. Values of senders that
// wait are not in it.
func (c *Chan[T]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// Cap returns the capacity.
func (c *Chan[T]) Cap() int { return len(c.buf) }

// Close ends the sending: senders that wait, and those to come, have their values
// handed back with [ErrClosed]. The values that the channel holds can still be
// received. Close of a closed channel does nothing.
//
//pinion:noescape
func (c *Chan[T]) Close() { c.close(nil) }

// CloseCx is [Chan.Close] within a poll: waking waiters on the same loop is cheaper.
//
//pinion:noescape
func (c *Chan[T]) CloseCx(cx *Context) { c.close(cx.loop) }

func (c *Chan[T]) close(l *Loop) {
	c.mu.Lock()
	defer c.q.unlock(&c.mu)
	c.closed = true
	for s := c.senders.head; s != nil; s = c.senders.head {
		c.senders.leave(s, sendRefused)
		c.q.tell(s.waker, sigWake, l)
	}
	c.give(l)
}

// values returns how many values can be received.
func (c *Chan[T]) values() int { return c.n + c.senders.n }

// give implements giver: it chooses a receiver for each value, and tells those who
// wait for nothing any more.
func (c *Chan[T]) give(l *Loop) {
	for c.q.head != nil && c.values() > c.q.promised {
		c.q.choose(l)
	}
	if c.closed && !c.told && c.values() == 0 {
		// Once: it stays so, nobody queues up any more, and each of those who were
		// told comes here again as it leaves.
		c.told = true
		c.q.wakeAll(l)
	}
}

// index returns where the i-th value is, or will be; i <= len(buf). A division would
// cost more than the rest.
func (c *Chan[T]) index(i int) int {
	i += c.first
	if i >= len(c.buf) {
		i -= len(c.buf)
	}
	return i
}

// put appends v, for which there is room.
func (c *Chan[T]) put(v T) {
	c.buf[c.index(c.n)] = v
	c.n++
}

// take removes the oldest value, of which there is one. The next value of a sender
// that waits moves up.
func (c *Chan[T]) take(l *Loop) (v T) {
	if c.n > 0 {
		var zero T
		v, c.buf[c.first] = c.buf[c.first], zero
		c.first = c.index(1)
		c.n--
	}
	if s := c.senders.head; s != nil {
		if len(c.buf) > 0 {
			c.put(s.taken())
		} else {
			v = s.taken()
		}
		c.senders.leave(s, sendTaken)
		c.q.tell(s.waker, sigWake, l)
	}
	if c.closed {
		c.give(l) // the last value may have gone
	}
	return v
}

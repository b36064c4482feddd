package future

import (
	"fmt"
	"sync"
)

// Broadcast carries values to all who subscribe. It keeps the last values sent, as
// many as its capacity; sending never waits. A receiver that falls back further is
// told by a [*LaggedError] how many values it has missed, and goes on with the
// oldest that is kept.
//
// Make one with [NewBroadcast]. All methods may be called from any goroutine. The
// design is that of tokio's broadcast channel.
type Broadcast[T any] struct {
	mu     sync.Mutex // protects the following, and the receivers' next
	ring   []T        // value i is at i modulo its length
	sent   uint64     // values so far
	closed bool
	q      waitQueue // receivers
}

// NewBroadcast returns a broadcast that keeps the last capacity values. It panics if
// capacity is less than 1.
func NewBroadcast[T any](capacity int) *Broadcast[T] {
	if capacity < 1 {
		panic(fmt.Sprintf("future: NewBroadcast(%d): a capacity is 1 or more, since a value is kept until the receivers come for it", capacity))
	}
	b := &Broadcast[T]{ring: make([]T, capacity)}
	b.q.init(&b.mu, b)
	return b
}

// Cap returns the capacity.
func (b *Broadcast[T]) Cap() int { return len(b.ring) }

// Send sends v to all receivers. It returns nil, or [ErrClosed].
func (b *Broadcast[T]) Send(v T) error { return b.send(v, nil) }

// SendCx is [Broadcast.Send] within a poll: waking receivers on the same loop is
// cheaper.
func (b *Broadcast[T]) SendCx(cx *Context, v T) error { return b.send(v, cx.loop) }

func (b *Broadcast[T]) send(v T, l *Loop) error {
	b.mu.Lock()
	defer b.q.unlock(&b.mu)
	if b.closed {
		return ErrClosed
	}
	if len(b.ring) == 0 {
		panic(notMade)
	}
	b.ring[b.sent%uint64(len(b.ring))] = v
	b.sent++
	b.q.wakeAll(l)
	return nil
}

// Close ends the sending. Receivers have the values that are kept, and then
// [ErrClosed]. Close of a closed broadcast does nothing.
func (b *Broadcast[T]) Close() { b.close(nil) }

// CloseCx is [Broadcast.Close] within a poll: waking receivers on the same loop is
// cheaper.
//
//pinion:noescape
func (b *Broadcast[T]) CloseCx(cx *Context) { b.close(cx.loop) }

func (b *Broadcast[T]) close(l *Loop) {
	b.mu.Lock()
	defer b.q.unlock(&b.mu)
	b.closed = true
	b.q.wakeAll(l)
}

// give implements giver: what is sent is there for everybody, and was promised to
// nobody.
func (b *Broadcast[T]) give(*Loop) {}

// Subscribe returns a receiver of the values sent from now on. It need not be
// closed.
func (b *Broadcast[T]) Subscribe() *BroadcastReceiver[T] {
	b.mu.Lock()
	defer b.mu.Unlock()
	return &BroadcastReceiver[T]{b: b, next: b.sent}
}

// LaggedError says that a receiver of a [Broadcast] was too slow: values that it had
// not received were overwritten. It goes on with the oldest that is kept.
type LaggedError struct {
	Missed   uint64 // values
	Capacity int    // of the broadcast
}

func (e *LaggedError) Error() string {
	return fmt.Sprintf("future: the receiver lags behind and has missed %d values; receive faster, or give the Broadcast more than its capacity of %d", e.Missed, e.Capacity)
}

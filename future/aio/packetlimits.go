package aio

import (
	"time"

	"github.com/pinion-go/pinion/future"
)

// SetDeadline sets both deadlines. It implements [net.PacketConn].
func (c *PacketConn) SetDeadline(t time.Time) error { return c.limit(nil, t, true, true) }

// SetDeadlineCx is [PacketConn.SetDeadline] within a poll, for a socket that belongs to the
// loop or that was not used yet.
//
//pinion:noescape
func (c *PacketConn) SetDeadlineCx(cx *future.Context, t time.Time) error {
	return c.limit(cx, t, true, true)
}

// SetReadDeadline sets the time after which ReadFrom, also one that waits, ends with
// [os.ErrDeadlineExceeded]. The zero time is none.
func (c *PacketConn) SetReadDeadline(t time.Time) error { return c.limit(nil, t, true, false) }

// SetReadDeadlineCx is to [PacketConn.SetReadDeadline] as [PacketConn.SetDeadlineCx] to
// SetDeadline.
//
//pinion:noescape
func (c *PacketConn) SetReadDeadlineCx(cx *future.Context, t time.Time) error {
	return c.limit(cx, t, true, false)
}

// SetWriteDeadline is [PacketConn.SetReadDeadline] for WriteTo.
func (c *PacketConn) SetWriteDeadline(t time.Time) error { return c.limit(nil, t, false, true) }

// SetWriteDeadlineCx is to [PacketConn.SetWriteDeadline] as [PacketConn.SetDeadlineCx] to
// SetDeadline.
//
//pinion:noescape
func (c *PacketConn) SetWriteDeadlineCx(cx *future.Context, t time.Time) error {
	return c.limit(cx, t, false, true)
}

func (c *PacketConn) limit(cx *future.Context, t time.Time, read, write bool) error {
	here := engineIn(cx)
	e := c.on(here)
	if c.closed.Load() || e == nowhere {
		return endClosed.err("set", "", c.addr, nil)
	}
	if e == here {
		c.limitHere(e, t, read, write)
		return nil
	}
	t = timeFor(e, cx, t)
	e.loop.Do(func(l *future.Loop) {
		if l != nil {
			c.limitHere(e, t, read, write)
		}
	})
	return nil
}

func (c *PacketConn) limitHere(e *engine, t time.Time, read, write bool) {
	if c.closed.Load() {
		return
	}
	if c.limits == nil {
		if t.IsZero() {
			return
		}
		c.limits = newLimits(func() { c.enforce(e) })
	}
	if read {
		c.limits.read.set(e, t)
	}
	if write {
		c.limits.write.set(e, t)
	}
	c.enforce(e)
}

func (c *PacketConn) enforce(e *engine) {
	if c.limits.read.over {
		c.readers.wake(e)
	}
	if c.limits.write.over {
		c.hurry(e)
	}
}

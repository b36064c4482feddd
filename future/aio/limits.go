package aio

import (
	"time"

	"github.com/pinion-go/pinion/future"
)

// limits are the deadlines of a connection. They belong to the engine's loop, which has them
// apart, since most connections have none: what is to be looked at in each Read and Write
// is in the connection's flags.
type limits struct{ read, write limit }

type limit struct {
	alarm  future.Alarm
	over   bool // it has passed
	passed func()
}

// newLimits returns those of a connection whose waiting operations are told by enforce.
func newLimits(enforce func()) *limits {
	l := new(limits)
	l.read.passed = func() { l.read.over = true; enforce() }
	l.write.passed = func() { l.write.over = true; enforce() }
	return l
}

func (l *limits) stop() {
	if l != nil {
		l.read.alarm.Stop()
		l.write.alarm.Stop()
	}
}

// set begins a new deadline, none for the zero time.
func (l *limit) set(e *engine, t time.Time) {
	l.alarm.Stop()
	l.over = false
	if t.IsZero() {
		return
	}
	when := e.loop.At(t)
	if l.over = when <= e.loop.Now(); l.over {
		return
	}
	l.alarm.Set(e.loop, when, l.passed)
}

// unlimit forgets the deadlines of a connection that is closed.
func (c *Conn) unlimit(e *engine) {
	if c.flags&connLimited == 0 {
		return
	}
	e.limits[c].stop()
	delete(e.limits, c)
	c.flags &^= connLimited | connReadOver | connWriteOver
}

// SetDeadline sets both deadlines. It implements [net.Conn].
func (c *Conn) SetDeadline(t time.Time) error { return c.limit(nil, t, true, true) }

// SetDeadlineCx is [Conn.SetDeadline] within a poll, for a connection that belongs to the
// loop or that was not used yet.
//
//pinion:noescape
func (c *Conn) SetDeadlineCx(cx *future.Context, t time.Time) error {
	return c.limit(cx, t, true, true)
}

// SetReadDeadline sets the time after which Read and Next, also those under way, end with
// [os.ErrDeadlineExceeded]. The zero time is none.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.limit(nil, t, true, false) }

// SetReadDeadlineCx is to [Conn.SetReadDeadline] as [Conn.SetDeadlineCx] to SetDeadline.
//
//pinion:noescape
func (c *Conn) SetReadDeadlineCx(cx *future.Context, t time.Time) error {
	return c.limit(cx, t, true, false)
}

// SetWriteDeadline is [Conn.SetReadDeadline] for Write, which returns how much was sent.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.limit(nil, t, false, true) }

// SetWriteDeadlineCx is to [Conn.SetWriteDeadline] as [Conn.SetDeadlineCx] to SetDeadline.
//
//pinion:noescape
func (c *Conn) SetWriteDeadlineCx(cx *future.Context, t time.Time) error {
	return c.limit(cx, t, false, true)
}

// limit sets deadlines; cx is of the calling poll, or nil.
func (c *Conn) limit(cx *future.Context, t time.Time, read, write bool) error {
	here := engineIn(cx)
	e := c.on(here)
	if c.closed.Load() || e == nowhere {
		return c.err(endClosed, "set", "")
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

func (c *Conn) limitHere(e *engine, t time.Time, read, write bool) {
	if c.closed.Load() {
		return
	}
	l := e.limits[c]
	if l == nil {
		if t.IsZero() {
			return
		}
		l = newLimits(func() { c.enforce(e) })
		if e.limits == nil {
			e.limits = make(map[*Conn]*limits)
		}
		e.limits[c] = l
		c.flags |= connLimited
	}
	if read {
		l.read.set(e, t)
	}
	if write {
		l.write.set(e, t)
	}
	c.enforce(e)
}

// enforce ends those for whom the time is over.
func (c *Conn) enforce(e *engine) {
	l := e.limits[c]
	c.flags &^= connReadOver | connWriteOver
	if l.read.over {
		c.flags |= connReadOver
		c.readers.wake(e)
	}
	if l.write.over {
		c.flags |= connWriteOver
		e.cancelAt(c.send)
		c.refuse(e, endDeadline)
	}
}

// engineIn is engineOf for a poll that there may not be.
func engineIn(cx *future.Context) *engine {
	if cx == nil {
		return nil
	}
	return engineOf(cx)
}

// timeFor returns what t, of a poll of another loop than that of e, is for e.
func timeFor(e *engine, cx *future.Context, t time.Time) time.Time {
	if cx == nil || e.sim != nil && engineOf(cx) != nil && engineOf(cx).sim == e.sim {
		return t // it is of the same clock, if it is of a clock
	}
	return cx.Loop().Elsewhere(t)
}

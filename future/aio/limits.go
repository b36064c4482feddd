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
	timer *time.Timer
	gen   int  // of the deadline: a timer of an earlier one is ignored
	over  bool // it has passed
}

func (l *limits) stop() {
	if l != nil {
		l.read.set(time.Time{}, nil)
		l.write.set(time.Time{}, nil)
	}
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

// set begins a new deadline, none for the zero time. When it is reached, passed is called on
// a goroutine of its own.
func (l *limit) set(t time.Time, passed func(gen int)) {
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	l.gen++
	l.over = false
	if t.IsZero() {
		return
	}
	d := time.Until(t)
	if d <= 0 {
		l.over = true
		return
	}
	gen := l.gen
	l.timer = time.AfterFunc(d, func() { passed(gen) })
}

// SetDeadline sets both deadlines. It implements [net.Conn].
func (c *Conn) SetDeadline(t time.Time) error { return c.limit(nil, t, true, true) }

// SetDeadlineCx is [Conn.SetDeadline] within a poll, for a connection that belongs to the
// loop or that was not used yet.
//
//pinion:noescape
func (c *Conn) SetDeadlineCx(cx *future.Context, t time.Time) error {
	return c.limit(engineOf(cx), t, true, true)
}

// SetReadDeadline sets the time after which Read and Next, also those under way, end with
// [os.ErrDeadlineExceeded]. The zero time is none.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.limit(nil, t, true, false) }

// SetReadDeadlineCx is to [Conn.SetReadDeadline] as [Conn.SetDeadlineCx] to SetDeadline.
//
//pinion:noescape
func (c *Conn) SetReadDeadlineCx(cx *future.Context, t time.Time) error {
	return c.limit(engineOf(cx), t, true, false)
}

// SetWriteDeadline is [Conn.SetReadDeadline] for Write, which returns how much was sent.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.limit(nil, t, false, true) }

// SetWriteDeadlineCx is to [Conn.SetWriteDeadline] as [Conn.SetDeadlineCx] to SetDeadline.
//
//pinion:noescape
func (c *Conn) SetWriteDeadlineCx(cx *future.Context, t time.Time) error {
	return c.limit(engineOf(cx), t, false, true)
}

// limit sets deadlines; here is the engine of the calling poll, or nil.
func (c *Conn) limit(here *engine, t time.Time, read, write bool) error {
	e := c.on(here)
	if c.closed.Load() || e == nowhere {
		return c.err(endClosed, "set", "")
	}
	if e == here {
		c.limitHere(e, t, read, write)
		return nil
	}
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
		l = new(limits)
		if e.limits == nil {
			e.limits = make(map[*Conn]*limits)
		}
		e.limits[c] = l
		c.flags |= connLimited
	}
	if read {
		l.read.set(t, func(gen int) { c.passed(e, &l.read, gen) })
	}
	if write {
		l.write.set(t, func(gen int) { c.passed(e, &l.write, gen) })
	}
	c.enforce(e)
}

// passed is called by the timer of a deadline.
func (c *Conn) passed(e *engine, l *limit, gen int) {
	e.loop.Do(func(loop *future.Loop) {
		if loop != nil && l.gen == gen {
			l.over = true
			c.enforce(e)
		}
	})
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

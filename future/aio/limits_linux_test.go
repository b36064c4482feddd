package aio

import (
	"testing"
	"time"
)

// TestDeadlinesOfAClosedConnectionAreForgotten: they are in a table of the engine's, which would
// keep the connection alive.
func TestDeadlinesOfAClosedConnectionAreForgotten(t *testing.T) {
	e := newTestEngine(t)
	c, _ := sockets(t, e)
	c.limitHere(e, time.Time{}, true, true)
	if len(e.limits) != 0 {
		t.Error("a connection without deadlines is in the table")
	}
	c.limitHere(e, time.Now().Add(time.Hour), true, false)
	c.limitHere(e, time.Now().Add(-time.Hour), false, true)
	if len(e.limits) != 1 || c.flags&(connReadOver|connWriteOver) != connWriteOver {
		t.Errorf("%d connections have deadlines, and of this one have passed: %b", len(e.limits), c.flags)
	}
	c.limitHere(e, time.Time{}, true, true)
	if c.flags&(connReadOver|connWriteOver) != 0 {
		t.Error("a deadline that was taken back has passed")
	}
	c.limitHere(e, time.Now().Add(time.Hour), true, true)
	c.close(e)
	if _, ok := e.loop.NextTimer(); len(e.limits) != 0 || ok {
		t.Error("a closed connection has deadlines")
	}
	e.until(t, func() bool { return e.ops.live == 0 })
}

package pin

// maxLeaks bounds the list in a LeakError.
const maxLeaks = 32

// close is Arena.Close.
func (c *core) close() error {
	if c.closed {
		return nil
	}
	c.closing = true
	c.stopFast()
	if c.pinned()+c.held+c.busy > 0 {
		return c.leakError()
	}
	c.finish()
	return nil
}

// finish gives up the memory of an arena without values. No handle is live, since
// every generation is even, so there is nothing to advance; off-heap it becomes 0.
func (c *core) finish() {
	c.closing, c.closed = true, true
	c.stopFast()
	c.pins.release()
	for i := range c.chunks {
		if ch := &c.chunks[i]; ch.mapped != nil {
			ch.discard()
		}
	}
	owners.leave(c)
}

func (c *core) leakError() *LeakError {
	e := &LeakError{Type: c.layout.Type.String(), Pinned: c.pinned(), Held: c.held, Busy: c.busy}
	for h, v := range c.slots {
		done := h.gen&1 == 0
		if done && h.holds == 0 {
			continue
		}
		l := Leak{Addr: address(v), Gen: h.gen, Holds: h.holds, Done: done, Where: formatCallers(c.where[h.index])}
		if done {
			l.Gen-- // the generation of the handles
		}
		e.Leaks = append(e.Leaks, l)
		if len(e.Leaks) == maxLeaks {
			break
		}
	}
	return e
}

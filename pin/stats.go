package pin

// Stats are an arena's numbers at one moment.
type Stats struct {
	Pinned  int    // values that are pinned
	Held    int    // values that were released and are not reclaimed, since somebody holds them
	Retired int    // slots that are never used again: their generation is at its end, or Debug found them written to
	Slots   int    // slots for which there is memory
	Guarded int    // of these, slots with pages of their own
	Chunks  int    // objects or mappings that hold the slots
	Bytes   uint64 // size of the chunks; off-heap, what was never used occupies no memory
	OffHeap bool   // whether the chunks really are off-heap
}

// Stats returns the arena's numbers. It takes time linear in the number of chunks.
func (a *Arena[T]) Stats() Stats {
	c := &a.core
	s := Stats{Pinned: c.pinned(), Held: c.held, Retired: c.retired, Chunks: len(c.chunks), OffHeap: c.offHeap}
	for i := range c.chunks {
		ch := &c.chunks[i]
		s.Slots += int(ch.slots)
		if ch.guarded {
			s.Guarded += int(ch.slots)
		}
		if ch.mapped != nil {
			s.Bytes += uint64(len(ch.mapped))
		} else {
			s.Bytes += uint64(ch.slots) * uint64(ch.hstride)
		}
	}
	return s
}

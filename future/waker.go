package future

import "fmt"

// Waker tells whoever polls a future that it is worth polling again.
//
// It is a small comparable value without Go pointers, so that a future that
// stores one is not scanned for its sake. It may be copied, compared, kept for
// ever and used from any goroutine: before, during and after a poll, after its
// task has finished, after the task's memory has been reused and after the
// executor has been shut down. A wake whose task is gone is recognised by the
// generation and does nothing.
//
// Wakes coalesce: any number of wakes between two polls cause one poll. A wake
// during a poll causes another poll after it. No wake is lost.
//
// The zero Waker wakes nobody.
type Waker struct {
	slot, gen, owner uint32
}

// Wake schedules the waker's task for a poll. It may be called from any
// goroutine and never blocks. Within a poll, [Context.Wake] is faster.
func (w Waker) Wake() { w.signal(sigWake) }

// IsZero reports whether w is the zero Waker.
func (w Waker) IsZero() bool { return w == Waker{} }

// String returns the waker's owner, slot and generation, for reports.
func (w Waker) String() string { return fmt.Sprintf("%d/%d@%d", w.owner, w.slot, w.gen) }

func (w Waker) signal(s signals) bool {
	o := ownerOf(w.owner)
	return o != nil && o.signal(w.slot, w.gen, s, nil)
}

// alive reports whether the task or child that w wakes still exists.
func (w Waker) alive() bool {
	o := ownerOf(w.owner)
	if o == nil {
		return false
	}
	h := o.header(w.slot)
	return h != nil && h.gen() == w.gen
}

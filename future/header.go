package future

import "sync/atomic"

// header is what a [Waker] resolves to: one for each task, each child of a set
// and each goroutine inside [Block]. Headers live as long as the process, in
// chunks without Go pointers, so that a waker kept for ever can be recognised
// as stale by looking at it.
//
//	 63          32 31           0
//	+--------------+--------------+
//	| generation   | signals      |  word: any goroutine, atomically
//	+--------------+--------------+
//	| link         | index        |  link: whoever set the first signal, until the loop drains it
//	+-------+------+--------------+
//	| slab  | flags| born         |  everything else: the loop alone
//	+-------+------+--------------+
//	| extra        | holds        |
//	+--------------+--------------+
type header struct {
	word  atomic.Uint64
	link  uint32 // next slot in the inbox
	index uint32 // slot in the slab; position in its set for a child; next free header when free
	slab  uint16 // index into Loop.slabs
	flags flags
	born  uint32 // loop time at the spawn in units of bornUnit; the parent's slot for a child
	extra uint32 // index into Loop.extras, 0 for none, or see flagJoined; into Loop.sets for a child
	holds uint32 // registrations (timers, waiters) of this task that point into its frame
}

// signals are what other goroutines can ask of a task without a lock. The
// goroutine that sets the first one puts the slot into its owner's inbox; the
// loop clears them when it drains the inbox. A header with a signal set is not
// recycled.
type signals uint32

const (
	sigWake    signals = 1 << iota // poll it
	sigCancel                      // ask it to finish
	sigRelease                     // nobody wants the result
	sigGrant                       // a wait queue has chosen one of its waiters, see waitQueue
	sigInbox                       // set with the first of them: it is in the inbox
	sigMask    = sigWake | sigCancel | sigRelease | sigGrant | sigInbox
)

// flags is a task's local state, read and written by its loop alone.
type flags uint16

const (
	flagLive      flags = 1 << iota // the header is in use
	flagQueued                      // it is in the run queue, or in its set's
	flagStarted                     // it has been polled
	flagCanceled                    // it was asked to finish: its context says so
	flagAsk                         // its Cancel method is to be called before the next poll
	flagDone                        // it returned Ready, panicked or ended its goroutine
	flagPoisoned                    // it panicked or ended its goroutine: it is never polled again
	flagDetached                    // reclaimed when done
	flagGranted                     // a wait queue has chosen one of its waiters
	flagChild                       // a child of a set
	flagRoot                        // the future of a Block
	flagRemote                      // the header belongs to the pool for spawns from elsewhere
	flagRetrieved                   // somebody was given its result or its panic
	flagJoined                      // extra is the slot of the one task that waits for this one
	flagValues                      // its extra has values, which its children inherit
	flagRetire                      // reclaimed, but recycled only when its signals are drained
)

func (h *header) gen() uint32 { return uint32(h.word.Load() >> 32) }

// beginPoll is gen, and takes back a wake from elsewhere that has not been drained
// yet: the poll that begins answers it.
func (h *header) beginPoll() uint32 {
	w := h.word.Load()
	if signals(w)&sigWake != 0 {
		h.word.And(^uint64(sigWake))
	}
	return uint32(w >> 32)
}

// advance begins the header's next generation. It reports false, having done nothing,
// while signals are set. The loop alone.
func (h *header) advance() bool {
	w := h.word.Load()
	return signals(w)&sigMask == 0 && h.word.CompareAndSwap(w, w+1<<32)
}

// signal sets s on the header at slot if it still has generation gen, and reports
// whether it had. The loop is roused at once, or if the caller holds the mutex of a queue,
// q, when that is released. It may be called from any goroutine.
func (o *owner) signal(slot, gen uint32, s signals, q *waitQueue) bool {
	h := o.header(slot)
	if h == nil {
		return false
	}
	for {
		w := h.word.Load()
		if uint32(w>>32) != gen {
			return false
		}
		if signals(w)&s == s {
			return true // set and not yet drained: the poll to come is after this wake
		}
		if h.word.CompareAndSwap(w, w|uint64(s|sigInbox)) {
			if signals(w)&sigInbox == 0 {
				o.push(slot, h, q)
			}
			return true
		}
	}
}

package future

import "sync"

// Whoever tells a waiter on a loop that rests has to rouse that loop, and so calls what is not
// this package's: the function of OnWake, or a driver. It must be free to use the primitive, and
// to step the loop, whose tasks then use it; hence it is called when the primitive's mutex has been
// released. Until then the loops are on a list, which takes no memory of its own since each of
// them is on one list at the most.

// rouseLater has o roused when the queue's mutex, which is held, is released. If it is on
// a list already, of another primitive, it will be roused from there: whoever works that list
// off takes o from it first, and what the caller has signalled was there before.
func (q *waitQueue) rouseLater(o *owner) {
	if o.listed.CompareAndSwap(false, true) {
		o.nextRest, q.resting = q.resting, o
	}
}

// unlock releases mu, the queue's mutex, and rouses those who are to be. Every critical section
// in which waiters are told something ends with it.
func (q *waitQueue) unlock(mu *sync.Mutex) {
	if q.resting != nil {
		q.unlockAndRouse(mu)
		return
	}
	mu.Unlock()
}

func (q *waitQueue) unlockAndRouse(mu *sync.Mutex) {
	first := q.resting
	q.resting = nil
	mu.Unlock()
	rouseAll(first)
}

// rouseAll rouses o and those behind it, also when one of the functions called for it panics
// or ends the goroutine.
func rouseAll(o *owner) {
	defer func() {
		if o != nil {
			rouseAll(o)
		}
	}()
	for o != nil {
		now := o
		o, now.nextRest = now.nextRest, nil
		now.listed.Store(false) // before it is roused, see rouseLater
		now.rouse()
	}
}

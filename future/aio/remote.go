package aio

import (
	"sync/atomic"

	"github.com/pinion-go/pinion/future"
)

// A remote is an operation on an engine for a future of another loop, or under Block. It is
// on the heap: the engine's loop does not touch the future's own memory.
//
// What would belong to nobody if the task were gone by then, a descriptor or a buffer, is not
// taken here: the future is told that it is there, and takes it in its poll. Until then it is
// the source's, and whoever comes first has it.
type remote struct {
	w    waiter // the engine's loop alone, until done
	n    int32  // what the result is made of; as w
	s    source
	take func(e *engine) (ok bool) // what to do when the source is ready; false if that is over. nil: the future takes it

	home   *engine
	caller caller      // when it is done, n and w.end are the future's
	begun  bool        // the engine was asked to
	asked  bool        // its cancel was passed on
	ended  atomic.Bool // somebody ends it: the engine, or a cancel that finds no loop while the engine closes
}

// poll begins the operation, passes on a cancel, and reports whether it is over.
func (r *remote) poll(cx *future.Context) bool {
	r.caller.polled(cx)
	switch {
	case !r.begun:
		r.begun = true
		r.do(func(e *engine) {
			e.remotes[&r.w] = r
			if r.take == nil {
				r.s.share()
			}
			r.step(e)
		})
	case cx.Canceled() && !r.asked:
		r.asked = true
		r.do(func(e *engine) {
			if e.remotes[&r.w] == r {
				r.finish(e, endCanceled)
			}
		})
	}
	return r.caller.over(cx)
}

// do has f run on the loop of the engine. If that has ended, so has the operation.
func (r *remote) do(f func(e *engine)) {
	r.home.do(func(l *future.Loop) {
		if l != nil {
			f(r.home)
		} else if !r.ended.Swap(true) {
			r.w.end = r.home.without()
			r.caller.tell()
		}
	})
}

// step tries once.
func (r *remote) step(e *engine) {
	how, ok := r.s.ready(e)
	if !ok {
		if r.w.state == waiterIdle {
			r.s.waiters().add(&r.w)
		}
		return
	}
	r.finish(e, how)
}

func (r *remote) finish(e *engine, how ending) {
	delete(e.remotes, &r.w)
	r.s.waiters().remove(&r.w)
	if r.ended.Swap(true) {
		return // and what there is stays with the source
	}
	if how == endOK && r.take != nil && !r.take(e) {
		r.ended.Store(false) // another loop was quicker; this one has not ended, or says so at once
		e.remotes[&r.w] = r
		r.step(e)
		return
	}
	r.w.end = how
	r.caller.tell()
}

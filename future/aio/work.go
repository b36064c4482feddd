package aio

import "github.com/pinion-go/pinion/future"

// A work is an operation that has ops of its own, one after the other: a read of a file, say.
// It lies in the frame of its future, which is held meanwhile, or on the heap: with a farWork, or apart.
// From its begin until it is over it is the engine's.
type work struct {
	job   job
	next  *work // in a list of its job's
	far   *farWork
	waker future.Waker
	op    key // the op under way, 0 for none
	n     int // bytes done
	end   ending
	state waiterState
	owned bool // the job's buffer is pinned anyway
	apart bool // it is not in the frame of its future, which nobody need hold then
	quits bool // it was cancelled
}

// A job is what a work does. All methods but rest are called on the engine's loop.
type job interface {
	// begin starts the first op or ends the work.
	begin(e *engine, w *work)
	// step is told how the op has ended. It starts the next one or ends the work.
	step(e *engine, w *work, r completion)
	// quit is called when the work was cancelled and has no op under way.
	quit(e *engine, w *work)
	// away returns the same job on the heap, with its work, for an engine of another loop.
	away() (job, *work)
	// memory is the buffer that the ops use.
	memory() []byte
}

// farWork is the side of the caller of a work that another loop's engine does.
type farWork struct {
	home   *engine
	caller caller
	w      *work // the engine's, until done
	asked  bool  // its cancel was passed on
}

// poll is a poll of the future of job j, which is done by home.
func (w *work) poll(cx *future.Context, home *engine, j job) future.Poll {
	switch {
	case w.state == waiterOver:
		return future.Ready
	case w.far != nil:
		return w.pollFar(cx)
	case w.state == waiterListed:
		if cx.Canceled() {
			w.cancel(home)
		} else if me := cx.Waker(); me != w.waker { // it was given to another task
			w.unhold(cx)
			w.hold(cx)
		}
	case !cx.Spend():
		return future.Pending
	case cx.Canceled():
		w.end, w.state = endCanceled, waiterOver // it is not begun
	case home != engineOf(cx):
		return w.send(cx, home, j)
	default:
		m := j.memory()
		w.owned = cx.Owns(m) || home.pool.owns(m)
		w.begin(home, j)
		if w.state == waiterListed {
			w.hold(cx)
		}
	}
	if w.state != waiterOver {
		return future.Pending
	}
	w.unhold(cx)
	w.job = nil
	return w.ended(cx)
}

// hold has the task that polls be told, and the frame held meanwhile.
func (w *work) hold(cx *future.Context) {
	if w.apart {
		w.waker = cx.Waker()
	} else {
		w.waker = cx.Hold()
	}
}

// unhold undoes hold.
func (w *work) unhold(cx *future.Context) {
	if !w.apart && !w.waker.IsZero() {
		cx.Unhold(w.waker)
	}
	w.waker = future.Waker{}
}

// ended ends the poll in which the work is over.
func (w *work) ended(cx *future.Context) future.Poll {
	if w.end == endCanceled {
		cx.Exit()
	}
	return future.Ready
}

func (w *work) begin(e *engine, j job) {
	w.job, w.state = j, waiterListed
	if e.closed {
		w.finish(e, endStopped)
		return
	}
	j.begin(e, w)
}

// start starts the next op. At most one is under way.
func (w *work) start(e *engine, kind opKind, fd int32, buf []byte, off int64) {
	w.op = e.startAt(kind, fd, buf, w.owned, off, w)
}

// completed implements completer.
func (w *work) completed(e *engine, _ key, r completion) {
	if !r.more {
		w.op = 0
		w.job.step(e, w, r)
	}
}

// cancel asks that w end soon.
func (w *work) cancel(e *engine) {
	if w.state != waiterListed || w.quits {
		return
	}
	w.quits = true
	if w.op != 0 {
		e.cancel(w.op)
	} else {
		w.job.quit(e, w)
	}
}

// finish ends w. No op of it is under way.
func (w *work) finish(e *engine, end ending) {
	w.next, w.end, w.state = nil, end, waiterOver
	switch {
	case w.far != nil:
		w.far.caller.tell()
	case !w.waker.IsZero():
		e.loop.Wake(w.waker)
	}
}

// send has the work done by the engine of another loop.
func (w *work) send(cx *future.Context, home *engine, j job) future.Poll {
	aj, aw := j.away()
	f := &farWork{home: home, w: aw}
	f.caller.loose = w.apart
	f.caller.polled(cx)
	aw.far, w.far = f, f
	home.do(func(l *future.Loop) {
		if l == nil {
			aw.finish(home, home.without())
			return
		}
		aw.begin(home, aj)
	})
	return w.pollFar(cx)
}

func (w *work) pollFar(cx *future.Context) future.Poll {
	f := w.far
	f.caller.polled(cx)
	if cx.Canceled() && !f.asked {
		f.asked = true
		f.home.do(func(l *future.Loop) {
			if l != nil {
				f.w.cancel(f.home)
			}
		})
	}
	if !f.caller.over(cx) {
		return future.Pending
	}
	w.n, w.end, w.state, w.far = f.w.n, f.w.end, waiterOver, nil
	return w.ended(cx)
}

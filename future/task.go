package future

// Task is a handle for a future that was spawned. It is a small comparable value
// that may be copied and used from any goroutine. Release ends all copies: from
// then on they are recognised as stale.
type Task[F any] struct {
	_ [0]*F
	w Waker
}

// Waker returns the task's waker.
func (t Task[F]) Waker() Waker { return t.w }

// String returns the task's owner, slot and generation, for reports.
func (t Task[F]) String() string { return "task " + t.w.String() }

// Cancel asks the task to finish: operations in it that wait withdraw, and those
// begun from now on return [ErrCanceled]. The task goes on being polled until it
// is Ready, and runs even if it has not been polled yet. Cancel of a task that is
// done or released does nothing. It may be called from any goroutine.
func (t Task[F]) Cancel() { t.w.ask(sigCancel) }

// CancelCx is Cancel within a poll.
func (t Task[F]) CancelCx(cx *Context) { cx.ask(t.w, sigCancel) }

// Release gives up the task's result. A task that is done is reclaimed: its
// future's Drop runs, and pointers that Wait has returned are no longer valid. One
// that is not done runs on, detached, and is reclaimed when it is Ready. Release
// of a released task does nothing. It may be called from any goroutine.
func (t Task[F]) Release() { t.w.ask(sigRelease) }

// ReleaseCx is Release within a poll.
func (t Task[F]) ReleaseCx(cx *Context) { cx.release(t.w) }

// Wait blocks until the task is done and returns its future, which is valid until
// Release. If the future panicked or called runtime.Goexit the error is a
// *PanicError, or ErrCanceled if it has withdrawn so; see [Context.Withdraw]. It is a
// *StaleError for a released task; for one whose executor was shut down it is ErrClosed,
// or a *StaleError too once another executor has taken the place of that. It is
// ErrBlockedPoll inside a poll, where WaitAsync is to be used, and else what the loop's
// [Driver] has returned.
//
// When nobody runs the task's [Loop], Wait does. A panic that nobody joins then
// comes out of Wait.
func (t Task[F]) Wait() (*F, error) {
	p, err := t.w.wait()
	// SAFETY: the task was spawned with an F; wait returns its address, or nil.
	return as[F](p), err
}

// WaitAsync is Wait as a future. Cancelled, it returns ErrCanceled and leaves the
// task as it is.
//
//pinion:noescape
func (t Task[F]) WaitAsync() TaskWaitFuture[F] { return TaskWaitFuture[F]{wait: taskWait{w: t.w}} }

// ask sends s to the task: directly if the loop is free, else as a signal.
func (w Waker) ask(s signals) {
	o := ownerOf(w.owner)
	if o == nil {
		return
	}
	if l := o.loop.Load(); l != nil && l.visit() {
		if h := l.lookup(w); h != nil {
			defer o.rouse()
			defer l.leave()
			l.obey(w.slot, h, s)
			return
		}
		l.leave()
	}
	o.signal(w.slot, w.gen, s, nil)
}

// ask is Waker.ask within a poll.
func (cx *Context) ask(w Waker, s signals) {
	l := cx.loop
	if w.owner != l.id {
		w.signal(s)
		return
	}
	if h := l.lookup(w); h == nil {
		w.signal(s) // its spawn may still be on its way
	} else {
		l.obey(w.slot, h, s)
	}
}

// release is ask(w, sigRelease), and faster.
func (cx *Context) release(w Waker) {
	l := cx.loop
	if h := l.header(w.slot); w.owner == l.id && h.gen() == w.gen && h.flags&(flagLive|flagDone) == flagLive|flagDone {
		l.reclaim(w.slot, h)
		return
	}
	cx.ask(w, sigRelease)
}

// TaskWaitFuture is the future of [Task.WaitAsync].
type TaskWaitFuture[F any] struct {
	_    [0]*F
	wait taskWait // without the type: its Poll is shared, and that of this one inlined
}

// Poll implements [Future].
func (f *TaskWaitFuture[F]) Poll(cx *Context) Poll { return f.wait.poll(cx) }

// Task returns the task that is waited for.
func (f *TaskWaitFuture[F]) Task() Task[F] { return Task[F]{w: f.wait.w} }

// Result returns what [Task.Wait] would have.
func (f *TaskWaitFuture[F]) Result() (*F, error) {
	// SAFETY: as in Wait.
	return as[F](f.wait.p), f.wait.err
}

// outcome returns a done task's future and panic, and notes that somebody has
// them now.
func (l *Loop) outcome(h *header) (frameAddr, error) {
	h.flags |= flagRetrieved
	s := l.slabs[h.slab]
	p := s.at(h.index)
	if h.flags&flagPoisoned != 0 {
		return p, l.extras[h.extra].err
	}
	return p, nil
}

// stale says why a task cannot be waited for.
func (w Waker) stale() error {
	if w == closedWaker {
		return ErrClosed
	}
	e := &StaleError{Slot: w.slot, Want: w.gen}
	if o := ownerOf(w.owner); o != nil && w.gen != 0 {
		if o.loop.Load() == nil {
			return ErrClosed
		}
		if h := o.header(w.slot); h != nil {
			e.Got = h.gen()
		}
	}
	return e
}

package future

import (
	"sync"
	"sync/atomic"
)

// remoteJoin is a wait for a task of a loop that another goroutine runs, either by
// a goroutine or by a future.
type remoteJoin struct {
	task Waker       // that is waited for
	gone atomic.Bool // nobody waits any more
	done atomic.Bool // p and err are set; written by the task's loop, once
	p    frameAddr
	err  error
	told chan struct{} // notified after done is set

	mu    sync.Mutex
	waker Waker // woken after done is set; whoever polled last
}

func (r *remoteJoin) finish(p frameAddr, err error) {
	r.p, r.err = p, err
	r.done.Store(true)
	if r.told != nil {
		notify(r.told)
		return
	}
	r.mu.Lock()
	w := r.waker
	r.mu.Unlock()
	w.Wake()
}

// polledBy has w woken. The caller looks at done after that.
func (r *remoteJoin) polledBy(w Waker) {
	r.mu.Lock()
	r.waker = w
	r.mu.Unlock()
}

// register joins the task from a message. It is run by the task's loop, or with
// nil when that has ended.
func (r *remoteJoin) register(l *Loop) {
	if l == nil {
		r.finish(nil, ErrClosed)
		return
	}
	h := l.lookup(r.task)
	switch {
	case r.gone.Load():
	case h == nil && l.ending:
		r.finish(nil, ErrClosed) // perhaps not released, but lost with the loop
	case h == nil:
		r.finish(nil, r.task.stale())
	case h.flags&flagDone != 0:
		r.finish(l.outcome(h))
	default:
		l.needExtra(h).join(joiner{remote: r})
	}
}

// taskDone is called when the task is done, and before it can be reclaimed, or when it
// outlives its loop l.
func (r *remoteJoin) taskDone(l *Loop) {
	h := l.header(r.task.slot)
	switch {
	case r.gone.Load(): // a panic is not theirs to have
	case h.flags&flagDone != 0:
		r.finish(l.outcome(h))
	default:
		r.finish(nil, ErrClosed)
	}
}

// taskWait is a wait for a task by a future.
type taskWait struct {
	w      Waker
	joined Waker // who will be woken, if not by the task's header alone
	p      frameAddr
	err    error
	remote *remoteJoin // for a task that was not on the loop at the first poll
}

// poll is one poll of the wait, without a call where the task is one of the loop
// that polls, as it mostly is.
func (f *taskWait) poll(cx *Context) Poll {
	l := cx.loop
	h := l.header(f.w.slot)
	gen, was := h.gen(), h.flags
	if f.w.owner != l.id || gen != f.w.gen || was&flagLive == 0 || f.remote != nil {
		return f.pollElsewhere(cx)
	}
	if was&flagDone != 0 {
		if was&flagPoisoned != 0 {
			f.err = l.extras[h.extra].err
			h.flags |= flagRetrieved
		}
		f.p = l.slabs[h.slab].at(h.index)
		return Ready
	}
	if cx.canceled {
		return f.giveUp(cx)
	}
	// A single joiner on the same loop, which is nearly always all there is, needs no extra.
	if h.extra == 0 {
		h.extra = cx.slot
		h.flags = was | flagJoined
	} else if was&flagJoined == 0 || h.extra != cx.slot {
		f.joinOthers(cx, h)
	}
	return Pending
}

// joinOthers has the future being polled woken when task h, which has an extra or
// another joiner, is done.
func (f *taskWait) joinOthers(cx *Context, h *header) {
	if me := cx.Waker(); f.joined != me {
		f.joined = me
		cx.loop.needExtra(h).join(joiner{waker: me})
	}
}

// pollElsewhere is poll for a task that is not on the loop that polls: it is on
// another one, or still in the mailbox, and so shall the join be, or it is gone.
func (f *taskWait) pollElsewhere(cx *Context) Poll {
	if f.remote == nil {
		here := cx.loop.header(f.w.slot)
		inMail := here.gen() == f.w.gen && here.flags&flagRemote != 0
		l := f.w.loop()
		if l == nil || l == cx.loop && !inMail {
			f.err = f.w.stale()
			return Ready
		}
		if cx.canceled {
			return f.giveUp(cx)
		}
		f.joined = cx.Waker()
		r := &remoteJoin{task: f.w, waker: f.joined}
		f.remote = r
		l.post(r.register)
	}
	if me := cx.Waker(); f.joined != me {
		f.joined = me
		f.remote.polledBy(me)
	}
	if r := f.remote; r.done.Load() {
		f.p, f.err = r.p, r.err
		return Ready
	}
	if cx.canceled {
		return f.giveUp(cx)
	}
	return Pending
}

// giveUp ends a wait that is cancelled, and leaves the task as it is.
func (f *taskWait) giveUp(cx *Context) Poll {
	if !cx.Spend() { // a cancelled task may try again and again
		return Pending
	}
	if f.remote != nil {
		f.remote.gone.Store(true)
	}
	cx.abort()
	f.err = ErrCanceled
	return Ready
}

// wait blocks the calling goroutine until task w is done. If nobody runs its
// loop, it runs it.
func (w Waker) wait() (frameAddr, error) {
	l := w.loop()
	if l == nil {
		return nil, w.stale()
	}
	if l.enter() {
		return l.runFor(w)
	}
	if inPoll() {
		return nil, ErrBlockedPoll
	}
	r := &remoteJoin{task: w, told: make(chan struct{}, 1)}
	defer r.gone.Store(true)
	l.post(r.register)
	l.waiters.add(l, r.told)
	defer l.waiters.remove(l, r.told)
	for !r.done.Load() {
		if !l.enter() {
			<-r.told
		} else if err := l.runUntil(&r.done); err != nil { // whoever ran the loop has left
			return nil, err
		}
	}
	return r.p, r.err
}

// loop returns the loop of the task that w wakes, or nil.
func (w Waker) loop() *Loop {
	if o := ownerOf(w.owner); o != nil && w.gen != 0 && w != closedWaker {
		return o.loop.Load()
	}
	return nil
}

// runUntil runs the loop, which the caller has claimed, until done is set, and
// leaves it. The error is the driver's.
func (l *Loop) runUntil(done *atomic.Bool) error {
	defer l.leave()
	defer l.pause()
	l.own.idle.Store(awake)
	for !done.Load() {
		more := l.turn()
		l.crash()
		if l.err != nil {
			return l.takeError()
		}
		if !more && !done.Load() {
			l.sleep()
		}
	}
	return nil
}

// runFor runs the loop, which the caller has claimed, until task w is done, and
// leaves it.
func (l *Loop) runFor(w Waker) (frameAddr, error) {
	defer l.leave()
	l.own.idle.Store(awake)
	defer l.pause()
	checked := false
	for {
		h := l.lookup(w)
		if h != nil && h.flags&flagDone != 0 {
			return l.outcome(h)
		}
		more := l.turn() // takes up the task's spawn, if that is still in the mailbox
		l.crash()
		if l.err != nil {
			return nil, l.takeError()
		}
		if h = l.lookup(w); h == nil {
			return nil, w.stale()
		}
		if more || h.flags&flagDone != 0 {
			continue
		}
		if !checked {
			if inPoll() {
				return nil, ErrBlockedPoll
			}
			checked = true
		}
		l.sleep()
	}
}

// crash panics on behalf of a task whose panic nobody joins. It is for callers
// that have no error to return it in.
func (l *Loop) crash() {
	if len(l.panics) == 0 {
		return
	}
	p := l.panics[0]
	l.panics = l.panics[1:]
	panic(p)
}

// pause is called before a goroutine that has run the loop leaves it.
func (l *Loop) pause() {
	if l.queued() || len(l.panics) > 0 || !l.rest(resting) {
		// There is more to do, and nobody is left to be told but the embedder.
		l.own.idle.Store(resting)
		l.own.rouse()
	}
}

// waiterList is the goroutines that wait for tasks of a loop which others run.
// When the loop is left they are told, and one of them runs it.
type waiterList struct {
	mu   sync.Mutex
	list []chan struct{}
}

func (q *waiterList) add(l *Loop, c chan struct{}) {
	q.mu.Lock()
	q.list = append(q.list, c)
	q.mu.Unlock()
	l.waiting.Add(1)
}

func (q *waiterList) remove(l *Loop, c chan struct{}) {
	l.waiting.Add(-1)
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, have := range q.list {
		if have == c {
			q.list = append(q.list[:i], q.list[i+1:]...)
			return
		}
	}
}

func (q *waiterList) tell() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range q.list {
		notify(c)
	}
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

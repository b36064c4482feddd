package future

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// ShutdownError says what was left when an executor was shut down.
type ShutdownError struct {
	Unreleased []TaskInfo // done, but their handles were never released
	Aborted    []TaskInfo // not done when the context ended
	Leaked     []TaskInfo // not done even after the abort; their memory is never reused
	Stuck      []int      // loops that did not answer, because a poll on them does not return
	Errs       []error    // panics that nobody joined, and errors of drivers
}

func (e *ShutdownError) Error() string {
	var b strings.Builder
	b.WriteString("future: shutdown:")
	list := func(what string, tasks []TaskInfo) {
		if len(tasks) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n%d %s:", len(tasks), what)
		for i, g := range groupTasks(tasks) {
			if i == 20 {
				b.WriteString("\n  ...")
				break
			}
			fmt.Fprintf(&b, "\n  %s", g)
		}
	}
	list("tasks were never released (call Release on every Task, or use Go)", e.Unreleased)
	list("tasks were aborted", e.Aborted)
	list("tasks survived the abort and are leaked", e.Leaked)
	for _, n := range e.Stuck {
		fmt.Fprintf(&b, "\nloop %d is stuck in a poll that does not return", n)
	}
	for _, err := range e.Errs {
		fmt.Fprintf(&b, "\n%v", err)
	}
	return b.String()
}

// Unwrap returns Errs.
func (e *ShutdownError) Unwrap() []error { return e.Errs }

func (e *ShutdownError) add(x *ShutdownError) {
	e.Unreleased = append(e.Unreleased, x.Unreleased...)
	e.Aborted = append(e.Aborted, x.Aborted...)
	e.Leaked = append(e.Leaked, x.Leaked...)
	e.Stuck = append(e.Stuck, x.Stuck...)
	e.Errs = append(e.Errs, x.Errs...)
}

func (e *ShutdownError) orNil() error {
	if len(e.Unreleased)+len(e.Aborted)+len(e.Leaked)+len(e.Stuck)+len(e.Errs) == 0 {
		return nil
	}
	return e
}

// shutdownRequest asks the goroutine that runs a loop to shut it down.
type shutdownRequest struct {
	ctx  context.Context
	done chan *ShutdownError // with room for one
}

// abortGrace is how long the abort of a task, or of one of the futures in it, may take, and how long
// a loop may take to notice a request once its context has ended.
const abortGrace = time.Second

const drainForEver = "pass context.Background() to wait until all tasks are done, however long that takes"

// Shutdown is [Runtime.Shutdown] for a loop that is run by hand: the calling
// goroutine runs it until its tasks are done. It returns ErrBusy when another
// goroutine runs the loop, ErrBlockedPoll inside a poll, and nil when the loop was
// shut down before. It panics if ctx is nil.
func (l *Loop) Shutdown(ctx context.Context) error {
	needContext(ctx, "Loop.Shutdown(nil)", drainForEver)
	if inPoll() {
		return ErrBlockedPoll
	}
	if !l.enter() {
		if l.claim.Load() == over {
			return nil
		}
		return ErrBusy
	}
	defer l.leave()
	return l.shutdown(ctx).orNil()
}

// shutdownRemote has the loop's goroutine shut it down, and waits for that as
// long as ctx and the grace last.
func (l *Loop) shutdownRemote(ctx context.Context) *ShutdownError {
	req := &shutdownRequest{ctx: ctx, done: make(chan *ShutdownError, 1)}
	l.post(func(l *Loop) { l.stopping = req })
	select {
	case e := <-req.done:
		return e
	case <-ctx.Done():
	}
	// The abort has a grace for each task; a loop that gets nowhere answers not
	// even a message.
	for aborts := uint32(0); ; {
		pulse := make(chan struct{}, 1)
		l.post(func(*Loop) { pulse <- struct{}{} })
		select {
		case e := <-req.done:
			return e
		case <-pulse:
			time.Sleep(time.Millisecond)
		case <-time.After(2 * abortGrace):
			if n := l.aborts.Load(); n != aborts {
				aborts = n
				continue
			}
			return &ShutdownError{Stuck: []int{l.number}}
		}
	}
}

// shutdown cancels, drains, aborts and closes. It may be called again after a
// task's Goexit has ended the goroutine that was at it.
func (l *Loop) shutdown(ctx context.Context) *ShutdownError {
	if l.report == nil {
		l.report = &ShutdownError{}
	}
	e := l.report
	l.closing = true
	l.now = timeUnknown
	l.own.idle.Store(awake)
	for slot, h := range l.each {
		l.cancel(slot, h)
	}
	stop := context.AfterFunc(ctx, func() { l.post(func(*Loop) {}) })
	defer stop()
	for {
		if !l.drain(ctx, e) {
			l.abortAll(e)
		}
		l.reclaimDone(e)
		if l.live > 0 || !l.called() || ctx.Err() != nil {
			break
		} // else a Drop has spawned a task
	}
	l.end(e)
	return e
}

// drain runs the loop until its tasks are done, ctx ends or the driver fails. It
// reports whether they are done.
func (l *Loop) drain(ctx context.Context, e *ShutdownError) bool {
	for (l.live > 0 || l.called()) && ctx.Err() == nil {
		if !l.turn() && l.live > 0 && ctx.Err() == nil {
			l.sleep()
		}
		failed := l.err != nil
		l.collectErrors(e)
		if failed {
			break // it would fail for ever
		}
	}
	return l.live == 0 && !l.called()
}

// reclaimDone reclaims the tasks that are done and were not released.
func (l *Loop) reclaimDone(e *ShutdownError) {
	l.ending = true
	for slot, h := range l.each {
		if h.flags&flagDone != 0 {
			e.Unreleased = append(e.Unreleased, l.info(slot, h))
			l.reclaim(slot, h)
		}
	}
	l.collectErrors(e)
}

func (l *Loop) collectErrors(e *ShutdownError) {
	if err := l.takeError(); err != nil {
		e.Errs = append(e.Errs, err)
	}
}

// end closes the loop. What outlived the abort may still be pointed at by anyone:
// then its memory, its driver and its headers are never given back.
func (l *Loop) end(e *ShutdownError) {
	// The driver first: what is posted meanwhile runs with nil only after its operations have
	// ended.
	if l.live == 0 {
		if err := l.driver.Close(); err != nil {
			e.Errs = append(e.Errs, err)
		}
	}
	l.own.mail.close()
	l.collectErrors(e) // of the Drops of futures that came too late
	for len(l.signaled) > 0 || l.own.inbox.Load() != 0 {
		l.drainInbox()
	}
	l.closed = true
	l.stopAlarms()
	l.timers = nil
	if l.live > 0 {
		l.tellOfLeak()
		l.outlive()
		return
	}
	if l.leaked == 0 {
		for _, s := range l.slabs[1:] {
			s.close()
		}
	}
	l.sweepHeaders()
	releaseOwner(l.own)
}

// tellOfLeak tells those who wait for tasks that will never be done.
func (l *Loop) tellOfLeak() {
	for _, h := range l.each {
		if h.flags&flagDone == 0 && h.extra != 0 && h.flags&flagJoined == 0 {
			l.tellJoiners(h)
		}
	}
}

// outlive makes the wakers of what is left stale: nobody will obey them any more,
// and a turn offered to them would be lost, see waitQueue.
func (l *Loop) outlive() {
	for n, chunk := range *l.own.chunks.Load() {
		for i := range chunk {
			h := &chunk[i]
			if h.flags&flagLive == 0 {
				continue
			}
			h.flags |= flagDone
			gen := h.gen()
			h.word.Store(uint64(gen+1) << 32)
			l.forfeit(uint32(n<<chunkShift|i), gen, h)
		}
	}
}

// abandon closes a loop that never ran.
func (l *Loop) abandon() { l.end(&ShutdownError{}) }

// maxAborts bounds how often tasks that are spawned by tasks that are aborted are
// aborted in their turn.
const maxAborts = 100

// abortAll aborts every task that is left, and those that they spawn meanwhile. What
// others go on to spawn comes too late, as there may be no end to it.
func (l *Loop) abortAll(e *ShutdownError) {
	if a, ok := l.driver.(Aborter); ok {
		l.aborts.Add(1) // it goes on, for whoever watches
		if err := a.Abort(); err != nil {
			e.Errs = append(e.Errs, err)
		}
		l.aborts.Add(1)
	}
	l.drainInbox()
	l.drainMail()
	for i := 0; i < maxAborts && l.abortSome(e); i++ {
	}
	for slot, h := range l.each {
		switch {
		case h.flags&flagDone != 0:
		case h.flags&flagPoisoned == 0: // there is no end to them
			e.Leaked = append(e.Leaked, l.info(slot, h))
		case h.extra == 0 || l.extras[h.extra].err == nil: // named already
		case !l.finishOrphaned(slot, h):
			e.Leaked = append(e.Leaked, l.info(slot, h))
		}
	}
}

// abortSome polls every task that is left and was not aborted yet once more, so that
// its operation ends the poll by Goexit. It reports whether there were any.
func (l *Loop) abortSome(e *ShutdownError) (any bool) {
	for slot, h := range l.each {
		if h.flags&(flagDone|flagPoisoned) != 0 {
			continue // or it is done when the tasks in its scopes are
		}
		any = true
		info := l.info(slot, h)
		e.Aborted = append(e.Aborted, info)
		l.aborts.Add(1)
		cx := &l.cx
		cx.slot, cx.gen, cx.task = slot, h.gen(), slot
		p, err := cx.abortChild(l.futureOf(h))
		switch {
		case err != nil:
			if !err.Goexit {
				e.Errs = append(e.Errs, err)
			}
			h.flags |= flagPoisoned | flagRetrieved
			l.needExtra(h).err = err
			if !l.orphan(h) {
				l.finish(slot, h)
			}
		case p == Ready:
			l.finish(slot, h)
		default:
			h.flags |= flagPoisoned
			e.Leaked = append(e.Leaked, info)
		}
	}
	return any
}

// abortChild polls f in an abort, on a goroutine of its own that its operations
// can end. It returns an error if they did.
func (cx *Context) abortChild(f Future) (Poll, *PanicError) {
	type outcome struct {
		p   Poll
		err *PanicError
	}
	own := *cx // a poll that does not return keeps it
	own.canceled, own.aborting, own.budget = true, true, 1<<30
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		ended := false
		defer func() {
			if !ended {
				o.err = own.newPanicError(typeName(f), "an abort", recover())
			}
			done <- o
		}()
		o.p = own.loop.pollAbort(&own, f)
		ended = true
	}()
	// Of nested aborts only the outermost gives up: whoever it has left behind must
	// not go on beside the loop.
	l := cx.loop
	if cx.aborting {
		o := <-done
		l.aborts.Add(1)
		return o.p, o.err
	}
	pulse := time.NewTicker(abortGrace)
	defer pulse.Stop()
	for aborts := l.aborts.Load(); ; {
		select {
		case o := <-done:
			return o.p, o.err
		case <-pulse.C:
			n := l.aborts.Load()
			if n == aborts {
				return Pending, nil
			}
			aborts = n // there are many inside
		}
	}
}

// pollAbort is one of the frames that inPoll looks for.
//
//go:noinline
func (l *Loop) pollAbort(cx *Context, f Future) Poll { return f.Poll(cx) }

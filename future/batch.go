package future

import (
	"runtime/trace"
	"time"
)

// batch polls up to n queued tasks and returns how many it polled. All polls of
// a batch share one deferred function: a panic or a Goexit ends the batch, the
// task that was being polled is poisoned, and the loop goes on with the next
// batch. Goexit also ends the calling goroutine, which nothing can prevent.
//
// It is also what a blocking call looks for among its callers, see inPoll; hence
// it must not be inlined.
//
//go:noinline
func (l *Loop) batch(n int) (polls int) {
	ended := false
	defer func() {
		if !ended {
			polls++
			l.caught(l.cx.task, recover())
		}
	}()
	instr := l.instr || trace.IsEnabled()
	for polls < n && l.ready.len() > 0 {
		slot := l.ready.pop()
		if instr {
			slot = l.choosePopped(slot)
		}
		h := l.header(slot)
		was := h.flags
		h.flags = was&^flagQueued | flagStarted
		if was&(flagLive|flagDone|flagRoot|flagAsk|flagChild) != flagLive && !l.readyToPoll(slot, h) {
			continue
		}
		s := l.slab(h.slab)
		f := s.future(s.at(h.index))
		cx := &l.cx
		cx.slot, cx.gen, cx.task = slot, h.gen(), slot
		cx.budget = budgetPerPoll
		cx.canceled = was&flagCanceled != 0
		var p Poll
		if instr {
			p = l.pollMeasured(f, h)
		} else {
			p = f.Poll(cx)
		}
		polls++
		if p {
			l.finish(slot, h)
		} else if h.flags&flagGranted != 0 {
			l.lapse(slot, h)
		}
	}
	ended = true
	return polls
}

// choosePopped lets an explorer put back the task that was popped and take
// another one.
func (l *Loop) choosePopped(slot uint32) uint32 {
	if l.choose == nil || l.ready.len() == 0 {
		return slot
	}
	l.ready.unpop(slot)
	return l.ready.take(l.choose(ChooseTask, l.ready.len()))
}

// readyToPoll deals with the rare states of a header that comes out of the run
// queue. It reports whether there is a task to be polled.
func (l *Loop) readyToPoll(slot uint32, h *header) bool {
	if h.flags&flagLive == 0 {
		h.flags &^= flagStarted // of the next tenant
		return false
	}
	if h.flags&flagChild != 0 {
		l.childFromRunQueue(slot, h)
		return false
	}
	if h.flags&flagDone != 0 {
		return false // it ended while it was queued
	}
	if h.flags&flagRoot != 0 {
		l.blockWoken = true
		return false
	}
	if h.flags&flagAsk != 0 {
		h.flags &^= flagAsk
		if c, ok := l.futureOf(h).(Canceler); ok {
			l.cx.task = slot // whom to blame for a panic
			c.Cancel()
		}
	}
	return true
}

// pollMeasured is a poll with a region in the execution trace and a clock.
func (l *Loop) pollMeasured(f Future, h *header) Poll {
	if trace.IsEnabled() {
		defer trace.StartRegion(traceContext, l.nameOf(h)).End()
	}
	if l.cfg.SlowPoll <= 0 {
		return f.Poll(&l.cx)
	}
	start := time.Now()
	p := f.Poll(&l.cx)
	if took := time.Since(start); took >= l.cfg.SlowPoll {
		l.slow(l.nameOf(h), took)
	}
	return p
}

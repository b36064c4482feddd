package future

import (
	"runtime/trace"
	"time"
)

// batch polls up to n queued tasks. All polls of a batch share one deferred
// function: a panic or a Goexit ends the batch, the task that was being polled is
// poisoned, and the loop goes on with the next batch. Goexit also ends the calling
// goroutine, which nothing can prevent.
//
// It is also what a blocking call looks for among its callers, see inPoll; hence
// it must not be inlined.
//
//go:noinline
func (l *Loop) batch(n int) {
	ended := false
	defer func() {
		if !ended && l.inTask() {
			l.caught(l.cx.task, recover())
		}
	}()
	if l.instr || trace.IsEnabled() {
		l.pollsMeasured(n)
	} else {
		l.polls(n)
	}
	ended = true
}

// polls polls up to n queued tasks. What can be found ready at hand is written out,
// and nothing is kept in variables over a poll but the task's header.
func (l *Loop) polls(n int) {
	for ; n > 0 && l.queued(); n-- {
		slot := l.pop()
		h := l.header(slot)
		was := h.flags
		h.flags = was&^flagQueued | flagStarted
		if was&unusual != flagLive && !l.readyToPoll(slot, h) {
			continue
		}
		s := l.hotSlab
		if h.slab != s.id {
			s = l.slabs[h.slab]
			l.hotSlab = s
		}
		f := s.future(s.at(h.index))
		if l.begin(slot, h, was); f.Poll(&l.cx) {
			l.finish(slot, h)
		} else if h.flags&flagGranted != 0 {
			l.lapse(slot, h)
		}
	}
}

// pollsMeasured is polls with choices, slow polls and traces.
func (l *Loop) pollsMeasured(n int) {
	for ; n > 0 && l.queued(); n-- {
		l.chooseNext()
		slot := l.pop()
		h := l.header(slot)
		was := h.flags
		h.flags = was&^flagQueued | flagStarted
		if was&unusual != flagLive && !l.readyToPoll(slot, h) {
			continue
		}
		l.begin(slot, h, was)
		if l.pollMeasured(l.futureOf(h), h) {
			l.finish(slot, h)
		} else if h.flags&flagGranted != 0 {
			l.lapse(slot, h)
		}
	}
}

// unusual are the flags that a queued task must not have, but flagLive, to be polled
// without further ado.
const unusual = flagLive | flagDone | flagPoisoned | flagRoot | flagAsk | flagChild

// pop takes the next slot out of the run queue, which is not empty.
func (l *Loop) pop() uint32 {
	slot := l.next
	l.next = 0
	if l.ready.len() > 0 {
		l.next = l.ready.pop()
	}
	return slot
}

// begin prepares the context for a poll of a task.
func (l *Loop) begin(slot uint32, h *header, was flags) {
	cx := &l.cx
	cx.slot, cx.gen, cx.task = slot, h.beginPoll(), slot
	cx.budget = budgetPerPoll
	cx.canceled = was&flagCanceled != 0
}

// chooseNext lets an explorer decide which task of a queue that is not empty is
// popped next.
func (l *Loop) chooseNext() {
	if n := l.queueLen(); l.choose != nil && n > 1 {
		l.cx.task = 0 // no task is to blame for a panic
		i := l.decide(ChooseTask, n)
		l.ready.unpop(l.next)
		l.ready.toFront(i)
		l.next = l.ready.pop()
	}
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
	if h.flags&flagPoisoned != 0 {
		l.finishOrphaned(slot, h)
		return false
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

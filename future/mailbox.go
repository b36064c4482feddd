package future

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// mailbox carries to a loop what does not fit into a signal: spawns, joins and
// requests to look at its tasks. Its length is bounded by what callers have in
// flight. It closes when its loop ends.
type mailbox struct {
	full   atomic.Bool // there is something, or it was closed
	mu     sync.Mutex
	closed bool
	msgs   []message
}

// message is run on the loop, between polls. When the loop has ended it is run
// with nil, on the goroutine that finds out.
type message func(l *Loop)

func (m *mailbox) init() { m.closed = true }

func (m *mailbox) open() {
	m.mu.Lock()
	m.closed = false
	m.mu.Unlock()
}

// post has f run on l, or runs f(nil) when l has ended. Any goroutine.
func (l *Loop) post(f message) {
	o := l.own
	o.mail.mu.Lock()
	if o.mail.closed || o.loop.Load() != l {
		o.mail.mu.Unlock()
		f(nil)
		return
	}
	o.mail.msgs = append(o.mail.msgs, f)
	o.mail.full.Store(true)
	o.mail.mu.Unlock()
	o.rouse()
}

// call has f run on the loop between polls, by whoever runs the loop or else by the
// calling goroutine on a visit, and waits for that; if the loop has ended it runs f(nil). When
// ctx ends first f may still run later. It must not be called inside a poll of l.
func (l *Loop) call(ctx context.Context, f message) error {
	var ran atomic.Bool
	told := make(chan struct{}, 1)
	l.post(func(l *Loop) {
		defer func() { // also after a Goexit
			ran.Store(true)
			notify(told)
		}()
		f(l)
	})
	l.waiters.add(l, told)
	defer l.waiters.remove(l, told)
	for !ran.Load() {
		if l.visit() {
			l.takeMail()
			continue
		}
		select {
		case <-told:
		case <-ctx.Done():
			return fmt.Errorf("future: loop %d does not answer, a poll on it takes long: %w", l.number, context.Cause(ctx))
		}
	}
	return nil
}

// takeMail drains the mailbox of a loop that the caller visits, and leaves it.
func (l *Loop) takeMail() {
	defer l.leave()
	defer l.pause()
	l.own.idle.Store(awake)
	l.drainMail()
}

// drainMail runs the messages that are there. Messages that arrive meanwhile
// are left for the next turn.
func (l *Loop) drainMail() {
	m := &l.own.mail
	m.mu.Lock()
	l.mail = append(l.mail, m.msgs...)
	clear(m.msgs)
	m.msgs = m.msgs[:0]
	m.full.Store(false)
	m.mu.Unlock()
	// A message may end this goroutine: the rest stays in the list for the next.
	for len(l.mail) > l.read {
		f := l.mail[l.read]
		l.mail[l.read] = nil
		l.read++
		l.guard("a message", func() { f(l) })
	}
	l.mail, l.read = l.mail[:0], 0
}

// close has every message that is there or still comes run with nil.
func (m *mailbox) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.full.Store(false)
	for len(m.msgs) > 0 {
		f := m.msgs[0]
		m.msgs = m.msgs[1:]
		m.runLate(f)
	}
	m.msgs = nil
}

// runLate runs f without the lock, which it has again when f ends, also by Goexit: what
// is left is then for the next who closes.
func (m *mailbox) runLate(f message) {
	m.mu.Unlock()
	defer m.mu.Lock()
	f(nil)
}

package future

import (
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

// post has f run on o's loop, or runs f(nil) when there is none. Any goroutine.
func (o *owner) post(f message) {
	o.mail.mu.Lock()
	if o.mail.closed {
		o.mail.mu.Unlock()
		f(nil)
		return
	}
	o.mail.msgs = append(o.mail.msgs, f)
	o.mail.full.Store(true)
	o.mail.mu.Unlock()
	o.rouse()
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
	m.closed = true
	msgs := m.msgs
	m.msgs = nil
	m.full.Store(false)
	m.mu.Unlock()
	for _, f := range msgs {
		f(nil)
	}
}

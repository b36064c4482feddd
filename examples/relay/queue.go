package main

import (
	"strconv"
	"sync"

	"github.com/pinion-go/pinion/future"
)

// A queue is what waits to be sent to one client. Publishers of all loops put messages into
// it, its serve the answers; its writer takes all that there is at once
// and sends it with one Write. Its two buffers change places and are used again.
type queue struct {
	filled future.Notify // for the writer: there is something, or nothing will be any more
	room   future.Notify // for serve: the answers that were too many were taken

	limit int // bytes; messages beyond are dropped, answers hold up serve

	mu      sync.Mutex // protects the following
	waiting batch
	dropped int // messages since the last that found room
	ended   bool
	idle    bool // the writer waits
	stalled bool // serve waits

	sending batch // the writer's alone
}

// A batch is lines, and when the messages among them were published.
type batch struct {
	bytes []byte
	since []int64 // by the server's clock, in order
	spare uint8   // how often in succession little of bytes' capacity was used
}

// A buffer that is larger than keepBatch goes when little of it was used keepTimes in
// succession: load comes in bursts.
const (
	keepBatch = 8 << 10
	keepTimes = 16
)

// empty makes b ready for other lines.
func (b *batch) empty() {
	if cap(b.bytes) <= keepBatch || len(b.bytes) > cap(b.bytes)/4 {
		b.spare = 0
	} else if b.spare++; b.spare == keepTimes {
		*b = batch{}
	}
	b.bytes, b.since = b.bytes[:0], b.since[:0]
}

// fate is what became of a message for one client.
type fate uint8

const (
	queued fate = iota
	dropped
	gone // the client does not want any more
)

// message adds a message, if it finds room.
func (q *queue) message(cx *future.Context, topic string, text []byte, at int64) fate {
	n := len("MSG  \n") + len(topic) + len(text)
	q.mu.Lock()
	if q.ended {
		q.mu.Unlock()
		return gone
	}
	if len(q.waiting.bytes)+n > q.limit {
		q.dropped++
		q.mu.Unlock()
		return dropped
	}
	q.confess()
	b := append(q.waiting.bytes, "MSG "...)
	b = append(b, topic...)
	b = append(b, ' ')
	b = append(b, text...)
	q.waiting.bytes = append(b, '\n')
	q.waiting.since = append(q.waiting.since, at)
	q.tell(cx)
	return queued
}

// answer adds a line. It reports whether serve has to wait for room before the next.
func (q *queue) answer(cx *future.Context, line string) (full bool) {
	q.mu.Lock()
	if q.ended {
		q.mu.Unlock()
		return false
	}
	q.confess()
	q.waiting.bytes = append(append(q.waiting.bytes, line...), '\n')
	full = len(q.waiting.bytes) > q.limit
	q.stalled = full
	q.tell(cx)
	return full
}

// confess says how many messages were dropped at this place. q.mu is held.
func (q *queue) confess() {
	if q.dropped > 0 {
		b := strconv.AppendInt(append(q.waiting.bytes, "DROPPED "...), int64(q.dropped), 10)
		q.waiting.bytes = append(b, '\n')
		q.dropped = 0
	}
}

// tell unlocks q.mu and wakes the writer if it waits. cx is nil outside of polls.
func (q *queue) tell(cx *future.Context) {
	idle := q.idle
	q.idle = false
	q.mu.Unlock()
	switch {
	case !idle:
	case cx == nil:
		q.filled.NotifyOne()
	default:
		q.filled.NotifyOneCx(cx)
	}
}

// end lets nothing more in: what waits is sent, with bye as the last line unless that is
// empty. Ending it again does nothing.
func (q *queue) end(bye string) {
	q.mu.Lock()
	if q.ended {
		q.mu.Unlock()
		return
	}
	q.confess()
	if bye != "" {
		q.waiting.bytes = append(append(q.waiting.bytes, bye...), '\n')
	}
	q.ended = true
	q.tell(nil)
}

// take makes what waits the batch that is sent next. It is empty if nothing waits, after
// which filled tells of more; over says that there will be none.
func (q *queue) take() (b batch, over bool) {
	q.sending.empty()
	q.mu.Lock()
	q.confess()
	if len(q.waiting.bytes) == 0 {
		q.idle = !q.ended
		over = q.ended
		q.mu.Unlock()
		return batch{}, over
	}
	q.waiting, q.sending = q.sending, q.waiting
	stalled := q.stalled
	q.stalled = false
	q.mu.Unlock()
	if stalled {
		q.room.NotifyOne()
	}
	return q.sending, false
}

// kill ends the queue of a connection that has failed. It returns how many messages waited.
func (q *queue) kill() (messages int) {
	q.mu.Lock()
	messages = len(q.waiting.since)
	q.waiting, q.dropped, q.ended = batch{}, 0, true
	q.mu.Unlock()
	q.room.NotifyOne()
	return messages
}

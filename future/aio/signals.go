package aio

import (
	"os"
	"os/signal"
	"slices"
	"sync"

	"github.com/pinion-go/pinion/future"
)

// Signals begins to take signals of the system, all of them if none is named, as
// [os/signal.Notify] does: the process is not ended by them until Close. It may be called
// from any goroutine and in every poll.
func Signals(sig ...os.Signal) *SignalQueue {
	q := &SignalQueue{to: future.NewChan[os.Signal](signalsKept + signalKinds), last: make(map[os.Signal]int)}
	if len(sig) == 0 {
		q.from = []chan os.Signal{make(chan os.Signal, signalsKept+signalKinds)}
		signal.Notify(q.from[0])
	}
	for i, s := range sig { // each with its own, or a flood of one would leave no room for another
		if slices.Contains(sig[:i], s) {
			continue
		}
		c := make(chan os.Signal, signalsKept)
		q.from = append(q.from, c)
		signal.Notify(c, s)
	}
	q.open = len(q.from)
	for _, c := range q.from {
		go q.run(c)
	}
	return q
}

// SignalQueue is the signals that have come and that nobody has taken, oldest first. Each goes to
// one Next. The system, and Go's runtime, take several of one kind for one while the first is on
// its way: there is no counting them. From 16 that wait on the queue does so too: one that comes is
// dropped if one of its kind waits. So it has a bound, and a flood of one kind hides no other kind,
// where the kinds were named to [Signals].
//
// Make one with [Signals]. All methods may be called from any goroutine and in every poll.
type SignalQueue struct {
	from  []chan os.Signal
	to    *future.Chan[os.Signal]
	close sync.Once

	mu   sync.Mutex // protects what follows, and sending to to
	sent int
	last map[os.Signal]int // the value of sent after the last one of a kind
	open int               // of from
}

const (
	signalsKept = 16
	signalKinds = 65 // as many as any system has
)

func (q *SignalQueue) run(from chan os.Signal) {
	for s := range from {
		q.put(s)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.open--; q.open == 0 {
		q.to.Close()
	}
}

func (q *SignalQueue) put(s os.Signal) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.to.Len()
	if taken := q.sent - n; n >= signalsKept && q.last[s] > taken {
		return // it waits
	}
	if q.to.TrySend(s) == nil {
		q.sent++
		q.last[s] = q.sent
	}
}

// Next waits for the next signal. The error is [future.ErrClosed] after Close, when those
// that had come were taken. Inside a poll it is [future.ErrBlockedPoll].
func (q *SignalQueue) Next() (os.Signal, error) { return q.to.Recv() }

// NextAsync is [SignalQueue.Next] as a future. If it is cancelled the error is
// [future.ErrCanceled], and the signal is the next one's.
//
//pinion:noescape
func (q *SignalQueue) NextAsync() future.ChanRecvFuture[os.Signal] { return q.to.RecvAsync() }

// Close gives the signals back to whom they would go otherwise. Closing it again does nothing.
func (q *SignalQueue) Close() {
	q.close.Do(func() {
		for _, c := range q.from {
			signal.Stop(c) // nothing is sent after that
			close(c)
		}
	})
}

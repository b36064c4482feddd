package aio

import (
	"os"
	"os/signal"
	"sync"

	"github.com/pinion-go/pinion/future"
)

// Signals begins to take signals of the system, all of them if none is named, as
// [os/signal.Notify] does: the process is not ended by them until Close. It may be called
// from any goroutine and in every poll.
func Signals(sig ...os.Signal) *SignalQueue {
	q := &SignalQueue{from: make(chan os.Signal, signalsKept), to: future.NewChan[os.Signal](signalsKept)}
	signal.Notify(q.from, sig...)
	go q.run()
	return q
}

// SignalQueue is the signals that have come and that nobody has taken, oldest first. Each goes to
// one Next. At least 16 are kept; when there are more, those that come are dropped.
// Make one with [Signals]. All methods may be called from any goroutine and in every poll.
type SignalQueue struct {
	from  chan os.Signal
	to    *future.Chan[os.Signal]
	close sync.Once
}

const signalsKept = 16

func (q *SignalQueue) run() {
	for s := range q.from {
		q.to.TrySend(s) // or it is one too many
	}
	q.to.Close()
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
		signal.Stop(q.from) // nothing is sent after that
		close(q.from)
	})
}

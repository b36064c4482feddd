package streams

import (
	"errors"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/future"
)

// lane is the future that reads one stream after the other: each by a
// task that it spawns, waits for and releases. There are as many lanes as
// streams at once.
type lane struct {
	run    *run
	number int
	s      *stream // the one that is being read
	task   reading
	asked  bool // the task was asked to finish
}

// Poll implements [future.Future].
func (l *lane) Poll(cx *future.Context) future.Poll {
	for {
		if l.s != nil {
			if cx.Canceled() && !l.asked {
				l.asked = true
				l.task.cancel(cx)
			}
			if l.task.poll(cx) == future.Pending {
				return future.Pending
			}
			l.end(cx)
		}
		if cx.Canceled() || !l.start(cx) {
			return future.Ready
		}
	}
}

// Suspended implements [future.Suspender].
func (l *lane) Suspended() string { return "its stream" }

// start begins the next stream. It reports false when there is none.
func (l *lane) start(cx *future.Context) bool {
	s, err := l.run.next(l.number)
	if err != nil {
		panic(err) // memory that cannot be pinned
	}
	if s == nil {
		return false
	}
	task, err := l.run.form.spawn(cx, s)
	if err != nil {
		l.run.end(s, err)
		return false
	}
	l.s, l.task = s, task
	l.run.current[l.number].Store(s)
	return true
}

// end takes the task's result and gives it back.
func (l *lane) end(cx *future.Context) {
	tally, err := l.task.outcome()
	l.s.tally = tally
	if !l.s.commit(fault.Leaked) {
		l.task.release(cx)
	}
	l.run.current[l.number].Store(nil)
	if err != nil {
		l.s.feeder.retire(l.s)
	}
	if !errors.Is(err, future.ErrCanceled) {
		l.run.end(l.s, err)
	}
	l.s, l.task = nil, nil
}

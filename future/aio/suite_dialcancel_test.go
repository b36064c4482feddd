package aio_test

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// TestDialsThatAreCancelledLoseNoDescriptor before, while and after they are done: what was
// connected anyway is handed over, and all else closed.
func TestDialsThatAreCancelledLoseNoDescriptor(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		const times = 128
		l := w.listen(t)
		go func() {
			for {
				c, err := l.AcceptConn()
				if err != nil {
					return
				}
				c.Close()
			}
		}()
		silent := ""
		if w.sim == nil {
			silent = w.unanswered(t)
		} else {
			aio.SetAnswers(w.sim, 4, 3)
		}
		made, canceled := 0, 0
		take := func(c *aio.Conn, err error) {
			switch {
			case err == nil:
				made++
				c.Close()
			case errors.Is(err, future.ErrCanceled):
				canceled++
			case w.sim == nil || !errors.Is(err, syscall.ECONNREFUSED) && !timedOut(err):
				t.Fatal(err)
			}
		}
		for i := range times {
			address := l.Addr().String()
			if silent != "" && i%4 == 0 {
				address = silent
			}
			d := aio.Dialer{Sim: w.sim}
			if i%3 == 0 {
				d.Timeout = time.Minute // which is more to be cancelled
			}
			task := future.Spawn(w.rt.Loop(i%2), d.DialAsync("tcp", address))
			time.Sleep(time.Duration(i) * 2 * time.Microsecond)
			task.Cancel()
			take(ended(task).Result())
		}
		// And done, but not polled yet.
		for range times {
			d := aio.Dialer{Sim: w.sim}
			victim := future.Spawn(w.rt.Loop(0), d.DialAsync("tcp", l.Addr().String()))
			ended(future.Spawn(w.rt.Loop(0), dialCanceler{victim: victim, before: aio.ReadLedger().Descriptors}))
			take(ended(victim).Result())
		}
		if made == 0 || canceled == 0 {
			t.Errorf("%d were made, %d cancelled", made, canceled)
		}
		t.Logf("%d were made, %d cancelled", made, canceled)
		l.Close()
	})
}

// dialCanceler cancels a dial in the turn after that in which its socket was opened, before it
// is polled again.
type dialCanceler struct {
	victim future.Task[aio.DialFuture]
	before int64
	turns  int
}

func (f *dialCanceler) Poll(cx *future.Context) future.Poll {
	if f.turns++; f.turns > 1000 || aio.ReadLedger().Descriptors > f.before {
		f.victim.CancelCx(cx)
		return future.Ready
	}
	cx.Wake(cx.Waker())
	return future.Pending
}

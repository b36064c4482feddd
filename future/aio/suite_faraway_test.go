package aio_test

import (
	"errors"
	"io"
	"math"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// TestDeadlinesThatAreFarAway regresses a connect whose time had overflowed. Some people say "none" by a
// date that durations do not reach.
func TestDeadlinesThatAreFarAway(t *testing.T) {
	never := time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	eachDriver(t, func(t *testing.T, w *world) {
		l := w.listen(t)
		for _, d := range []aio.Dialer{{Deadline: never}, {Timeout: math.MaxInt64}, {Timeout: math.MaxInt64, Deadline: never}} {
			c, err := w.dials(0, d, "tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			c.Close()
		}
		c, peer := w.pair(t)
		if err := c.SetDeadline(never); err != nil {
			t.Fatal(err)
		}
		read := future.Spawn(w.rt.Loop(0), c.ReadAsync(make([]byte, 1)))
		peer.Write([]byte("x"))
		if n, err := ended(read).Result(); n != 1 || err != nil {
			t.Error(n, err)
		}
	})
}

// handClock is a clock that nobody lets go on.
type handClock time.Duration

func (c handClock) Now() time.Duration { return time.Duration(c) }

// limited reads with a deadline of its loop's clock.
type limited struct {
	c   *aio.Conn
	r   aio.ConnReadFuture
	set bool
}

func (f *limited) Poll(cx *future.Context) future.Poll {
	if !f.set {
		f.c.SetReadDeadlineCx(cx, future.NowCx(cx).Add(200*time.Millisecond))
		f.r, f.set = f.c.ReadAsync(make([]byte, 1)), true
	}
	return f.r.Poll(cx)
}

// TestDeadlinesOfALoopWithAnotherClock: the connection is of a loop for which the time of the one that
// sets the deadline is another age.
func TestDeadlinesOfALoopWithAnotherClock(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		for _, clock := range []handClock{0, 1 << 60} {
			c, _ := w.pair(t)
			l, err := future.NewLoop(future.Config{Clock: clock})
			if err != nil {
				t.Fatal(err)
			}
			woken := make(chan struct{}, 1)
			l.OnWake(func() {
				select {
				case woken <- struct{}{}:
				default:
				}
			})
			task, begun := future.Spawn(l, limited{c: c}), time.Now()
			over := make(chan *limited)
			go func() { over <- ended(task) }()
			var f *limited
			for f == nil {
				if err := l.RunUntilIdle(); err != nil && !errors.Is(err, future.ErrBusy) {
					t.Fatal(err)
				}
				select {
				case f = <-over:
				case <-woken:
				case <-time.After(time.Millisecond):
				}
			}
			if _, err := f.r.Result(); !timedOut(err) || time.Since(begun) < 199*time.Millisecond {
				t.Errorf("after %v: %v", time.Since(begun), err)
			}
			if err := l.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestSimTimeHasAnEnd: deadlines of loops that have ended, and those that are never, move nothing, and a
// simulation whose loops are stopped all the time comes to its end.
func TestSimTimeHasAnEnd(t *testing.T) {
	eachSeed(t, 3, aio.SimConfig{Stops: 1}, func(w *simWorld) {
		a, b := w.pair()
		c, d := w.pair()
		future.Go(w.loop(0), limited{c: a})
		task := future.Spawn(w.loop(1), c.ReadAsync(make([]byte, 1)))
		c.SetDeadline(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
		w.run()
		if now := w.sim.Now(); now > time.Hour {
			w.Errorf("it is %v", now)
		}
		d.Close()
		w.run()
		if n, err := ended(task).Result(); n != 0 || err != io.EOF {
			w.Error(n, err)
		}
		a.SetReadDeadline(time.Now().Add(time.Hour))
		w.run()
		if now := w.sim.Now(); now > 2*time.Hour {
			w.Errorf("it is %v", now)
		}
		a.SetReadDeadline(time.Now().Add(time.Hour))
		w.step()
		if err := w.loop(0).Shutdown(w.Context()); err != nil {
			w.Error(err)
		}
		w.run()
		for _, c := range []*aio.Conn{a, b, c} {
			c.Close()
		}
		w.run()
	})
}

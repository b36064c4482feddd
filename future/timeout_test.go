package future

import (
	"context"
	"testing"
	"time"
)

// virtual is a clock and a driver that make time pass when the loop would sleep.
type virtual struct {
	now   time.Duration
	woken chan struct{}
}

func newVirtual() *virtual { return &virtual{now: 1, woken: make(chan struct{}, 1)} }

func (v *virtual) Now() time.Duration { return v.now }
func (v *virtual) Submit() error      { return nil }
func (v *virtual) Close() error       { return nil }
func (v *virtual) Wake()              { notify(v.woken) }

func (v *virtual) Wait(d time.Duration) error {
	if d < 0 {
		<-v.woken
		return nil
	}
	v.now += d
	return nil
}

// newVirtualLoop returns a loop on virtual time.
func newVirtualLoop(tb testing.TB) (*Loop, *virtual) {
	tb.Helper()
	v := newVirtual()
	l, err := NewLoop(Config{Clock: v, Driver: func(int) (Driver, error) { return v, nil }})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := l.Shutdown(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	return l, v
}

func TestTimeoutCancelsAndAwaitsItsChild(t *testing.T) {
	l, v := newVirtualLoop(t)
	fs := probes(1)
	fs[0].stubborn = true
	task := Spawn(l, Timeout(time.Minute, fs[0]))
	slow := Spawn(l, SleepAsync(2*time.Minute))
	mustWait(t, slow)
	if isDone(l, task) {
		t.Fatal("did not wait for its child")
	}
	fs[0].finish()
	f := mustWait(t, task)
	if !f.TimedOut() || f.Result() != ErrTimeout || f.F().Result() != nil {
		t.Errorf("TimedOut = %v, Result = %v, the child's = %v", f.TimedOut(), f.Result(), f.F().Result())
	}
	if v.now < 2*time.Minute {
		t.Error("the test has not let time pass")
	}
	checkProbes(t, fs...)
	task.Release()
	slow.Release()
}

func TestTimeoutOfAChildThatIsReadyInTime(t *testing.T) {
	l, v := newVirtualLoop(t)
	task := Spawn(l, Timeout(time.Minute, SleepAsync(time.Second)))
	f := mustWait(t, task)
	if f.TimedOut() || f.Result() != nil || f.F().Result() != nil {
		t.Errorf("TimedOut = %v, Result = %v", f.TimedOut(), f.Result())
	}
	if v.now > 2*time.Second {
		t.Errorf("took %v: the alarm was waited for", v.now)
	}
	if l.timers != nil {
		if _, ok := l.timers.next(); ok {
			t.Error("the alarm is still set")
		}
	}
	task.Release()
}

func TestTimeoutNeverHitsAChildThatIsReadyAtOnce(t *testing.T) {
	for _, d := range []time.Duration{-1, 0, 1, time.Hour} {
		l, _ := newVirtualLoop(t)
		fs := probes(1)
		fs[0].ready = true
		task := Spawn(l, Timeout(d, fs[0]))
		if f := mustWait(t, task); f.TimedOut() {
			t.Errorf("timed out after %v", d)
		}
		task.Release()
	}
}

func TestTimeoutOfAGreedyChildHits(t *testing.T) {
	for _, d := range []time.Duration{0, time.Second} {
		l, v := newVirtualLoop(t)
		fs := probes(1)
		fs[0].spends = true
		task := Spawn(l, Timeout(d, fs[0]))
		for i := 0; i < 100 && !isDone(l, task); i++ {
			if _, err := l.Step(); err != nil {
				t.Fatal(err)
			}
			v.now += time.Second
		}
		if f := mustWait(t, task); !f.TimedOut() || !fs[0].canceled {
			t.Errorf("TimedOut = %v, canceled = %v", f.TimedOut(), fs[0].canceled)
		}
		task.Release()
	}
}

func TestTimeoutThatIsCanceledHasNotTimedOut(t *testing.T) {
	l, _ := newVirtualLoop(t)
	fs := probes(1)
	fs[0].stubborn = true // so that the alarm is over before it
	task := Spawn(l, Timeout(time.Minute, fs[0]))
	idle(t, l)
	task.Cancel()
	idle(t, l)
	fs[0].finish()
	if f := mustWait(t, task); f.TimedOut() || f.Result() != nil {
		t.Errorf("TimedOut = %v, Result = %v", f.TimedOut(), f.Result())
	}
	task.Release()
}

func TestTimeoutsNest(t *testing.T) {
	l, v := newVirtualLoop(t)
	task := Spawn(l, Timeout(time.Second, Timeout(time.Minute, SleepAsync(time.Hour))))
	f := mustWait(t, task)
	if !f.TimedOut() || f.F().TimedOut() || f.F().F().Result() != ErrCanceled {
		t.Errorf("outer %v, inner %v, sleep %v", f.TimedOut(), f.F().TimedOut(), f.F().F().Result())
	}
	if v.now > 2*time.Second {
		t.Errorf("took %v", v.now)
	}
	task.Release()
}

func TestTimeoutAcceptsThatItsConnectionArrivedTokioUring129(t *testing.T) {
	// An accept that has a connection when its time is up: it is handed over.
	l, _ := newVirtualLoop(t)
	conn := make(chan string)
	task := Spawn(l, Timeout(time.Second, FromChan(conn)))
	idle(t, l)
	conn <- "connection"
	// The loop does not know of it yet, and the time is up.
	late := Spawn(l, Timeout(time.Nanosecond, SleepAsync(time.Hour)))
	mustWait(t, late)
	if c, err := mustWait(t, task).F().Result(); err != nil || c != "connection" {
		t.Errorf("Result = %q, %v: the connection is lost", c, err)
	}
	task.Release()
	late.Release()
}

func TestTimeoutDropsItsChild(t *testing.T) {
	l, _ := newVirtualLoop(t)
	fs := probes(1)
	task := Spawn(l, Timeout(time.Second, fs[0]))
	mustWait(t, task)
	task.Release()
	if fs[0].drops != 1 {
		t.Errorf("dropped %d times", fs[0].drops)
	}
}

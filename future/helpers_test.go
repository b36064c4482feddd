package future

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// script is a future whose polls are functions.
type script struct {
	polls int
	f     func(cx *Context, n int) Poll
	drop  func()
}

func (s *script) Poll(cx *Context) Poll {
	s.polls++
	return s.f(cx, s.polls)
}

func (s *script) Drop() {
	if s.drop != nil {
		s.drop()
	}
}

// newTestLoop returns a loop that is shut down, and found empty, when the test
// ends.
func newTestLoop(tb testing.TB) *Loop {
	tb.Helper()
	return newLoopWith(tb, Config{})
}

// newLoopWith is newTestLoop with a configuration.
func newLoopWith(tb testing.TB, cfg Config) *Loop {
	tb.Helper()
	l, err := NewLoop(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := l.Shutdown(ctx); err != nil {
			tb.Error(err)
		}
	})
	return l
}

// checkLeaks fails the test if, when it ends, there are more goroutines or more
// owners in use than now. It is called first, so that its cleanup runs last.
func checkLeaks(tb testing.TB) {
	tb.Helper()
	Default() // its goroutines stay
	goroutines, owners := runtime.NumGoroutine(), ownersInUse()
	if oneThread {
		goroutines++ // Go's own, which waits for events and may begin any time
	}
	tb.Cleanup(func() {
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			g, o := runtime.NumGoroutine(), ownersInUse()
			if g <= goroutines && o <= owners {
				return
			}
			if time.Now().After(deadline) {
				tb.Errorf("%d goroutines where there were %d, %d owners where there were %d", g, goroutines, o, owners)
				return
			}
		}
	})
}

// ownersInUse counts the owners that loops have, without the idle ones of Block.
func ownersInUse() int {
	directory.mu.Lock()
	defer directory.mu.Unlock()
	blockLoops.mu.Lock()
	defer blockLoops.mu.Unlock()
	n := 0
	if owners := directory.owners.Load(); owners != nil {
		n = len(*owners)
	}
	return n - len(directory.spare) - len(blockLoops.free)
}

// counting is a driver that counts its calls.
type counting struct {
	parker
	waits, wakes atomic.Int32
}

func newCounting() *counting { return &counting{parker: *newParker()} }

func (d *counting) Wait(t time.Duration) error {
	d.waits.Add(1)
	return d.parker.Wait(t)
}

func (d *counting) Wake() {
	d.wakes.Add(1)
	d.parker.Wake()
}

// sleeps reports whether l waits in its driver.
func sleeps(l *Loop) bool { return l.own.idle.Load() == asleep }

// eventually waits until cond holds.
func eventually(tb testing.TB, what string, cond func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(20 * time.Second); !cond(); {
		if time.Now().After(deadline) {
			tb.Fatalf("never: %s", what)
		}
		time.Sleep(50 * time.Microsecond)
	}
}

// pending is a future that waits until its test wakes it with done set.
func pending() script {
	return script{f: func(cx *Context, n int) Poll {
		if cx.canceled {
			cx.abort()
			return Ready
		}
		return Pending
	}}
}

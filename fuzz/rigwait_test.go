package fuzz

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
)

// burn keeps a processor busy, and a goroutine ready to run, for d.
func burn(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
		runtime.Gosched()
	}
}

func TestAGoroutineThatRunsIsWaitedForBeyondPatience(t *testing.T) {
	var wg sync.WaitGroup
	defer wg.Wait()
	newFuture := func() scripted {
		w, over := make(chan future.Waker, 1), make(chan struct{})
		return scripted{f: func(s *scripted, cx *future.Context) future.Poll {
			if s.n == 1 {
				wg.Go(func() {
					burn(50 * time.Millisecond)
					close(over)
					(<-w).Wake()
				})
				w <- cx.Waker()
			}
			select {
			case <-over:
				return future.Ready
			default:
				return future.Pending
			}
		}}
	}
	r := &rig[scripted, *scripted]{o: options{patience: time.Millisecond, polls: 100}, way: way{name: "run as usual"}}
	if err := r.run(newFuture); err != nil {
		t.Error(err)
	}
	if err := r.close(); err != nil {
		t.Error(err)
	}
}

func TestQuietEnds(t *testing.T) {
	r := &rig[Leaf, *Leaf]{woken: make(chan struct{}, 1)}
	if !r.quiet(turns, turn, time.Hour) {
		t.Error("a wake was seen that nobody sent")
	}
	r.woken <- struct{}{}
	if r.quiet(turns, time.Hour, time.Hour) {
		t.Error("a wake was not seen")
	}

	quit := make(chan struct{})
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				select {
				case <-quit:
					return
				default:
					runtime.Gosched()
				}
			}
		})
	}
	if !r.quiet(turns, turn, 20*turn) {
		t.Error("a wake was seen that nobody sent")
	}
	close(quit)
	wg.Wait()
}

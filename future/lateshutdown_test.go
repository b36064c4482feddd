package future

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestWhateverIsSpawnedDuringAShutdownIsDroppedOnce spawns from several goroutines and
// from polls until the runtime is gone, which it is at any time, with and without an
// abort: nobody waits for ever, and no future is lost, or dropped twice.
func TestWhateverIsSpawnedDuringAShutdownIsDroppedOnce(t *testing.T) {
	checkLeaks(t)
	for round := range 40 {
		rt, err := NewRuntime(Config{Loops: 2})
		if err != nil {
			t.Fatal(err)
		}
		var made, dropped, twice atomic.Int64
		var fresh func(depth int) script
		fresh = func(depth int) script {
			made.Add(1)
			gone := new(atomic.Bool)
			return script{drop: func() {
				if gone.Swap(true) {
					twice.Add(1)
				}
				dropped.Add(1)
			}, f: func(cx *Context, n int) Poll {
				if depth > 0 && n == 1 {
					Go(cx, fresh(depth-1))
					Go(rt, fresh(depth-1))
				}
				if cx.Canceled() {
					cx.abort()
					return Ready
				}
				if n > 2 {
					return Ready
				}
				cx.Wake(cx.Waker())
				return Pending
			}}
		}
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				for {
					var err error
					switch g {
					case 0:
						Go(rt, fresh(2))
						_, err = rt.Loop(0).Stats(context.Background())
					case 1:
						task := Spawn(rt, fresh(1))
						_, err = task.Wait()
						task.Release()
					case 2:
						var task Task[script]
						task, err = SpawnInit(rt, func(f *script) error { *f = fresh(0); return nil })
						task.Cancel()
						task.Release()
					case 3:
						target := Spawn(rt.Loop(0), fresh(0))
						w := Spawn(rt.Loop(1), target.WaitAsync())
						if round%2 == 0 {
							w.Cancel()
						}
						_, err = w.Wait()
						target.Release()
						w.Release()
					}
					if err == ErrClosed {
						return
					}
				}
			})
		}
		time.Sleep(time.Duration(round%8) * 100 * time.Microsecond)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		if round%4 < 2 {
			cancel()
		}
		err = rt.Shutdown(ctx)
		cancel()
		wg.Wait()
		if e, ok := err.(*ShutdownError); ok && len(e.Leaked)+len(e.Stuck)+len(e.Errs) > 0 {
			t.Errorf("round %d: %v", round, err)
		}
		if made.Load() != dropped.Load() || twice.Load() != 0 {
			t.Fatalf("round %d: %d futures were made, %d dropped, %d of them twice; Shutdown = %v", round, made.Load(), dropped.Load(), twice.Load(), err)
		}
	}
}

package future

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

func TestWatchShowsTheLatestValue(t *testing.T) {
	w := NewWatch("a")
	r := w.Subscribe()
	if r.Get() != "a" || w.Get() != "a" {
		t.Errorf("%q, %q", r.Get(), w.Get())
	}
	w.Set("b")
	w.Set("c")
	if err := r.Changed(); err != nil || r.Get() != "c" {
		t.Errorf("%v, %q", err, r.Get())
	}
	w.Close()
	if err := r.Changed(); err != ErrClosed {
		t.Errorf("Changed = %v", err)
	}
	if err := w.Set("d"); err != ErrClosed || w.Get() != "c" {
		t.Errorf("Set = %v, value %q", err, w.Get())
	}
}

func TestWatchTellsAllWatchersOfAChange(t *testing.T) {
	for _, how := range []string{"Set", "SetCx", "Close", "CloseCx"} {
		l := newTestLoop(t)
		w := NewWatch(0)
		var tasks []Task[WatcherChangedFuture[int]]
		for range 3 {
			tasks = append(tasks, Spawn(l, w.Subscribe().ChangedAsync()))
		}
		run(t, l)
		want := error(nil)
		switch how {
		case "Set":
			w.Set(1)
		case "Close":
			want = ErrClosed
			w.Close()
		default:
			release(t, Spawn(l, script{f: func(cx *Context, _ int) Poll {
				if how == "SetCx" {
					w.SetCx(cx, 1)
				} else {
					want = ErrClosed
					w.CloseCx(cx)
				}
				return Ready
			}}))
		}
		run(t, l)
		for _, task := range tasks {
			wantDone(t, l, task, true)
			if err := at(l, task).Result(); err != want {
				t.Errorf("%s: Changed = %v", how, err)
			}
			release(t, task)
		}
		wantQuiet(t, l, &w.q)
	}
}

func TestWatchLastChangeIsSeenBeforeTheClose(t *testing.T) {
	w := NewWatch(0)
	r := w.Subscribe()
	w.Set(1)
	w.Close()
	if err := r.Changed(); err != nil || r.Get() != 1 {
		t.Errorf("Changed = %v", err)
	}
	if err := r.Changed(); err != ErrClosed {
		t.Errorf("Changed = %v", err)
	}
}

func TestWatchGetCountsAsSeen(t *testing.T) {
	l := newTestLoop(t)
	w := NewWatch(0)
	r := w.Subscribe()
	w.Set(1)
	if r.Get() != 1 {
		t.Error("Get does not show the change")
	}
	task := Spawn(l, r.ChangedAsync())
	run(t, l)
	wantDone(t, l, task, false)
	w.Set(1) // the same value is a change as well
	release(t, task)
	wantQuiet(t, l, &w.q)
}

func TestWatcherCancelledHasSeenNothing(t *testing.T) {
	l := newTestLoop(t)
	w := NewWatch(0)
	r := w.Subscribe()
	task := Spawn(l, r.ChangedAsync())
	run(t, l)
	w.Set(1)
	task.Cancel()
	run(t, l)
	if err := at(l, task).Result(); err != ErrCanceled {
		t.Errorf("Changed = %v", err)
	}
	release(t, task)
	if err := r.Changed(); err != nil {
		t.Errorf("Changed = %v", err)
	}
	wantQuiet(t, l, &w.q)
}

// TestWatchChangesAreNotMissed: however fast the value changes, every watcher sees
// the last one, and never an older one after a newer.
func TestWatchChangesAreNotMissed(t *testing.T) {
	scenes(t, func(t *testing.T, spawn func(actor) func(), c cast) {
		w := NewWatch(0)
		var seen atomic.Int64
		look := func(r *Watcher[int], last *int) (over bool) {
			v := r.Get()
			if v < *last {
				t.Errorf("%d after %d", v, *last)
			}
			*last = v
			seen.Add(1)
			return v == c.rounds
		}
		var ends []func()
		for i := range c.tasks {
			r, last, over := w.Subscribe(), 0, false
			ends = append(ends, spawn(newActor(uint64(i), func(rng *rand.Rand) *attempt {
				if over {
					return nil
				}
				f := r.ChangedAsync()
				return &attempt{
					f: &f,
					then: func(*Context) (int, error) {
						if err := f.Result(); err != nil {
							return 0, err
						}
						over = look(r, &last)
						return 0, nil
					},
					done: func(*Context) {},
				}
			})))
		}
		var wg sync.WaitGroup
		for range c.goroutines {
			r, last := w.Subscribe(), 0
			wg.Go(func() {
				for {
					if err := r.Changed(); err != nil {
						t.Error(err)
						return
					}
					if look(r, &last) {
						return
					}
				}
			})
		}
		rng := rand.New(rand.NewPCG(8, 8))
		for i := range c.rounds {
			w.Set(i + 1)
			fiddle(rng)
		}
		wg.Wait()
		for _, end := range ends {
			end()
		}
		if seen.Load() < int64(c.tasks+c.goroutines) {
			t.Errorf("%d changes were seen", seen.Load())
		}
	})
}

func TestWatchLosesNoWakeBetweenCheckAndRegistration(t *testing.T) {
	rt := newQuietRuntime(t, 1)
	for i := range 1000 {
		w := NewWatch(0)
		task := Spawn(rt, w.Subscribe().ChangedAsync())
		if i%2 == 0 {
			w.Set(1)
		} else {
			w.Close()
		}
		release(t, task)
	}
}

func TestWatcherChangedCopiedIsCaught(t *testing.T) {
	l := newTestLoop(t)
	w := NewWatch(0)
	r := w.Subscribe()
	task := Spawn(l, r.ChangedAsync())
	run(t, l)
	moved := *at(l, task)
	for _, set := range []bool{false, true} {
		if set {
			w.Set(1)
		}
		release(t, Spawn(l, script{f: func(cx *Context, _ int) Poll {
			wantMoved(t, "waiting", func() { moved.Poll(cx) })
			return Ready
		}}))
	}
	release(t, task)
	wantQuiet(t, l, &w.q)
}

func TestWatchInsidePollIsRefused(t *testing.T) {
	l := newTestLoop(t)
	r := NewWatch(0).Subscribe()
	release(t, Spawn(l, script{f: func(cx *Context, _ int) Poll {
		if err := r.Changed(); err != ErrBlockedPoll {
			t.Errorf("Changed = %v", err)
		}
		return Ready
	}}))
}

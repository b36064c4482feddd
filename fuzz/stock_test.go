package fuzz_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/fuzz"
)

// This file runs the futures of package future through the harness that users have
// for theirs.

func waiter() fuzz.Leaf { return fuzz.Leaf{Waits: 2} }
func remote() fuzz.Leaf { return fuzz.Leaf{Waits: 2, Remote: true, ID: 9} }

// wantOnce returns an error unless exactly one of the two has it.
func wantOnce(what string, one, other bool) error {
	if one == other {
		return fmt.Errorf("%s is in two places: %t, or in none", what, one)
	}
	return nil
}

func TestCombinatorsKeepTheRules(t *testing.T) {
	t.Run("Join", func(t *testing.T) {
		fuzz.Future(t, func() future.JoinFuture[fuzz.Leaf, fuzz.Leaf, *fuzz.Leaf, *fuzz.Leaf] {
			return future.Join(waiter(), remote())
		})
	})
	t.Run("Race", func(t *testing.T) {
		fuzz.Future(t, func() future.RaceFuture[fuzz.Leaf, *fuzz.Leaf] {
			return future.Race(waiter(), remote(), fuzz.Leaf{Waits: 4})
		}, fuzz.Check(func(f *future.RaceFuture[fuzz.Leaf, *fuzz.Leaf]) error {
			for _, l := range f.Each() {
				_, _ = l.Result() // panics if it was not Ready
			}
			return nil
		}))
	})
	t.Run("Select2", func(t *testing.T) {
		fuzz.Future(t, func() future.Select2Future[fuzz.Leaf, future.SleepFuture, *fuzz.Leaf, *future.SleepFuture] {
			return future.Select2(remote(), future.SleepAsync(time.Hour))
		})
	})
	t.Run("Timeout", func(t *testing.T) {
		fuzz.Future(t, func() future.TimeoutFuture[future.SleepFuture, *future.SleepFuture] {
			return future.Timeout(time.Minute, future.SleepAsync(time.Hour))
		}, fuzz.Check(func(f *future.TimeoutFuture[future.SleepFuture, *future.SleepFuture]) error {
			if err := f.F().Result(); err != future.ErrCanceled {
				return fmt.Errorf("the child ended with %v", err)
			}
			return nil
		}))
	})
	t.Run("Shield", func(t *testing.T) {
		fuzz.Future(t, func() future.ShieldFuture[fuzz.Leaf, *fuzz.Leaf] { return future.Shield(remote()) },
			fuzz.Check(func(f *future.ShieldFuture[fuzz.Leaf, *fuzz.Leaf]) error {
				_, err := f.F().Result()
				return err // it is not cancelled, whatever happens outside
			}))
	})
	t.Run("TryAllOf", func(t *testing.T) {
		fuzz.Future(t, func() future.TryAllOfFuture[int, fuzz.Leaf, *fuzz.Leaf] {
			return future.TryAllOf[int](waiter(), remote(), fuzz.Leaf{})
		})
	})
	t.Run("nested", func(t *testing.T) {
		type race = future.RaceFuture[fuzz.Leaf, *fuzz.Leaf]
		type limited = future.TimeoutFuture[race, *race]
		fuzz.Future(t, func() future.AllFuture[limited, *limited] {
			limit := func(d time.Duration, f race) limited { return future.Timeout(d, f) }
			return future.All(limit(time.Hour, future.Race(waiter(), remote())), limit(time.Nanosecond, future.Race(remote(), remote())))
		})
	})
	t.Run("Interval", func(t *testing.T) {
		fuzz.Future(t, func() future.IntervalTickFuture {
			i := future.NewInterval(time.Hour)
			return i.TickAsync()
		})
	})
	t.Run("Collect", func(t *testing.T) {
		fuzz.Future(t, func() future.CollectFuture[int] {
			return future.Collect[int](future.FromSeq(slices.Values([]int{1, 2, 3})))
		})
	})
}

func TestOperationsWithGoroutinesKeepTheRules(t *testing.T) {
	t.Run("Chan", func(t *testing.T) {
		var c *future.Chan[int]
		var sent chan error
		fuzz.Future(t, func() future.ChanRecvFuture[int] {
			c, sent = future.NewChan[int](0), make(chan error, 1)
			go func(c *future.Chan[int], sent chan error) {
				runtime.Gosched()
				sent <- c.Send(42)
			}(c, sent)
			return c.RecvAsync()
		}, fuzz.Check(func(f *future.ChanRecvFuture[int]) error {
			v, _ := f.Result()
			c.Close() // which ends a Send that nobody has received
			return wantOnce("the value", v == 42, <-sent != nil)
		}), fuzz.Aborted(func(*future.ChanRecvFuture[int]) error {
			c.Close()
			return wantOnce("the value", false, <-sent != nil)
		}))
	})
	t.Run("Mutex", func(t *testing.T) {
		var m *future.Mutex
		fuzz.Future(t, func() future.MutexLockFuture {
			m = new(future.Mutex)
			m.TryLock()
			go func(m *future.Mutex) {
				time.Sleep(100 * time.Microsecond)
				m.Unlock()
			}(m)
			return m.LockAsync()
		}, fuzz.Check(func(f *future.MutexLockFuture) error {
			if f.Result() == nil {
				m.Unlock()
			}
			if err := m.Lock(); err != nil { // hangs if the lock was lost
				return err
			}
			m.Unlock()
			return nil
		}), fuzz.Aborted(func(*future.MutexLockFuture) error {
			return m.Lock() // hangs if the lock was lost
		}))
	})
	t.Run("Notify", func(t *testing.T) {
		var n *future.Notify
		fuzz.Future(t, func() future.NotifyWaitFuture {
			n = new(future.Notify)
			go n.NotifyOne()
			return n.WaitAsync()
		}, fuzz.Check(func(f *future.NotifyWaitFuture) error {
			if f.Result() == nil {
				return nil
			}
			return n.Wait() // hangs if the notification was lost
		}), fuzz.Aborted(func(*future.NotifyWaitFuture) error { return n.Wait() }))
	})
	t.Run("Oneshot", func(t *testing.T) {
		fuzz.Future(t, func() future.OneshotRecvFuture[int] {
			o := new(future.Oneshot[int])
			go func() { _ = o.Send(1) }()
			return o.RecvAsync()
		})
	})
	t.Run("Watch", func(t *testing.T) {
		fuzz.Future(t, func() future.WatcherChangedFuture[int] {
			w := future.NewWatch(1)
			r := w.Subscribe()
			go func() { _ = w.Set(2) }()
			return r.ChangedAsync()
		})
	})
	t.Run("FromFunc", func(t *testing.T) {
		fuzz.Future(t, func() future.FromFuncFuture[int] {
			return future.FromFunc(func() (int, error) { time.Sleep(100 * time.Microsecond); return 5, nil })
		})
	})
	t.Run("FromChan", func(t *testing.T) {
		var c chan int
		fuzz.Future(t, func() future.FromChanFuture[int] {
			c = make(chan int, 1)
			go func(c chan int) {
				time.Sleep(50 * time.Microsecond)
				c <- 42
			}(c)
			return future.FromChan(c)
		}, fuzz.Check(func(f *future.FromChanFuture[int]) error {
			if v, err := f.Result(); err == nil && v != 42 || err != nil && <-c != 42 { // hangs if it was lost
				return fmt.Errorf("%d, %v", v, err)
			}
			return nil
		}))
	})
	t.Run("ToChan", func(t *testing.T) {
		var c chan int
		fuzz.Future(t, func() future.ToChanFuture[int] {
			c = make(chan int)
			go func(c chan int) {
				time.Sleep(50 * time.Microsecond)
				<-c
			}(c)
			return future.ToChan(c, 1)
		}, fuzz.Check(func(f *future.ToChanFuture[int]) error {
			if f.Result() != nil {
				c <- 1 // for the goroutine, which is still there
			}
			return nil
		}), fuzz.Aborted(func(f *future.ToChanFuture[int]) error {
			if f.Result() != nil {
				c <- 1
			}
			return nil
		}))
	})
	t.Run("FromContext", func(t *testing.T) {
		fuzz.Future(t, func() future.FromContextFuture {
			ctx, cancel := context.WithCancel(context.Background())
			go cancel()
			return future.FromContext(ctx)
		})
	})
	t.Run("WithContext", func(t *testing.T) {
		fuzz.Future(t, func() future.WithContextFuture[future.SleepFuture, *future.SleepFuture] {
			ctx, cancel := context.WithCancel(context.Background())
			go cancel()
			return future.WithContext(ctx, future.SleepAsync(time.Hour))
		})
	})
}

func TestAWaitForATaskKeepsTheRules(t *testing.T) {
	rt, err := future.NewRuntime(future.Config{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	// The tasks are on another loop than the harness's.
	var task future.Task[future.SleepFuture]
	fuzz.Future(t, func() future.TaskWaitFuture[future.SleepFuture] {
		task = future.Spawn(rt, future.SleepAsync(time.Millisecond))
		return task.WaitAsync()
	}, fuzz.Check(func(f *future.TaskWaitFuture[future.SleepFuture]) error {
		defer task.Release()
		if _, err := f.Result(); err != nil && err != future.ErrCanceled {
			return err
		}
		return nil
	}), fuzz.Aborted(func(*future.TaskWaitFuture[future.SleepFuture]) error {
		task.Release()
		return nil
	}))
	if err := rt.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

package fuzz_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/fuzz"
	"github.com/pinion-go/pinion/pin"
)

// scoped spawns tasks in a scope of its own, which write into its frame.
type scoped struct {
	anchor pin.Anchor
	scope  future.Scope
	begun  bool
	ends   [3]bool
}

type borrower struct {
	leaf fuzz.Leaf
	end  *bool
}

func (b *borrower) Poll(cx *future.Context) future.Poll {
	p := b.leaf.Poll(cx)
	*b.end = p == future.Ready
	return p
}

func (f *scoped) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if !f.begun {
		f.begun = true
		for i := range f.ends {
			future.Go(f.scope.In(cx), borrower{fuzz.Leaf{Waits: i, Remote: i > 1}, &f.ends[i]})
		}
	}
	return f.scope.Poll(cx)
}

func (f *scoped) Cancel() { f.scope.Cancel() }

// body is what ForEach runs for a number.
type body struct{ fuzz.Leaf }

func (b *body) Result() error {
	_, err := b.Leaf.Result()
	return err
}

func TestScopesAndStreamsKeepTheRules(t *testing.T) {
	t.Run("Scope", func(t *testing.T) {
		fuzz.Future(t, func() scoped { return scoped{} }, fuzz.Check(func(f *scoped) error {
			if f.ends != [3]bool{true, true, true} {
				return fmt.Errorf("of its tasks have ended %v", f.ends)
			}
			return f.scope.Result()
		}))
	})
	t.Run("ForEach", func(t *testing.T) {
		given := 0
		var sent *int
		quit := func() {}
		t.Cleanup(func() { quit() })
		fuzz.Future(t, func() future.ForEachFuture[int, body, *body] {
			quit() // the one before may have been cancelled
			given = 0
			c, n := make(chan int), new(int)
			sent = n
			ctx, cancel := context.WithCancel(t.Context())
			quit = cancel
			go func() {
				defer close(c)
				for i := range 5 {
					select {
					case c <- i:
						*n++
					case <-ctx.Done():
						return
					}
				}
			}()
			return future.ForEach(future.StreamFromChan(c), 2, func(i int) body {
				given++
				return body{fuzz.Leaf{Waits: i % 3, Remote: i%2 == 1}}
			})
		}, fuzz.Check(func(f *future.ForEachFuture[int, body, *body]) error {
			if err := f.Result(); err == nil && (given != 5 || *sent != 5) || err != nil && err != future.ErrCanceled {
				return fmt.Errorf("%d values were sent and %d given to a body: %v", *sent, given, err)
			}
			return nil
		}))
	})
	t.Run("Next", func(t *testing.T) {
		fuzz.Future(t, func() future.NextFuture[int] {
			c := make(chan int)
			close(c)
			return future.Next(future.StreamFromChan(c))
		}, fuzz.Check(func(f *future.NextFuture[int]) error {
			if _, err := f.Result(); err != io.EOF && err != future.ErrCanceled {
				return fmt.Errorf("got %v", err)
			}
			return nil
		}))
	})
}

func TestMoreOperationsKeepTheRules(t *testing.T) {
	t.Run("Broadcast", func(t *testing.T) {
		var r *future.BroadcastReceiver[int]
		var b *future.Broadcast[int]
		fuzz.Future(t, func() future.BroadcastReceiverRecvFuture[int] {
			b = future.NewBroadcast[int](1)
			r = b.Subscribe()
			go func(b *future.Broadcast[int]) {
				runtime.Gosched()
				_ = b.Send(7)
			}(b)
			return r.RecvAsync()
		}, fuzz.Check(func(f *future.BroadcastReceiverRecvFuture[int]) error {
			v, err := f.Result()
			if err != nil {
				v, err = r.Recv() // hangs if the value was lost
			}
			if v != 7 || err != nil {
				return fmt.Errorf("received %d, %v", v, err)
			}
			return nil
		}))
	})
	t.Run("Semaphore", func(t *testing.T) {
		var s *future.Semaphore
		fuzz.Future(t, func() future.SemaphoreAcquireFuture {
			s = future.NewSemaphore(3)
			s.TryAcquire(2)
			go func(s *future.Semaphore) {
				runtime.Gosched()
				s.Release(1)
				s.Release(1)
			}(s)
			return s.AcquireAsync(3)
		}, fuzz.Check(func(f *future.SemaphoreAcquireFuture) error {
			if f.Result() == nil {
				s.Release(3)
			}
			return s.Acquire(3) // hangs if permits were lost
		}))
	})
	t.Run("RWMutex", func(t *testing.T) {
		var m *future.RWMutex
		fuzz.Future(t, func() future.RWMutexRLockFuture {
			m = new(future.RWMutex)
			m.TryLock()
			go func(m *future.RWMutex) {
				runtime.Gosched()
				m.Unlock()
			}(m)
			return m.RLockAsync()
		}, fuzz.Check(func(f *future.RWMutexRLockFuture) error {
			if f.Result() == nil {
				m.RUnlock()
			}
			return m.Lock() // hangs if the lock was lost
		}))
	})
	t.Run("ToChan", func(t *testing.T) {
		var got chan int
		var quit chan struct{}
		fuzz.Future(t, func() future.ToChanFuture[int] {
			c := make(chan int)
			got, quit = make(chan int, 1), make(chan struct{})
			go func(got chan int, quit chan struct{}) {
				runtime.Gosched()
				select {
				case v := <-c:
					got <- v
				case <-quit:
					got <- 0
				}
			}(got, quit)
			return future.ToChan(c, 5)
		}, fuzz.Check(func(f *future.ToChanFuture[int]) error {
			err := f.Result()
			if err != nil {
				close(quit)
			}
			return wantOnce("the value", <-got == 5, errors.Is(err, future.ErrCanceled))
		}))
	})
	t.Run("Chan.Send", func(t *testing.T) {
		var c *future.Chan[int]
		fuzz.Future(t, func() future.ChanSendFuture[int] {
			c = future.NewChan[int](1)
			_ = c.TrySend(1)
			go func(c *future.Chan[int]) {
				runtime.Gosched()
				_, _ = c.Recv()
			}(c)
			return c.SendAsync(2)
		}, fuzz.Check(func(f *future.ChanSendFuture[int]) error {
			err := f.Result()
			c.Close()
			for {
				v, e := c.Recv()
				if e != nil {
					return wantOnce("the value", false, err != nil)
				} else if v == 2 {
					return wantOnce("the value", true, err != nil)
				}
			}
		}))
	})
}

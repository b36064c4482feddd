package aio

import (
	"context"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/internal/uring"
)

// eachRing runs f with an engine of an io_uring that any thread may use, and of one that is
// its thread's, whose completions are put off until it asks for them (DEFER_TASKRUN).
func eachRing(t *testing.T, f func(t *testing.T, e *engine, r *uring.Ring)) {
	for name, bound := range map[string]bool{"unbound": false, "bound": true} {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread()
			e, err := newEngine("uring", bound)
			if err != nil {
				t.Skip(err)
			}
			l, err := future.NewLoop(future.Config{Driver: func(int) (future.Driver, error) { return e, nil }})
			if err != nil {
				t.Fatal(err)
			}
			f(t, e, e.k.(*uringKernel).r)
			if err := l.Shutdown(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
}

// counts is a completer that counts how often each operation ends.
type counts map[key]int

func (c counts) completed(_ *engine, k key, r completion) {
	if !r.more {
		c[k]++
	}
}

// TestAFullCompletionQueueLosesNothing has more operations complete than the queue has room for
// before anybody takes a completion: those that find none wait in the kernel.
func TestAFullCompletionQueueLosesNothing(t *testing.T) {
	eachRing(t, func(t *testing.T, e *engine, r *uring.Ring) {
		ready := event(t)
		unix.Write(int(ready), []byte{1, 0, 0, 0, 0, 0, 0, 0})
		ended := counts{}
		if err := e.Submit(); err != nil { // the first makes a bound ring its thread's
			t.Fatal(err)
		}
		const n = 8 * ringEntries // there is room for two
		for range n {
			e.start(opPollIn, ready, nil, true, ended)
		}
		for range 2 * n { // hands over what is queued, and takes nothing up
			e.k.(*uringKernel).enter(0, 0)
			if e.push(); len(e.backlog) == 0 && r.Queued() == 0 {
				break
			}
		}
		if room := uint32(2 * ringEntries); r.Available() < room || !r.Behind() {
			t.Fatalf("%d completions of %d, and others wait in the kernel: %v", r.Available(), room, r.Behind())
		}
		e.until(t, func() bool { return len(ended) == n })
		for k, times := range ended {
			if times != 1 {
				t.Errorf("%#x has ended %d times", k, times)
			}
		}
		if e.ops.live != 0 {
			t.Errorf("%d operations are left", e.ops.live)
		}
	})
}

// TestSignalsInterruptNothing sends signals to the thread that waits in io_uring_enter, which
// then returns EINTR.
func TestSignalsInterruptNothing(t *testing.T) {
	eachRing(t, func(t *testing.T, e *engine, r *uring.Ring) {
		thread, stop, stopped := unix.Gettid(), make(chan struct{}), make(chan int)
		go func() {
			n := 0
			for ; ; n++ {
				select {
				case <-stop:
					stopped <- n
					return
				default: // SIGURG means nothing to the runtime but a look around
					unix.Tgkill(unix.Getpid(), thread, unix.SIGURG)
					time.Sleep(20 * time.Microsecond)
				}
			}
		}()
		fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		peer := fds[1]
		c := newConn(fds[0])
		c.on(e)
		rounds := 1000
		if testing.Short() {
			rounds = 100
		}
		for i := range rounds {
			c.ready(e)
			go func() {
				time.Sleep(50 * time.Microsecond) // so that the loop waits, mostly
				unix.Write(peer, []byte{byte(i), byte(i >> 8)})
			}()
			var got []byte
			await(t, e, "what was sent", func() bool {
				p := make([]byte, 2)
				got = append(got, p[:c.take(e, p)]...)
				c.ready(e)
				return len(got) == 2
			})
			if got[0] != byte(i) || got[1] != byte(i>>8) {
				t.Fatalf("round %d: %d", i, got)
			}
		}
		close(stop)
		if n := <-stopped; n < rounds {
			t.Errorf("only %d signals in %d rounds", n, rounds)
		}
		c.close(e)
		unix.Close(peer)
	})
}

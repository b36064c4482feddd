package aio

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestAFullCompletionQueueLosesNothing has more operations complete than the queue has room for
// before anybody takes a completion: those that find none wait in the kernel.
func TestAFullCompletionQueueLosesNothing(t *testing.T) {
	eachKernel(t, func(t *testing.T, e *engine, r *recorder) {
		u := e.k.(*uringKernel)
		ready := event(t)
		unix.Write(int(ready), []byte{1, 0, 0, 0, 0, 0, 0, 0})
		if err := e.Submit(); err != nil { // the first makes a bound ring its thread's
			t.Fatal(err)
		}
		const n = 8 * ringEntries // there is room for two
		for range n {
			e.start(opPollIn, ready, nil, true, r)
		}
		for range 2 * n { // hands over what is queued, and takes nothing up
			u.enter(0, 0)
			if e.push(); len(e.backlog) == 0 && u.r.Queued() == 0 {
				break
			}
		}
		if room := uint32(2 * ringEntries); u.r.Available() < room || !u.r.Behind() {
			t.Fatalf("%d completions of %d, and others wait in the kernel: %v", u.r.Available(), room, u.r.Behind())
		}
		await(t, e, "all of them", func() bool { return len(r.over) == n })
		for k, results := range r.results {
			if len(results) != 1 {
				t.Errorf("%#x has ended %d times", k, len(results))
			}
		}
	}, "uring")
}

// TestSignalsInterruptNothing sends signals to the thread that waits in io_uring_enter, or in
// epoll_wait, which then returns EINTR.
func TestSignalsInterruptNothing(t *testing.T) {
	eachKernel(t, func(t *testing.T, e *engine, r *recorder) {
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
		fd, peer := socketPair(t)
		defer unix.Close(fd)
		k := e.start(opReceive, int32(fd), nil, true, r)
		rounds := 1000
		if testing.Short() {
			rounds = 100
		}
		for i := range rounds {
			r.bytes = r.bytes[:0]
			go func() {
				time.Sleep(50 * time.Microsecond) // so that the loop waits, mostly
				unix.Write(peer, []byte{byte(i), byte(i >> 8)})
			}()
			await(t, e, "what was sent", func() bool { return len(r.bytes) == 2 })
			if r.bytes[0] != byte(i) || r.bytes[1] != byte(i>>8) {
				t.Fatalf("round %d: %d", i, r.bytes)
			}
			for _, bid := range r.bids {
				e.recycle(bid)
			}
			r.bids = r.bids[:0]
		}
		close(stop)
		if n := <-stopped; n < rounds {
			t.Errorf("only %d signals in %d rounds", n, rounds)
		}
		e.cancel(k)
		r.result(t, e, k)
	}, "uring", "epoll")
}

package aio

import (
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestStaleCancelsCancelNobody: the kernel is told to cancel an operation that has ended,
// while the next one in its slot is under way. It takes a minute and a half on portable, which has a
// goroutine and a descriptor for each: PINION_LONG=1 has it do all the same as often there.
func TestStaleCancelsCancelNobody(t *testing.T) {
	eachKernel(t, func(t *testing.T, e *engine, _ *recorder) {
		reuses := 1000000
		switch {
		case testing.Short() && e.name == "uring":
			reuses = 10000
		case testing.Short():
			reuses = 1000
		case e.name == "portable" && os.Getenv("PINION_LONG") == "":
			reuses = 20000
		}
		ready, never := event(t), event(t)
		unix.Write(int(ready), []byte{1, 0, 0, 0, 0, 0, 0, 0})
		var first, second record
		for i := range reuses {
			first.got, second.got = first.got[:0], second.got[:0]
			old := e.start(opPollIn, ready, nil, true, &first)
			e.until(t, func() bool { return len(first.got) > 0 })
			k := e.start(opPollIn, never, nil, true, &second)
			if k.index() != old.index() || k == old {
				t.Fatalf("key %#x after %#x: it is not the same slot", k, old)
			}
			e.cancel(old) // recognised here
			for range 3 { // and there
				if !e.k.cancel(old) {
					t.Fatal("no room for a cancel")
				}
			}
			if err := e.Wait(0); err != nil {
				t.Fatal(err)
			}
			if len(second.got) > 0 {
				t.Fatalf("reuse %d: the new operation ended with %+v", i, second.got)
			}
			e.cancel(k)
			e.until(t, func() bool { return len(second.got) > 0 })
			if got := second.got[0].errno(); got != syscall.ECANCELED {
				t.Fatalf("reuse %d: cancelled, it ended with %v", i, got)
			}
			if len(first.got) != 1 || len(second.got) != 1 {
				t.Fatalf("reuse %d: they ended with %+v and %+v", i, first.got, second.got)
			}
		}
	}, "uring", "epoll", "portable")
}

// TestCancelsReachTheKernelThroughAFullQueue has io_uring's queue full again and again.
func TestCancelsReachTheKernelThroughAFullQueue(t *testing.T) {
	eachKernel(t, func(t *testing.T, e *engine, r *recorder) {
		never := event(t)
		const n = 1000 // more than there are submission entries
		full := func() bool {
			u, ok := e.k.(*uringKernel)
			return ok && u.r.Room() == 0
		}
		for range 3 {
			var keys []key
			fullOfOps, fullOfCancels := false, false
			for range n {
				keys = append(keys, e.start(opPollIn, never, nil, true, r))
				fullOfOps = fullOfOps || full()
			}
			for range 4 {
				if err := e.Wait(0); err != nil {
					t.Fatal(err)
				}
			}
			for _, k := range keys {
				e.cancel(k)
				fullOfCancels = fullOfCancels || full()
			}
			if e.name == "uring" && !(fullOfOps && fullOfCancels) {
				t.Fatalf("the queue was full of what begins: %v, of cancels: %v", fullOfOps, fullOfCancels)
			}
			for _, k := range keys {
				if n := r.result(t, e, k); n != -int32(syscall.ECANCELED) || len(r.results[k]) != 1 {
					t.Fatalf("one ended with %d", r.results[k])
				}
			}
		}
	}, "uring", "epoll", "portable")
}

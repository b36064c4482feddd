package aio_test

import (
	"errors"
	"net"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

//go:generate go run github.com/pinion-go/pinion/future/async/internal/regen

// These tests are about what the kernel does for an operation that was cancelled.

// descriptors returns the open descriptors of this process.
func descriptors(t testing.TB) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// balanced checks that what the test has opened is closed and that the ledger says so.
func balanced(t testing.TB, before aio.Ledger, fds int) {
	t.Helper()
	now := aio.ReadLedger()
	if now.Descriptors != before.Descriptors || now.Operations != before.Operations || now.Pins != before.Pins || now.Buffers != before.Buffers {
		t.Errorf("the ledger is %+v, and was %+v", now, before)
	}
	if n := descriptors(t); n != fds {
		t.Errorf("%d descriptors are open, and were %d", n, fds)
	}
}

// pair returns the two ends of a connection, one of package net.
func pair(t testing.TB) (net.Conn, *aio.Conn) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	end := func(fd int) net.Conn {
		f := os.NewFile(uintptr(fd), "socketpair")
		defer f.Close()
		c, err := net.FileConn(f)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	b, err := aio.Wrap(end(fds[1]))
	if err != nil {
		t.Fatal(err)
	}
	return end(fds[0]), b
}

// next is one Next, whose bytes it appends to got.
//
//pinion:async
func next(c *aio.Conn, got *[]byte) error {
	b, err := c.Next()
	*got = append(*got, b.Bytes()...)
	b.Release()
	return err
}

// canceler cancels victim in the turn in which bytes have been received for it, before it
// is polled: it is in the run queue before the completion comes.
type canceler struct {
	victim future.Task[nextFuture]
	before int64
	armed  chan struct{}
	spins  int
}

func (f *canceler) Poll(cx *future.Context) future.Poll {
	if f.spins++; f.spins == 10 {
		close(f.armed)
	}
	if aio.ReadLedger().Received > f.before {
		f.victim.CancelCx(cx)
		return future.Ready
	}
	cx.Wake(cx.Waker())
	return future.Pending
}

// TestBytesOfACompletionThatWasNotPolledStay regresses tokio 7979.
func TestBytesOfACompletionThatWasNotPolledStay(t *testing.T) {
	before, fds := aio.ReadLedger(), descriptors(t)
	rt := newRuntime(t, 1)
	a, b := pair(t)
	canceled := 0
	for i := range 128 {
		var got []byte
		victim := future.Spawn(rt, nextAsync(b, &got))
		armed := make(chan struct{})
		c := future.Spawn(rt, canceler{victim: victim, before: aio.ReadLedger().Received, armed: armed})
		<-armed
		a.Write([]byte{byte(i)})
		f, err := victim.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Result(); errors.Is(err, future.ErrCanceled) {
			canceled++
		} else if err != nil {
			t.Fatal(err)
		}
		c.Wait()
		c.Release()
		victim.Release()
		if len(got) == 0 {
			again := future.Spawn(rt, nextAsync(b, &got))
			if _, err := again.Wait(); err != nil {
				t.Fatal(err)
			}
			again.Release()
		}
		if len(got) != 1 || got[0] != byte(i) {
			t.Fatalf("byte %d: received %v", i, got)
		}
	}
	if canceled < 100 {
		t.Errorf("only %d of 128 were cancelled in time", canceled)
	}
	a.Close()
	b.Close()
	shutdown(t, rt)
	balanced(t, before, fds)
}

package aio

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/internal/uring"
)

// refuseBufRings has buffer rings of more than so many entries be refused, as where there is too little
// memory that may be locked, from the skip-th ring on.
func refuseBufRings(t *testing.T, most, skip int) {
	t.Setenv("PINION_AIO_DRIVER", "")
	e, err := newUring(false)
	if err != nil {
		t.Skip(err)
	}
	e.Close()
	rings := make(map[*uring.Ring]bool)
	newBufRing = func(r *uring.Ring, n int) (*uring.BufRing, error) {
		rings[r] = true
		if len(rings) > skip && n > most {
			return nil, fmt.Errorf("refused: %w", unix.ENOMEM)
		}
		return uring.NewBufRing(r, n)
	}
	t.Cleanup(func() { newBufRing = uring.NewBufRing })
}

// talk has every loop of rt send to each, over connections that belong to the one or to the other.
func talk(t *testing.T, rt *future.Runtime) {
	t.Helper()
	for i := range rt.Loops() {
		for j := range rt.Loops() {
			a, b := socketPairOfConns(t)
			if i%2 == 0 {
				a, b = Home(a, rt.Loop(i)), Home(b, rt.Loop(j))
			} else {
				a, b = Home(a, rt.Loop(j)), Home(b, rt.Loop(i))
			}
			p, got := []byte(fmt.Sprint("from ", i, " to ", j)), make([]byte, 100)
			read := future.Spawn(rt.Loop(j), b.ReadAsync(got))
			write := future.Spawn(rt.Loop(i), a.WriteAsync(p))
			f, err := read.Wait()
			if err != nil {
				t.Fatal(err)
			}
			if n, err := f.Result(); string(got[:n]) != string(p) || err != nil {
				t.Errorf("%q, %v", got[:n], err)
			}
			write.Wait()
			write.Release()
			read.Release()
			a.Close()
			b.Close()
		}
	}
}

func socketPairOfConns(t *testing.T) (a, b *Conn) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	return newConn(fds[0]), newConn(fds[1])
}

func TestASmallBufferRingIsBetterThanNone(t *testing.T) {
	refuseBufRings(t, 256, 0)
	rt, err := NewRuntime(Options{Loops: 1, Driver: "uring", Buffers: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if _, why := Describe(rt); !strings.Contains(why, "with 256 buffers to receive into at most instead of 4096") {
		t.Error(why)
	}
	if n := rt.Loop(0).Driver().(*engine).pool.limit; n != 256 {
		t.Errorf("there may be %d buffers", n)
	}
	talk(t, rt)
	if err := rt.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestLoopsForWhichThereIsNoRingHaveAnotherDriver: there is enough for two of them.
func TestLoopsForWhichThereIsNoRingHaveAnotherDriver(t *testing.T) {
	refuseBufRings(t, 0, 2)
	rt, err := NewRuntime(Options{Loops: 4})
	if err != nil {
		t.Fatal(err)
	}
	name, why := Describe(rt)
	if name != "uring, epoll" || !strings.Contains(why, "uring: ") || !strings.Contains(why, "ulimit -l") {
		t.Errorf("%s: %s", name, why)
	}
	talk(t, rt)
	if err := rt.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if _, err := NewRuntime(Options{Driver: "uring"}); err == nil || !strings.Contains(err.Error(), "ulimit -l") {
		t.Errorf("where it is asked for: %v", err)
	}
}

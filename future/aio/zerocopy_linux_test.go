package aio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

func newZeroCopy(t testing.TB) *future.Runtime {
	t.Helper()
	rt, err := aio.NewRuntime(aio.Options{Loops: 1, Driver: "uring", ZeroCopy: 1}) // others copy
	if err != nil {
		t.Skip(err)
	}
	return rt
}

func TestZeroCopySendsTheSameBytes(t *testing.T) {
	rt := newZeroCopy(t)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	for _, n := range []int{1, 1000, 100_000, 5_000_000} {
		c, peer := connected(t)
		all := pattern(n)
		task := future.Spawn(rt, c.WriteAsync(all))
		got := make([]byte, n)
		if _, err := io.ReadFull(peer, got); err != nil || !bytes.Equal(got, all) {
			t.Fatal(n, err)
		}
		p, err := task.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if m, err := p.Result(); m != n || err != nil {
			t.Fatal(m, err)
		}
		task.Release()
		c.Close()
		peer.Close()
	}
}

// A Unix socket has no zero copy: the bytes are copied instead.
func TestZeroCopyFallsBackToCopies(t *testing.T) {
	rt := newZeroCopy(t)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := aio.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	peer, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := waits(t, rt, c.WriteAsync([]byte("copied"))).Result(); n != 6 || err != nil {
		t.Fatal(n, err)
	}
	got := make([]byte, 10)
	if n, err := peer.Read(got); string(got[:n]) != "copied" || err != nil {
		t.Fatal(n, err)
	}
	c.Close()
	peer.Close()
}

// The buffer of a send that was cancelled is held until the peer has read what was sent, and
// the Write says then how much that was.
func TestZeroCopyHoldsTheBufferUntilThePeerReads(t *testing.T) {
	for _, how := range []string{"cancel", "deadline", "close"} {
		t.Run(how, func(t *testing.T) {
			rt := newZeroCopy(t)
			defer shutdown(t, rt)
			defer nothingLeft(t)()
			before := aio.ReadLedger()
			c, peer := connected(t)
			all := pattern(30_000_000)
			task := future.Spawn(rt, c.WriteAsync(all))
			time.Sleep(20 * time.Millisecond) // as much as the kernel takes
			want := future.ErrCanceled
			switch how {
			case "cancel":
				task.Cancel()
			case "deadline":
				c.SetWriteDeadline(time.Now())
				want = nil
			case "close":
				c.Close()
				want = net.ErrClosed
			}
			over := make(chan struct{})
			go func() {
				task.Wait()
				close(over)
			}()
			select {
			case <-over:
				t.Error("it is over, and the peer has not read")
			case <-time.After(50 * time.Millisecond):
			}
			future.Go(rt, pollFunc(func(*future.Context) future.Poll { return future.Ready })) // a turn, so that the counts are shown
			eventually(t, "its buffer is the one that is pinned", func() (any, bool) {
				l := aio.ReadLedger()
				return l.Pins, l.Pins == before.Pins+1
			})
			var got bytes.Buffer
			read := make(chan error, 1)
			go func() {
				_, err := io.Copy(&got, peer)
				read <- err
			}()
			select {
			case <-over:
			case <-time.After(10 * time.Second):
				t.Fatal("it is not over, and the peer has read")
			}
			p, err := task.Wait()
			if err != nil {
				t.Fatal(err)
			}
			n, err := p.Result()
			if want == nil && !isTimeout(err) || want != nil && !errors.Is(err, want) {
				t.Error(n, err)
			}
			task.Release()
			c.Close()
			if err := <-read; err != nil || n == 0 || !bytes.Equal(got.Bytes(), all[:n]) {
				t.Errorf("%d bytes were sent, it says, and %d received, %v", n, got.Len(), err)
			}
			peer.Close()
		})
	}
}

func TestZeroCopyErrorFreesAtOnce(t *testing.T) {
	rt := newZeroCopy(t)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	c, peer := connected(t)
	c.CloseWrite()
	if n, err := waits(t, rt, c.WriteAsync(pattern(100_000))).Result(); n != 0 || !errors.Is(err, syscall.EPIPE) {
		t.Fatal(n, err)
	}
	c.Close()
	peer.Close()
}

// writeLoop writes the same bytes again and again.
type writeLoop struct {
	c    *aio.Conn
	p    []byte
	left int
	w    aio.ConnWriteFuture
	on   bool
	err  error
}

func (f *writeLoop) Poll(cx *future.Context) future.Poll {
	for f.left > 0 && f.err == nil {
		if !f.on {
			f.w, f.on = f.c.WriteAsync(f.p), true
		}
		if f.w.Poll(cx) == future.Pending {
			return future.Pending
		}
		f.on = false
		_, f.err = f.w.Result()
		f.left--
	}
	return future.Ready
}

// BenchmarkZeroCopy compares sends of one buffer after the other over the loopback interface.
func BenchmarkZeroCopy(b *testing.B) {
	for _, size := range []int{64 << 10, 256 << 10, 1 << 20} {
		for _, zero := range []int{0, 1} {
			b.Run(fmt.Sprintf("%dKiB/zerocopy=%v", size>>10, zero == 1), func(b *testing.B) {
				rt, err := aio.NewRuntime(aio.Options{Loops: 1, ZeroCopy: zero})
				if err != nil {
					b.Fatal(err)
				}
				defer shutdown(b, rt)
				c, peer := connected(b)
				go io.Copy(io.Discard, struct{ io.Reader }{peer})
				b.SetBytes(int64(size))
				b.ResetTimer()
				if err := waits(b, rt, writeLoop{c: c, p: make([]byte, size), left: b.N}).err; err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				c.Close()
				peer.Close()
			})
		}
	}
}

// What is sent to a peer that reads nothing ends with the loop, at the latest, also on a connection that
// was closed.
func TestZeroCopyToAPeerThatReadsNothingEndsWithTheLoop(t *testing.T) {
	for _, closes := range []bool{false, true} {
		t.Run(fmt.Sprint("closed ", closes), func(t *testing.T) {
			defer nothingLeft(t)()
			rt := newZeroCopy(t)
			c, peer := connected(t)
			all := pattern(30_000_000)
			future.Go(rt, c.WriteAsync(all))
			eventually(t, "it sends", func() (any, bool) { l := aio.ReadLedger(); return l, l.Pins == 1 })
			blocked := make(chan error, 1) // from elsewhere
			other, another := connected(t)
			aio.Home(other, rt.Loop(0))
			go func() {
				_, err := other.Write(all)
				blocked <- err
			}()
			eventually(t, "both send", func() (any, bool) { l := aio.ReadLedger(); return l, l.Pins == 2 })
			time.Sleep(20 * time.Millisecond) // as much as the kernel takes
			if closes {
				c.Close()
				other.Close()
			}
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			err := rt.Shutdown(ctx)
			if e := new(future.ShutdownError); !errors.As(err, &e) || len(e.Aborted) != 1 || len(e.Leaked)+len(e.Errs) > 0 {
				t.Errorf("%+v", err)
			}
			within(t, "who writes from elsewhere is told", func() {
				if err := <-blocked; err == nil {
					t.Error("all of it was written, it says")
				}
			})
			for _, c := range []net.Conn{c, peer, other, another} {
				c.Close()
			}
		})
	}
}

// Nor does it hold up a connection whose Close is to drop what was not sent.
func TestZeroCopyOfAConnectionThatDoesNotLinger(t *testing.T) {
	rt := newZeroCopy(t)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	c, peer := connected(t)
	defer peer.Close()
	if err := c.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	task := future.Spawn(rt, c.WriteAsync(pattern(30_000_000)))
	eventually(t, "it sends", func() (any, bool) { l := aio.ReadLedger(); return l, l.Pins == 1 })
	time.Sleep(20 * time.Millisecond) // as much as the kernel takes
	c.Close()
	within(t, "the write ends", func() {
		if _, err := ended(task).Result(); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	if _, err := io.Copy(io.Discard, peer); !errors.Is(err, syscall.ECONNRESET) {
		t.Error(err)
	}
}

// TestZeroCopyAbortLeavesWhatIsAcknowledgedSoon: a task that ends late is no reason to reset the
// connections of others.
func TestZeroCopyAbortLeavesWhatIsAcknowledgedSoon(t *testing.T) {
	defer nothingLeft(t)()
	defer aio.SetAckGrace(20 * time.Second)()
	rt := newZeroCopy(t)
	c, peer := connected(t)
	future.Go(rt, future.Shield(future.SleepAsync(time.Hour))) // heeds no cancel
	all := pattern(30_000_000)
	future.Go(rt, c.WriteAsync(all))
	eventually(t, "it sends", func() (any, bool) { l := aio.ReadLedger(); return l, l.Pins == 1 })
	received := make(chan error, 1)
	var got bytes.Buffer
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	context.AfterFunc(ctx, func() {
		_, err := io.Copy(&got, peer)
		received <- err
	})
	err := rt.Shutdown(ctx)
	if e := new(future.ShutdownError); !errors.As(err, &e) || len(e.Aborted) == 0 || len(e.Leaked)+len(e.Errs) > 0 {
		t.Errorf("%+v", err)
	}
	c.Close()
	if err := <-received; err != nil || !bytes.Equal(got.Bytes(), all[:got.Len()]) {
		t.Errorf("%d bytes were received, %v", got.Len(), err)
	}
	peer.Close()
}

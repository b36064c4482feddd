package aio_test

import (
	"errors"
	"io"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// gone polls a future once, and panics in the poll after that.
type gone struct {
	f      future.Future
	polled chan future.Waker
	begun  bool
}

func (g *gone) Poll(cx *future.Context) future.Poll {
	if g.begun {
		panic("on purpose")
	}
	g.begun = true
	g.f.Poll(cx)
	g.polled <- cx.Waker()
	return future.Pending
}

// goes has a task of a loop begin f, and panic before come is called, or in the poll to which what
// comes wakes it.
func (w *world) goes(t *testing.T, loop int, before bool, f future.Future, come func()) {
	t.Helper()
	polled := make(chan future.Waker, 1)
	task := future.Spawn(w.rt.Loop(loop), gone{f: f, polled: polled})
	waker := <-polled
	if before {
		waker.Wake()
	} else {
		come()
	}
	var pe *future.PanicError
	if _, err := task.Wait(); !errors.As(err, &pe) || pe.Value != "on purpose" {
		t.Fatal(err)
	}
	if before {
		come()
	}
	task.Release()
}

// TestAnAcceptThatIsGoneTakesNothing: what came for it, on whichever loop it was, is the next Accept's.
func TestAnAcceptThatIsGoneTakesNothing(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		l := w.listen(t)
		for i := range 4 {
			f := l.AcceptConnAsync()
			w.goes(t, i%2, i < 2, &f, func() {
				c, err := w.dial(l)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { c.Close() })
			})
			within(t, "the connection is accepted", func() {
				c, err := l.AcceptConn()
				if err != nil {
					t.Error(err)
					return
				}
				c.Close()
			})
		}
	})
}

// TestANextThatIsGoneTakesNothing is the same for received bytes and their buffers.
func TestANextThatIsGoneTakesNothing(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		buffers := aio.ReadLedger().Buffers
		c, peer := w.pair(t)
		for i := range 4 {
			f := c.NextAsync()
			w.goes(t, i%2, i < 2, &f, func() {
				if _, err := peer.Write([]byte("hello")); err != nil {
					t.Fatal(err)
				}
			})
			within(t, "the bytes are received", func() {
				var p [5]byte
				if _, err := io.ReadFull(c, p[:]); err != nil || string(p[:]) != "hello" {
					t.Errorf("%q, %v", p[:], err)
				}
			})
		}
		eventually(t, "no buffer is left", func() (any, bool) { n := aio.ReadLedger().Buffers; return n, n == buffers })
	})
}

// blocker calls what blocks in a poll, as nobody should.
type blocker struct {
	f   func() error
	err error
}

func (b *blocker) Poll(*future.Context) future.Poll {
	b.err = b.f()
	return future.Ready
}

// TestWhatBlocksInAPollTakesNothing, unless it had nothing to wait for.
func TestWhatBlocksInAPollTakesNothing(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		l := w.listen(t)
		c, peer := w.pair(t)
		accept := func() error {
			ac, err := l.AcceptConn()
			if err == nil {
				ac.Close()
			}
			return err
		}
		next := func() error {
			b, err := c.Next()
			if string(b.Bytes()) != "x" && err == nil {
				t.Errorf("%q was received", b.Bytes())
			}
			b.Release()
			return err
		}
		for range 50 {
			if _, err := peer.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			nc, err := w.dial(l)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range []func() error{accept, next} {
				b := blocker{f: f}
				if err := future.Block(&b); err != nil {
					t.Fatal(err)
				}
				if b.err == nil {
					continue
				}
				if b.err != future.ErrBlockedPoll {
					t.Fatal(b.err)
				}
				within(t, "it is there", func() {
					if err := f(); err != nil {
						t.Error(err)
					}
				})
			}
			nc.Close()
		}
	})
}

// TestBothWaysToReceiveAtOnceLoseNothing, from two loops and goroutines, as each may take what another
// was told of.
func TestBothWaysToReceiveAtOnceLoseNothing(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		buffers := aio.ReadLedger().Buffers
		c, peer := w.pair(t)
		const size = 1 << 20
		go func() {
			sent := stretch(size)
			for len(sent) > 0 {
				n := min(len(sent), 700)
				peer.Write(sent[:n])
				sent = sent[n:]
			}
			peer.CloseWrite()
		}()
		counts := make(chan int, 4)
		for i := range cap(counts) {
			go func() {
				n := 0
				for err := error(nil); err == nil; {
					if i < 2 {
						r := ended(future.Spawn(w.rt.Loop(i), c.NextAsync()))
						var b aio.Buf
						b, err = r.Result()
						n += b.Len()
						b.Release()
					} else {
						var m int
						m, err = ended(future.Spawn(w.rt.Loop(i-2), c.ReadAsync(make([]byte, 300)))).Result()
						if n += m; m == 0 && err == nil {
							err = errors.New("nothing was read")
						}
					}
					if err != nil && err != io.EOF {
						t.Error(err)
					}
				}
				counts <- n
			}()
		}
		n := 0
		within(t, "all is received", func() {
			for range cap(counts) {
				n += <-counts
			}
		})
		if n != size {
			t.Errorf("%d bytes of %d", n, size)
		}
		eventually(t, "no buffer is left", func() (any, bool) { n := aio.ReadLedger().Buffers; return n, n == buffers })
	})
}

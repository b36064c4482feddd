package aio_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// overtaken is a future that is woken, and whose task is cancelled before it is polled again: what it
// waits for has been done, and it does not know.
type overtaken[F any, P future.Ptr[F]] struct {
	f      F
	begun  chan bool // told whether it waits
	cancel *atomic.Pointer[func()]
	polls  int
	hit    bool
}

func (o *overtaken[F, P]) Poll(cx *future.Context) future.Poll {
	if o.polls++; o.polls == 2 && !cx.Canceled() {
		o.hit = true
		(*o.cancel.Load())()
		return future.Pending
	}
	p := P(&o.f).Poll(cx)
	if o.polls == 1 {
		o.begun <- p == future.Pending
	}
	return p
}

// overtake runs f on a loop and has what it waits for come. It returns f, when its task is over, and
// whether that was cancelled when it had come.
func overtake[F any, P future.Ptr[F]](t *testing.T, l *future.Loop, f F, come func()) (*F, bool) {
	t.Helper()
	return overtakeWhile[F, P](l, f, come, func() {})
}

// overtakeWhile is overtake for a loop that run runs, until it has nothing to do.
func overtakeWhile[F any, P future.Ptr[F]](l *future.Loop, f F, come, run func()) (*F, bool) {
	begun, cancel := make(chan bool, 1), new(atomic.Pointer[func()])
	start := make(chan future.Task[overtaken[F, P]], 1)
	// It is told whom to cancel before it can be woken: a future that needs nobody may be done at once.
	c := func() {
		task := <-start
		start <- task
		task.Cancel()
	}
	cancel.Store(&c)
	task := future.Spawn(l, overtaken[F, P]{f: f, begun: begun, cancel: cancel})
	start <- task
	run()
	if <-begun {
		come()
		run()
	}
	o := ended(task)
	return &o.f, o.hit
}

// overtakes has operations of one kind overtaken by cancels, on their own loop and on another, until 128
// were. f reports of one whether it was. Of kinds that a driver may do at once none need be.
func (w *world) overtakes(t *testing.T, kind string, waits bool, f func(t *testing.T, i int, l *future.Loop) bool) {
	t.Run(kind, func(t *testing.T) {
		const want, most = 128, 2000
		hits, n := 0, 0
		for ; hits < want && n < most && (waits || hits > 0 || n < want); n++ {
			if f(t, n, w.rt.Loop(n%2)) {
				hits++
			}
			if t.Failed() {
				return
			}
		}
		if hits < want && (waits || hits > 0) {
			t.Errorf("only %d of %d were cancelled when they had been done", hits, n)
		}
		t.Logf("%s: %d of %d were cancelled when they had been done", kind, hits, n)
	})
}

// onlyCanceled fails the test if err is another error than that of a cancel.
func onlyCanceled(t *testing.T, err error) {
	t.Helper()
	if err != nil && !errors.Is(err, future.ErrCanceled) {
		t.Fatal(err)
	}
}

// TestWhatWasDoneAndNotPolledIsKept regresses tokio 7979: each operation has been done, its task is
// cancelled before it is polled again, and nothing is lost, of no kind of operation.
func TestWhatWasDoneAndNotPolledIsKept(t *testing.T) {
	eachRing(t, func(t *testing.T, w *world) {
		overtakenStreams(t, w)
		overtakenPipes(t, w)
		overtakenConnects(t, w)
		overtakenDatagrams(t, w)
		overtakenFiles(t, w)
	})
}

func overtakenStreams(t *testing.T, w *world) {
	c, peer := w.pair(t)
	say := func(i int) func() {
		return func() {
			if _, err := peer.Write([]byte{byte(i), 'x'}); err != nil {
				t.Error(err)
			}
		}
	}
	// heard wants what say has said, of which the first n bytes were received.
	heard := func(t *testing.T, i int, p []byte, n int) {
		t.Helper()
		within(t, "the rest", func() {
			if _, err := io.ReadFull(c, p[n:2]); err != nil || !bytes.Equal(p[:2], []byte{byte(i), 'x'}) {
				t.Errorf("%q, %v", p[:2], err)
			}
		})
	}
	w.overtakes(t, "Next", true, func(t *testing.T, i int, l *future.Loop) bool {
		f, hit := overtake(t, l, c.NextAsync(), say(i))
		b, err := f.Result()
		onlyCanceled(t, err)
		p := make([]byte, 2)
		n := copy(p, b.Bytes())
		b.Release()
		heard(t, i, p, n)
		return hit
	})
	w.overtakes(t, "Read", true, func(t *testing.T, i int, l *future.Loop) bool {
		p := make([]byte, 2)
		f, hit := overtake(t, l, c.ReadAsync(p), say(i))
		n, err := f.Result()
		onlyCanceled(t, err)
		heard(t, i, p, n)
		return hit
	})
	p := stretch(1 << 20) // more than sockets hold
	if w.sim != nil {
		p = p[:200<<10]
	}
	sends := func(kind string, send func(l *future.Loop, c *aio.Conn, come func()) (n int, err error, hit bool)) {
		w.overtakes(t, kind, kind != "SendFile", func(t *testing.T, _ int, l *future.Loop) bool {
			c, peer := w.pair(t)
			c.SetWriteBuffer(64 << 10) // so that it waits
			got := make(chan []byte, 1)
			take := func() {
				p, err := io.ReadAll(peer)
				if err != nil {
					t.Error(err)
				}
				got <- p
			}
			begun := false
			n, err, hit := send(l, c, func() { begun = true; go take() })
			onlyCanceled(t, err)
			c.Close()
			if !begun {
				go take()
			}
			if p := p[:n]; !bytes.Equal(<-got, p) {
				t.Errorf("the peer has something else than the %d bytes that were sent", n)
			}
			peer.Close()
			return hit
		})
	}
	sends("Write", func(l *future.Loop, c *aio.Conn, come func()) (int, error, bool) {
		f, hit := overtake(t, l, c.WriteAsync(p), come)
		n, err := f.Result()
		return n, err, hit
	})
	sends("WriteBuffers", func(l *future.Loop, c *aio.Conn, come func()) (int, error, bool) {
		f, hit := overtake(t, l, c.WriteBuffersAsync(net.Buffers{p[:1000], p[1000:150_000], p[150_000:]}), come)
		n, err := f.Result()
		return int(n), err, hit
	})
	aio.SetZeroCopy(w.rt.Loop(0), 1)
	sends("Write without a copy", func(l *future.Loop, c *aio.Conn, come func()) (int, error, bool) {
		f, hit := overtake(t, l, c.WriteAsync(p), come)
		n, err := f.Result()
		return n, err, hit
	})
	aio.SetZeroCopy(w.rt.Loop(0), 0)
	file := w.create(t, p)
	sends("SendFile", func(l *future.Loop, c *aio.Conn, come func()) (int, error, bool) {
		f, hit := overtake(t, l, c.SendFileAsync(file, -1), come)
		n, err := f.Result()
		return int(n), err, hit
	})
}

func overtakenPipes(t *testing.T, w *world) {
	r, pw := w.pipe(t)
	r, pw = aio.HomeFile(r, w.rt.Loop(0)), aio.HomeFile(pw, w.rt.Loop(0))
	w.overtakes(t, "read of a pipe", true, func(t *testing.T, i int, l *future.Loop) bool {
		p := make([]byte, 1)
		f, hit := overtake(t, l, r.ReadAsync(p), func() { pw.Write([]byte{byte(i)}) })
		n, err := f.Result()
		onlyCanceled(t, err)
		within(t, "the rest", func() {
			if _, err := io.ReadFull(r, p[n:]); err != nil || p[0] != byte(i) {
				t.Errorf("%v, %v", p, err)
			}
		})
		return hit
	})
	p := stretch(200_000) // more than a pipe holds
	w.overtakes(t, "write to a pipe", true, func(t *testing.T, i int, l *future.Loop) bool {
		r, pw := w.pipe(t)
		got := make(chan []byte, 1)
		f, hit := overtake(t, l, pw.WriteAsync(p), func() {
			go func() {
				p, err := io.ReadAll(r)
				if err != nil {
					t.Error(err)
				}
				got <- p
			}()
		})
		n, err := f.Result()
		onlyCanceled(t, err)
		pw.Close()
		if !bytes.Equal(<-got, p[:n]) {
			t.Errorf("the pipe had something else than the %d bytes that were written", n)
		}
		r.Close()
		return hit
	})
}

func overtakenConnects(t *testing.T, w *world) {
	l := w.listen(t)
	w.overtakes(t, "Accept", true, func(t *testing.T, _ int, loop *future.Loop) bool {
		f, hit := overtake(t, loop, l.AcceptConnAsync(), func() {
			c, err := w.dial(l)
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { c.Close() })
		})
		c, err := f.Result()
		onlyCanceled(t, err)
		within(t, "the connection", func() {
			if c == nil {
				if c, err = l.AcceptConn(); err != nil {
					t.Error(err)
					return
				}
			}
			c.Close()
		})
		return hit
	})
	w.overtakes(t, "Dial", false, func(t *testing.T, _ int, loop *future.Loop) bool {
		f, hit := overtake(t, loop, aio.Dialer{Sim: w.sim}.DialAsync("tcp", l.Addr().String()), func() {})
		c, err := f.Result()
		onlyCanceled(t, err)
		if c != nil {
			c.Close()
		}
		return hit
	})
}

func overtakenDatagrams(t *testing.T, w *world) {
	listen := aio.ListenPacket
	if w.sim != nil {
		listen = w.sim.ListenPacket
	}
	var ends [2]*aio.PacketConn
	for i := range ends {
		c, err := listen("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		ends[i] = aio.HomePacket(c, w.rt.Loop(0))
	}
	to := netip.MustParseAddrPort(ends[1].LocalAddr().String())
	w.overtakes(t, "ReadFrom", true, func(t *testing.T, i int, l *future.Loop) bool {
		p := make([]byte, 10)
		f, hit := overtake(t, l, ends[1].ReadFromAddrPortAsync(p), func() {
			if _, err := ends[0].WriteToAddrPort([]byte{byte(i), 'x'}, to); err != nil {
				t.Error(err)
			}
		})
		n, _, err := f.Result()
		onlyCanceled(t, err)
		within(t, "the datagram", func() {
			if err != nil {
				if n, _, err = ends[1].ReadFromAddrPort(p); err != nil {
					t.Error(err)
				}
			}
			if !bytes.Equal(p[:n], []byte{byte(i), 'x'}) {
				t.Errorf("%q", p[:n])
			}
		})
		return hit
	})
}

// overtakenFiles is about operations that some drivers do at once.
func overtakenFiles(t *testing.T, w *world) {
	f := w.create(t, make([]byte, 4096))
	w.overtakes(t, "WriteAt", false, func(t *testing.T, i int, l *future.Loop) bool {
		wr, hit := overtake(t, l, f.WriteAtAsync([]byte{byte(i | 1)}, int64(i)), func() {})
		n, err := wr.Result()
		onlyCanceled(t, err)
		p := make([]byte, 1)
		if _, err := f.ReadAt(p, int64(i)); err != nil || n == 1 && p[0] != byte(i|1) || n == 0 && p[0] != 0 {
			t.Errorf("%d bytes were written, and then there is %v, %v", n, p, err)
		}
		return hit
	})
	w.overtakes(t, "ReadAt", false, func(t *testing.T, i int, l *future.Loop) bool {
		p := []byte{0}
		rd, hit := overtake(t, l, f.ReadAtAsync(p, 1), func() {})
		n, err := rd.Result()
		onlyCanceled(t, err)
		if n == 1 && p[0] != 1 || n == 0 && p[0] != 0 {
			t.Errorf("%d bytes were read, and then there is %v", n, p)
		}
		return hit
	})
	w.overtakes(t, "Sync", false, func(t *testing.T, i int, l *future.Loop) bool {
		sy, hit := overtake(t, l, f.SyncAsync(), func() {})
		onlyCanceled(t, sy.Result())
		return hit
	})
}

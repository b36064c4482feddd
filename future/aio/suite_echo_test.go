package aio_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// echoes sends back what it receives.
type echoes struct {
	c     *aio.Conn
	state int
	next  aio.ConnNextFuture
	write aio.ConnWriteFuture
	buf   aio.Buf
}

func (s *echoes) Poll(cx *future.Context) future.Poll {
	for {
		switch s.state {
		case 0:
			s.next = s.c.NextAsync()
			s.state = 1
			fallthrough
		case 1:
			if s.next.Poll(cx) == future.Pending {
				return future.Pending
			}
			var err error
			if s.buf, err = s.next.Result(); err != nil {
				s.c.CloseCx(cx)
				return future.Ready
			}
			s.write = s.c.WriteAsync(s.buf.Bytes())
			s.state = 2
			fallthrough
		case 2:
			if s.write.Poll(cx) == future.Pending {
				return future.Pending
			}
			_, err := s.write.Result()
			s.buf.ReleaseCx(cx)
			if err != nil {
				s.c.CloseCx(cx)
				return future.Ready
			}
			s.state = 0
		}
	}
}

// echoesFor spawns an echoes for each connection.
type echoesFor struct {
	l      *aio.Listener
	accept aio.ListenerAcceptConnFuture
	on     bool
}

func (a *echoesFor) Poll(cx *future.Context) future.Poll {
	for {
		if !a.on {
			a.accept, a.on = a.l.AcceptConnAsync(), true
		}
		if a.accept.Poll(cx) == future.Pending {
			return future.Pending
		}
		a.on = false
		c, err := a.accept.Result()
		if err != nil {
			return future.Ready
		}
		future.Go(cx, echoes{c: c})
	}
}

func TestEcho(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		l := w.listen(t)
		future.Go(w.rt.Loop(0), echoesFor{l: l})
		for _, size := range []int{1, 64, 8 << 10, 8<<10 + 1, 1 << 20, 16 << 20} {
			c, err := w.dial(l)
			if err != nil {
				t.Fatal(err)
			}
			c.SetDeadline(time.Now().Add(patience))
			for range min(100, 16<<20/size) {
				exchange(t, c, stretch(size))
			}
			c.Close()
		}
	})
}

// exchange sends p and wants it back.
func exchange(t *testing.T, c net.Conn, p []byte) {
	t.Helper()
	sent := make(chan error, 1)
	go func() {
		_, err := c.Write(p)
		sent <- err
	}()
	got := make([]byte, len(p))
	if _, err := io.ReadFull(c, got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, p) {
		t.Fatalf("%d bytes came back changed", len(p))
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
}

func TestBlockingTwins(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		l := w.listen(t)
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				c, err := l.AcceptConn()
				if err != nil {
					return
				}
				aio.Home(c, w.rt.Loop(1))
				wg.Go(func() {
					defer c.Close()
					io.Copy(struct{ io.Writer }{c}, c)
				})
			}
		})
		for _, size := range []int{1, 100, 1 << 20} {
			nc, err := w.dial(l)
			if err != nil {
				t.Fatal(err)
			}
			c := w.home(t, nc)
			c.SetDeadline(time.Now().Add(patience))
			for range 10 {
				exchange(t, c, stretch(size))
			}
			c.Close()
		}
		l.Close()
		wg.Wait()
	})
}

func TestOneByteAtATime(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		c, peer := w.pair(t)
		want := stretch(5000)
		go func() {
			for i := range want {
				peer.Write(want[i : i+1])
			}
			peer.CloseWrite()
		}()
		got, err := io.ReadAll(c)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%v; %d bytes of %d", err, len(got), len(want))
		}
	})
}

func TestHalfClosedConnectionsStillSend(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		c, peer := w.pair(t)
		peer.Write([]byte("last words"))
		peer.CloseWrite()
		got, err := io.ReadAll(c)
		if err != nil || string(got) != "last words" {
			t.Fatalf("%q, %v", got, err)
		}
		if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("after the end: %d, %v", n, err)
		}
		if _, err := c.Next(); err != io.EOF {
			t.Errorf("after the end: %v", err)
		}
		want := stretch(1 << 20)
		go func() {
			c.Write(want)
			c.Close()
		}()
		if got, err := io.ReadAll(peer); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%v; %d bytes of %d", err, len(got), len(want))
		}
	})
}

func TestResetsAreErrors(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		c, peer := w.pair(t)
		read := make(chan error, 1)
		go func() {
			_, err := c.Read(make([]byte, 1))
			read <- err
		}()
		time.Sleep(5 * time.Millisecond)
		peer.SetLinger(0)
		peer.Close()
		var op *net.OpError
		if err := <-read; !errors.As(err, &op) || op.Op != "read" || err == io.EOF || timedOut(err) {
			t.Errorf("a read of a connection that was reset: %v", err)
		}
		_, err := c.Write(make([]byte, 1<<20))
		if !errors.As(err, &op) || op.Op != "write" {
			t.Errorf("a write to a connection that was reset: %v", err)
		}
	})
}

func TestConcurrentWritesStayWhole(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		const writers, records, size = 8, 20, 100_000
		c, peer := w.pair(t)
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				p := bytes.Repeat([]byte{byte(i)}, size)
				for range records {
					if n, err := c.Write(p); n != size || err != nil {
						t.Errorf("%d, %v", n, err)
					}
				}
			})
		}
		var count [writers]int
		got := make([]byte, size)
		for range writers * records {
			if _, err := io.ReadFull(peer, got); err != nil {
				t.Fatal(err)
			}
			if bytes.Count(got, got[:1]) != size {
				t.Fatal("a write was mixed with another")
			}
			count[got[0]]++
		}
		for i, n := range count {
			if n != records {
				t.Errorf("writer %d: %d records", i, n)
			}
		}
		wg.Wait()
	})
}

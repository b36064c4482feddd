package aio_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

func TestCloseEndsWhatWaits(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		c, peer := w.pair(t)
		l := w.listen(t)
		p := make([]byte, 32<<20)
		ops := map[string]func() error{
			"Read":       func() error { _, err := c.Read(make([]byte, 1)); return err },
			"Next":       func() error { _, err := c.Next(); return err },
			"Write":      func() error { _, err := c.Write(p); return err },
			"next Write": func() error { _, err := c.Write(p); return err },
			"Accept":     func() error { _, err := l.Accept(); return err },
		}
		type end struct {
			op  string
			err error
		}
		ends := make(chan end, len(ops))
		for name, op := range ops {
			go func() { ends <- end{name, op()} }()
		}
		read := future.Spawn(w.rt.Loop(0), c.ReadAsync(make([]byte, 1)))
		write := future.Spawn(w.rt.Loop(0), c.WriteAsync(p))
		accept := future.Spawn(w.rt.Loop(0), l.AcceptConnAsync())
		time.Sleep(20 * time.Millisecond)
		if err := errors.Join(c.Close(), l.Close()); err != nil {
			t.Error(err)
		}
		within(t, "all end", func() {
			for range ops {
				if e := <-ends; !errors.Is(e.err, net.ErrClosed) {
					t.Errorf("%s: %v", e.op, e.err)
				}
			}
			if _, err := ended(read).Result(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("ReadAsync: %v", err)
			}
			if _, err := ended(write).Result(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("WriteAsync: %v", err)
			}
			if _, err := ended(accept).Result(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("AcceptConnAsync: %v", err)
			}
		})
		for name, op := range ops {
			if err := op(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s after Close: %v", name, err)
			}
		}
		for name, op := range map[string]func(p []byte) (int, error){"Read": c.Read, "Write": c.Write, "ReadAsync": func(p []byte) (int, error) {
			return ended(future.Spawn(w.rt.Loop(0), c.ReadAsync(p))).Result()
		}} {
			if n, err := op(nil); n != 0 || !errors.Is(err, net.ErrClosed) { // as package net
				t.Errorf("%s of nothing after Close: %d, %v", name, n, err)
			}
		}
		for name, err := range map[string]error{
			"Close": c.Close(), "Listener.Close": l.Close(),
			"SetDeadline": c.SetDeadline(time.Now()), "SetReadDeadline": c.SetReadDeadline(time.Time{}),
		} {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s after Close: %v", name, err)
			}
		}
		if _, err := io.Copy(io.Discard, peer); err != nil {
			t.Errorf("the peer: %v", err)
		}
	})
}

// ended waits for a task, and releases it.
func ended[F any](t future.Task[F]) *F {
	f, err := t.Wait()
	if err != nil {
		panic(err)
	}
	v := *f
	t.Release()
	return &v
}

func TestCloseOfAnUnusedConnection(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		a, b, err := w.netPair()
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		c, ok := a.(*aio.Conn)
		if !ok {
			if c, err = aio.Wrap(a); err != nil {
				t.Fatal(err)
			}
		}
		c.Close()
		if _, err := io.ReadAll(b); err != nil {
			t.Error(err)
		}
	})
}

// TestCloseRacesWithReadsAndWrites has all orders that chance brings.
func TestCloseRacesWithReadsAndWrites(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		for range 200 {
			a, b := w.twins(t)
			var wg sync.WaitGroup
			for _, c := range []*aio.Conn{a, b} {
				wg.Go(func() {
					for {
						if _, err := c.Write(make([]byte, 1000)); err != nil {
							return
						}
					}
				})
				wg.Go(func() {
					for {
						if _, err := c.Read(make([]byte, 1500)); err != nil {
							return
						}
					}
				})
			}
			time.Sleep(100 * time.Microsecond)
			a.Close()
			b.Close()
			within(t, "all end", wg.Wait)
		}
	})
}

func TestConnectionsThatNobodyTookAreClosed(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		l := w.listen(t)
		before := aio.ReadLedger()
		first := make(chan net.Conn, 1)
		go func() { // which accepts what else comes
			c, _ := l.Accept()
			first <- c
		}()
		var peers []net.Conn
		for range 20 {
			c, err := w.dial(l)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			peers = append(peers, c)
		}
		taken := <-first // or Close would be quicker, and nobody's be all of them
		if taken == nil {
			t.Fatal("nothing was accepted")
		}
		defer taken.Close()
		want := int64(20)
		if w.sim != nil {
			want = 1 // its kernel may stop to accept, and the others wait there until the next Accept
		}
		eventually(t, "they are accepted", func() (any, bool) {
			l := aio.ReadLedger()
			return l, l.Accepted-before.Accepted >= want
		})
		l.Close()
		eventually(t, "all but one are closed", func() (any, bool) {
			l := aio.ReadLedger()
			accepted := l.Accepted - before.Accepted
			return l, l.Orphans-before.Orphans == accepted-1 && accepted >= want
		})
		open := 0
		for _, c := range peers {
			c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			if _, err := c.Read(make([]byte, 1)); timedOut(err) {
				open++
			}
		}
		if open != 1 {
			t.Errorf("%d are open", open)
		}
	})
}

// TestShutdownEndsWhatWaits leaves connections and listeners open: their operations end with
// the runtime.
func TestShutdownEndsWhatWaits(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		var futures, goroutines atomic.Int64
		var wg sync.WaitGroup
		begin := func(op func() error) {
			wg.Go(func() {
				if op() != nil {
					goroutines.Add(1)
				}
			})
		}
		const n = 50
		p := make([]byte, 8<<20)
		for i := range n {
			c, _ := w.pair(t)
			l := w.listen(t)
			loop := w.rt.Loop(i % 2)
			future.Go(loop, counted[aio.ConnReadFuture, *aio.ConnReadFuture]{c.ReadAsync(make([]byte, 1)), &futures})
			future.Go(loop, counted[aio.ConnWriteFuture, *aio.ConnWriteFuture]{c.WriteAsync(p), &futures})
			future.Go(loop, counted[aio.ListenerAcceptConnFuture, *aio.ListenerAcceptConnFuture]{l.AcceptConnAsync(), &futures})
			begin(func() error { _, err := c.Read(make([]byte, 1)); return err })
			begin(func() error { _, err := c.Write(p); return err })
			begin(func() error { _, err := l.Accept(); return err })
		}
		time.Sleep(50 * time.Millisecond)
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := w.rt.Shutdown(ctx); err != nil {
			t.Fatal(err)
		}
		if got := futures.Load(); got != 3*n {
			t.Errorf("%d futures have ended", got)
		}
		within(t, "goroutines end", wg.Wait)
		if got := goroutines.Load(); got != 3*n {
			t.Errorf("%d goroutines had errors", got)
		}
	})
}

// counted counts the end of a future.
type counted[F any, P future.Ptr[F]] struct {
	f F
	n *atomic.Int64
}

func (c *counted[F, P]) Poll(cx *future.Context) future.Poll {
	if P(&c.f).Poll(cx) == future.Pending {
		return future.Pending
	}
	c.n.Add(1)
	return future.Ready
}

package aio_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// stopper is a future that its loop does not get past.
type stopper struct{ stopped, goOn chan struct{} }

func (s *stopper) Poll(*future.Context) future.Poll {
	close(s.stopped)
	<-s.goOn
	return future.Ready
}

// TestALoopThatIsStoppedLosesNothing: a poll does not return for a while, and its peers go on to
// connect, to send, and to go, and others cancel what it was doing. Nobody has the kernel's
// completions taken up, and its buffers are few.
func TestALoopThatIsStoppedLosesNothing(t *testing.T) {
	pause := 50 * time.Millisecond
	if !testing.Short() {
		pause = time.Second
	}
	eachRing(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			t.Skip("its peers need its loops; it holds completions back by itself")
		}
		const streams, connects, size = 12, 60, 400_000 // more than sockets and a connection's buffers hold
		l := w.listen(t)
		before := atRest(t)
		// Some accept and read, as tasks of the loop and of the other one, and from goroutines.
		var conns [streams]*aio.Conn
		var peers [streams]peer
		var first []future.Task[aio.ConnReadFuture]
		var bufs [streams][]byte
		for i := range streams {
			conns[i], peers[i] = w.pair(t)
			bufs[i] = make([]byte, 100)
			first = append(first, future.Spawn(w.rt.Loop(i%2), conns[i].ReadAsync(bufs[i])))
		}
		var accepts []future.Task[aio.ListenerAcceptConnFuture]
		for i := range 10 {
			accepts = append(accepts, future.Spawn(w.rt.Loop(i%2), l.AcceptConnAsync()))
		}
		eventually(t, "all wait", func() (any, bool) {
			n := aio.ReadLedger().Operations - before.Operations
			return n, n >= streams+1
		})

		s := stopper{make(chan struct{}), make(chan struct{})}
		future.Go(w.rt.Loop(0), s)
		<-s.stopped
		var going sync.WaitGroup
		var sent [streams]int
		for i, p := range peers {
			going.Go(func() {
				n, err := p.Write(stretch(size))
				if err != nil {
					t.Error(err)
				}
				sent[i] = n
				p.CloseWrite()
			})
		}
		var callers [connects]net.Conn
		dialed := make(chan struct{})
		go func() {
			defer close(dialed)
			for i := range callers {
				c, err := w.dial(l)
				if err != nil {
					t.Error(err)
					return
				}
				c.Write([]byte{byte(i)})
				callers[i] = c
			}
		}()
		<-dialed
		for i := range 5 { // they are gone before anybody has seen them
			callers[i].Close()
		}
		for i := 0; i < streams; i += 3 {
			first[i].Cancel()
		}
		for _, a := range accepts {
			a.Cancel()
		}
		time.Sleep(pause)
		close(s.goOn)

		// All that was connected is accepted, once, and has what it was sent.
		var seen [connects]int
		take := func(c *aio.Conn) {
			defer c.Close()
			c.SetReadDeadline(time.Now().Add(patience))
			var p [1]byte
			if n, err := c.Read(p[:]); n != 1 || err != nil {
				t.Errorf("an accepted connection: %d, %v", n, err)
				return
			}
			seen[p[0]]++
		}
		taken := 0
		for _, a := range accepts {
			if c, err := ended(a).Result(); err == nil {
				take(c)
				taken++
			}
		}
		within(t, "all are accepted", func() {
			for ; taken < connects; taken++ {
				c, err := l.AcceptConn()
				if err != nil {
					return // and fewer are seen
				}
				take(c)
			}
		})
		for i, n := range seen {
			if n != 1 {
				t.Errorf("connection %d was accepted %d times", i, n)
			}
		}
		for i, c := range conns {
			n, err := ended(first[i]).Result()
			got := append([]byte(nil), bufs[i][:n]...)
			if err != nil && i%3 != 0 {
				t.Errorf("stream %d: %v", i, err)
			}
			c.SetReadDeadline(time.Now().Add(patience))
			rest, err := io.ReadAll(c)
			got = append(got, rest...)
			if err != nil || string(got) != string(stretch(size)) {
				t.Errorf("stream %d: %d bytes of %d, or changed: %v", i, len(got), size, err)
			}
		}
		within(t, "all is sent", going.Wait)
		for i, n := range sent {
			if n != size {
				t.Errorf("stream %d: %d bytes of %d were sent", i, n, size)
			}
		}
		for _, c := range callers {
			c.Close()
		}
	})
}

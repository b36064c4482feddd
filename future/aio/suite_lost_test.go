package aio_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

//go:generate go run github.com/pinion-go/pinion/future/async/internal/regen

// seen is a future of which it is known whether it had to wait.
type seen[F any, P future.Ptr[F]] struct {
	f      F
	waited bool
}

func (s *seen[F, P]) Poll(cx *future.Context) future.Poll {
	if P(&s.f).Poll(cx) == future.Pending {
		s.waited = true
		return future.Pending
	}
	return future.Ready
}

type (
	seenAccept = seen[aio.ListenerAcceptConnFuture, *aio.ListenerAcceptConnFuture]
	seenRead   = seen[aio.ConnReadFuture, *aio.ConnReadFuture]
	seenNext   = seen[aio.ConnNextFuture, *aio.ConnNextFuture]
)

// accepts is what has become of Accepts.
type accepts struct {
	waited   atomic.Int64 // for the connection that they have
	queued   atomic.Int64 // that have one which had come before them, when others were cancelled
	canceled atomic.Int64
	enough   atomic.Bool
}

// takeImpatiently accepts connections, and gives each Accept a random short time. Those that
// it has accepted it tells so.
//
//pinion:async
func takeImpatiently(l *aio.Listener, seed uint64, got *accepts) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for !got.enough.Load() {
		f := future.Await(future.Timeout(time.Duration(rng.IntN(100))*time.Microsecond, seenAccept{f: l.AcceptConnAsync()}))
		c, err := f.F().f.Result()
		switch {
		case err == nil && f.F().waited:
			got.waited.Add(1)
		case err == nil:
			got.queued.Add(1)
		case errors.Is(err, future.ErrCanceled):
			got.canceled.Add(1)
			if rng.IntN(4) == 0 {
				future.Sleep(time.Duration(rng.IntN(100)) * time.Microsecond) // and nobody waits
			}
			continue
		default:
			return
		}
		c.Write([]byte("!"))
		c.Close()
	}
}

// isServed waits for what the other side does with a connection: it says something, or closes it.
func isServed(c net.Conn) (bool, error) {
	defer c.Close()
	c.SetReadDeadline(time.Now().Add(patience))
	n, err := c.Read(make([]byte, 1))
	if timedOut(err) {
		return false, err
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0) // its port is free at once
	}
	return n == 1, nil
}

// TestAcceptsThatTimeOutLoseNoConnection regresses tokio-uring 129 and 207: every connection is
// taken by the Accept that waits for it, or by a later one, or closed with the listener. Its
// other side agrees.
func TestAcceptsThatTimeOutLoseNoConnection(t *testing.T) {
	const left = 100 // that nobody takes
	eachRing(t, func(t *testing.T, w *world) {
		connects := int64(20000)
		if testing.Short() {
			connects = 500
		}
		before := aio.ReadLedger()
		l := w.listen(t)
		var got accepts
		var takers []future.Task[takeImpatientlyFuture]
		for i := range 3 {
			takers = append(takers, future.Spawn(w.rt.Loop(i%2), takeImpatientlyAsync(l, uint64(i), &got)))
		}
		var connected, served, closed atomic.Int64
		connect := func(wait func(func())) bool {
			c, err := w.dial(l)
			if err != nil {
				t.Error(err)
				return false
			}
			connected.Add(1)
			wait(func() {
				is, err := isServed(c)
				switch {
				case err != nil:
					t.Error("nothing became of a connection:", err)
				case is:
					served.Add(1)
				default:
					closed.Add(1)
				}
			})
			return true
		}
		raced := func() bool {
			return got.waited.Load() > 0 && got.queued.Load() > 0 && got.canceled.Load() >= connects/10
		}
		var clients sync.WaitGroup
		for range 8 {
			clients.Go(func() {
				for end := time.Now().Add(patience); connected.Load() < connects-left || !raced() && time.Now().Before(end); {
					if !connect(func(f func()) { f() }) || t.Failed() {
						return
					}
				}
			})
		}
		clients.Wait()
		got.enough.Store(true)
		for _, task := range takers {
			ended(task)
		}
		for range left {
			connect(clients.Go)
		}
		if w.sim == nil { // whose kernel may stop to accept: then they are with it when the listener is closed
			eventually(t, "all are accepted", func() (any, bool) {
				n := aio.ReadLedger().Accepted - before.Accepted
				return n, n == connected.Load()
			})
		}
		l.Close()
		clients.Wait()
		waited, queued, canceled := got.waited.Load(), got.queued.Load(), got.canceled.Load()
		t.Logf("%d connected: %d were accepted, %d redelivered, %d closed; %d Accepts were cancelled", connected.Load(), waited, queued, closed.Load(), canceled)
		if waited+queued+closed.Load() != connected.Load() || waited+queued != served.Load() {
			t.Errorf("of %d connections %d were accepted, %d redelivered, %d closed; %d were served", connected.Load(), waited, queued, closed.Load(), served.Load())
		}
		if closed.Load() != left || !raced() {
			t.Errorf("nothing was raced: %d accepted, %d redelivered, %d closed, %d cancelled", waited, queued, closed.Load(), canceled)
		}
		eventually(t, "the ledger agrees", func() (any, bool) {
			now := aio.ReadLedger()
			accepted, orphans := now.Accepted-before.Accepted, now.Orphans-before.Orphans
			return []int64{accepted, orphans}, accepted == waited+queued+orphans && (w.sim != nil || orphans == left)
		})
	})
}

// byteOf is byte n of a stream in which no two stretches near each other are the same.
func byteOf(n int) byte { return byte(n ^ n>>8 ^ n>>16) }

// reads is what has become of reads.
type reads struct {
	canceled atomic.Int64 // after they had waited, and without a byte
	late     atomic.Int64 // cancelled as well, and had bytes all the same
	done     atomic.Int64
}

// readImpatiently reads a stream of byteOf, by Read and Next, and gives each a random short
// time. It returns how many bytes there were until the end of the stream, or the first that was wrong.
//
//pinion:async
func readImpatiently(c *aio.Conn, seed uint64, got *reads) (n int, err error) {
	defer c.Close()
	rng := rand.New(rand.NewPCG(seed, 1))
	var buf [1000]byte
	for {
		d := time.Duration(rng.IntN(50)) * time.Microsecond
		var m int
		var b aio.Buf
		p := buf[:1+rng.IntN(len(buf)-1)]
		var waited, late bool
		if rng.IntN(2) == 0 {
			f := future.Await(future.Timeout(d, seenRead{f: c.ReadAsync(p)}))
			m, err = f.F().f.Result()
			p, waited, late = p[:m], f.F().waited, f.TimedOut()
		} else {
			f := future.Await(future.Timeout(d, seenNext{f: c.NextAsync()}))
			b, err = f.F().f.Result()
			p, waited, late = b.Bytes(), f.F().waited, f.TimedOut()
		}
		for _, v := range p {
			if v != byteOf(n) {
				return n, fmt.Errorf("byte %d is %d", n, v)
			}
			n++
		}
		m = len(p)
		b.Release()
		switch {
		case errors.Is(err, future.ErrCanceled) && waited && m == 0:
			got.canceled.Add(1)
		case errors.Is(err, future.ErrCanceled):
		case err != nil:
			return n, err
		case late:
			got.late.Add(1)
		default:
			got.done.Add(1)
		}
	}
}

// TestReadsThatAreCancelledLoseNoByte has many cancelled while they wait, and bytes come all the
// time.
func TestReadsThatAreCancelledLoseNoByte(t *testing.T) {
	cancels := int64(20000)
	if testing.Short() {
		cancels = 1000
	}
	eachRing(t, func(t *testing.T, w *world) {
		var got reads
		raced := func() bool {
			return got.canceled.Load() >= cancels && got.done.Load()+got.late.Load() >= cancels/20
		}
		var sent [8]int
		var senders sync.WaitGroup
		var readers []future.Task[readImpatientlyFuture]
		for i := range sent {
			c, peer := w.pair(t)
			readers = append(readers, future.Spawn(w.rt.Loop(i%2), readImpatientlyAsync(c, uint64(i), &got)))
			senders.Go(func() {
				sent[i] = sendUntil(t, peer, uint64(i), raced)
				peer.CloseWrite()
			})
		}
		within(t, "everything is sent", senders.Wait)
		for i, task := range readers {
			if n, err := ended(task).Result(); n != sent[i] || err != io.EOF {
				t.Errorf("stream %d: %d bytes of %d, and %v", i, n, sent[i], err)
			}
		}
		t.Logf("%d were cancelled, %d had bytes all the same, %d were not; %v bytes", got.canceled.Load(), got.late.Load(), got.done.Load(), sent)
		if !raced() {
			t.Errorf("nothing was raced: %d were cancelled, %d were not", got.canceled.Load(), got.done.Load()+got.late.Load())
		}
	})
}

// sendUntil sends a stream of byteOf, in pieces of random sizes with short pauses, until enough is
// true, and returns how many bytes they were.
func sendUntil(t testing.TB, c net.Conn, seed uint64, enough func() bool) (n int) {
	rng := rand.New(rand.NewPCG(seed, 2))
	p := make([]byte, 5000)
	for end := time.Now().Add(patience); !enough() && time.Now().Before(end); {
		q := p[:1+rng.IntN(len(p))]
		for i := range q {
			q[i] = byteOf(n + i)
		}
		if _, err := c.Write(q); err != nil {
			t.Error(err)
			return n
		}
		n += len(q)
		time.Sleep(time.Duration(rng.IntN(300)) * time.Microsecond)
	}
	return n
}

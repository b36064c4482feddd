package aio

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future"
)

// record is a completer that keeps what it is told.
type record struct {
	got  []completion
	last key
}

func (r *record) completed(_ *engine, k key, c completion) {
	r.got = append(r.got, c)
	r.last = k
}

// newTestEngine returns an engine, and a loop that nobody runs.
func newTestEngine(t *testing.T) *engine {
	t.Helper()
	e, err := newEngine("uring", false)
	if err != nil {
		t.Skip(err)
	}
	l, err := future.NewLoop(future.Config{Driver: func(int) (future.Driver, error) { return e, nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return e
}

// event returns an eventfd, which is readable when something is written to it.
func event(t *testing.T) int32 {
	t.Helper()
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return int32(fd)
}

func (e *engine) until(t *testing.T, done func() bool) {
	t.Helper()
	for n := 0; !done(); n++ {
		if n == 1000 {
			t.Fatalf("%d operations are still under way", e.ops.live)
		}
		if err := e.Wait(10 * time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOperationsThatAreCancelledBeforeTheyBegin never reach the kernel.
func TestOperationsThatAreCancelledBeforeTheyBegin(t *testing.T) {
	e := newTestEngine(t)
	never := event(t)
	const n = 5000 // more than all queues
	var r record
	for range n {
		e.cancel(e.start(opPollIn, never, nil, true, &r))
	}
	if len(r.got) > 0 {
		t.Error("a completion came within the cancel")
	}
	e.until(t, func() bool { return len(r.got) == n })
	if e.ops.live != 0 || len(e.backlog)+len(e.cancels) != 0 {
		t.Errorf("%d ops, %d to begin, %d to cancel are left", e.ops.live, len(e.backlog), len(e.cancels))
	}
}

func TestABufferIsPinnedUntilTheFinalCompletion(t *testing.T) {
	e := newTestEngine(t)
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[0])
	defer unix.Close(fds[1])
	var r record
	k := e.start(opSend, int32(fds[0]), make([]byte, 1<<20), false, &r) // more than the socket takes
	for range 3 {
		e.Wait(0)
	}
	if e.count.Pins != 1 || len(r.got) != 0 {
		t.Fatalf("%d pins while it is under way; %+v", e.count.Pins, r.got)
	}
	e.cancel(k)
	e.until(t, func() bool { return len(r.got) > 0 })
	if c := r.got[0]; c.res <= 0 || c.res >= 1<<20 {
		t.Errorf("a cancelled send that had sent some: %+v", c)
	}
	if e.count.Pins != 0 {
		t.Errorf("%d pins after the final completion", e.count.Pins)
	}
}

// TestThePoolGrowsAndStarvesNobody: more connections have bytes than the pool has buffers.
func TestThePoolGrowsAndStarvesNobody(t *testing.T) {
	e := newTestEngine(t)
	const n = poolStep + 50
	var conns []*Conn
	var peers []int
	for range n {
		fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		c := newConn(fds[1])
		c.on(e)
		c.ready(e)
		conns, peers = append(conns, c), append(peers, fds[0])
		unix.Write(fds[0], []byte("x"))
	}
	e.until(t, func() bool {
		for _, c := range conns {
			if _, ok := c.ready(e); !ok {
				return false
			}
		}
		return true
	})
	if e.pool.n <= poolStep || e.count.Buffers != n {
		t.Errorf("the pool has %d buffers, %d of them filled", e.pool.n, e.count.Buffers)
	}
	for i, c := range conns {
		p := make([]byte, 2)
		if got := c.take(e, p); got != 1 || p[0] != 'x' {
			t.Errorf("connection %d: %d bytes, %q", i, got, p)
		}
		c.close(e)
		unix.Close(peers[i])
	}
}

// sockets returns an engine's connection and its peer.
func sockets(t *testing.T, e *engine) (*Conn, int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	c := newConn(fds[1])
	c.on(e)
	t.Cleanup(func() {
		c.close(e)
		unix.Close(fds[0])
	})
	return c, fds[0]
}

// TestAConnectionThatNobodyReadsStopsReceiving: what it does not receive stays with the
// kernel, and comes when there is room again.
func TestAConnectionThatNobodyReadsStopsReceiving(t *testing.T) {
	e := newTestEngine(t)
	c, peer := sockets(t, e)
	unix.SetNonblock(peer, true)
	sent := 0
	send := func() {
		for {
			n, err := unix.Write(peer, []byte{byte(sent)}) // a buffer each, if each is received at once
			if err != nil {
				return
			}
			sent += n
			if err := e.Wait(0); err != nil {
				t.Fatal(err)
			}
			if sent%200 == 0 {
				return
			}
		}
	}
	c.ready(e)
	send()
	if c.chunks > maxChunks+1 || c.receive != 0 {
		t.Errorf("%d buffers of %d, and it receives: %v", c.chunks, maxChunks, c.receive != 0)
	}
	got := 0
	p := make([]byte, 7)
	e.until(t, func() bool {
		for c.chunks > 0 {
			for _, b := range p[:c.take(e, p)] {
				if b != byte(got) {
					t.Fatalf("byte %d is %d", got, b)
				}
				got++
			}
		}
		c.ready(e)
		return got == sent
	})
}

// TestStarvedConnectionsAreFed: the pool has all it may have, and every buffer is taken.
func TestStarvedConnectionsAreFed(t *testing.T) {
	e := newTestEngine(t)
	e.pool.limit = poolStep
	rich, richPeer := sockets(t, e)
	poor, poorPeer := sockets(t, e)
	// All buffers but one are somebody's, who will give them back.
	var held []uint16
	for bid := range uint16(poolStep) {
		held = append(held, bid)
	}
	rich.ready(e)
	for range poolStep {
		unix.Write(richPeer, []byte("r"))
		e.until(t, func() bool { return rich.chunks > 0 })
		held[0], _ = rich.pop(e)
		held = append(held[1:], held[0])
	}
	poor.readers.add(&waiter{})
	e.remotes[poor.readers.head] = &remote{s: poor, take: func(*engine) bool { return true }}
	poor.ready(e)
	unix.Write(poorPeer, []byte("p"))
	for range 10 {
		e.Wait(0)
	}
	if len(e.starving) == 0 {
		t.Fatalf("nobody starves, with %d buffers taken", e.count.Buffers)
	}
	for _, bid := range held {
		e.recycle(bid)
	}
	e.until(t, func() bool { return poor.chunks > 0 })
}

// TestABufferReachesTheOneThatNeedsIt: it is offered to a connection that has starved longer, but
// has nothing to receive.
func TestABufferReachesTheOneThatNeedsIt(t *testing.T) {
	e := newTestEngine(t)
	e.pool.limit = poolStep
	rich, richPeer := sockets(t, e)
	rich.ready(e)
	var held []uint16
	for range poolStep {
		unix.Write(richPeer, []byte("r"))
		e.until(t, func() bool { return rich.chunks > 0 })
		bid, _ := rich.pop(e)
		held = append(held, bid)
	}
	starve := func() (*Conn, int) {
		c, peer := sockets(t, e)
		c.readers.add(&waiter{})
		e.remotes[c.readers.head] = &remote{s: c, take: func(*engine) bool { return true }}
		c.ready(e)
		return c, peer
	}
	for range 10 {
		starve()
	}
	poor, poorPeer := starve()
	unix.Write(poorPeer, []byte("p"))
	for range 10 {
		e.Wait(0)
	}
	if len(e.starving) == 0 {
		t.Fatalf("nobody starves, with %d buffers taken", e.count.Buffers)
	}
	e.recycle(held[0])
	var late atomic.Bool
	defer time.AfterFunc(20*time.Second, func() { late.Store(true); e.Wake() }).Stop()
	for poor.chunks == 0 {
		if late.Load() {
			t.Fatal("the engine sleeps, with a buffer that somebody waits for")
		}
		if err := e.Wait(-1); err != nil {
			t.Fatal(err)
		}
	}
	for _, bid := range held[1:] {
		e.recycle(bid)
	}
}

// TestFloodsLeaveBuffersToOthers: many connections send what nobody reads, and one comes after
// them.
func TestFloodsLeaveBuffersToOthers(t *testing.T) {
	e := newTestEngine(t)
	e.pool.limit = 2 * poolStep
	const floods = 30 // with maxChunks each, 16 would have all
	for range floods {
		c, peer := sockets(t, e)
		c.ready(e)
		for range maxChunks {
			unix.Write(peer, []byte("flood"))
			e.Wait(0)
		}
	}
	for range 10 {
		e.Wait(0)
	}
	c, peer := sockets(t, e)
	c.readers.add(&waiter{})
	e.remotes[c.readers.head] = &remote{s: c, take: func(*engine) bool { return true }}
	c.ready(e)
	unix.Write(peer, []byte("ping"))
	e.until(t, func() bool { return c.chunks > 0 })
	if e.count.Buffers > 2*poolStep-8 {
		t.Errorf("%d buffers are taken of %d", e.count.Buffers, 2*poolStep)
	}
}

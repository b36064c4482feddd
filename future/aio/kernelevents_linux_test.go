package aio

import (
	"bytes"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestNoBufferIsACompletion has more bytes come than the pool has buffers for.
func TestNoBufferIsACompletion(t *testing.T) {
	eachKernel(t, func(t *testing.T, e *engine, r *recorder) {
		a, b := socketPair(t)
		defer unix.Close(a)
		idle, _ := socketPair(t)
		defer unix.Close(idle)
		want := make([]byte, (e.pool.n+3)*poolBuffer)
		for i := range want {
			want[i] = byte(i ^ i>>9)
		}
		go func() {
			for p := want; len(p) > 0; {
				n, err := unix.Write(b, p)
				if err != nil {
					return
				}
				p = p[n:]
			}
		}()
		k := e.start(opReceive, int32(a), nil, true, r)
		if n := r.result(t, e, k); n != -int32(unix.ENOBUFS) {
			t.Fatalf("%d", n)
		}
		waits := e.start(opReceive, int32(idle), nil, true, r)
		turns(t, e)
		if _, ok := e.k.(*epollKernel); ok && r.over[waits] { // io_uring ends it
			t.Errorf("one for which nothing came has ended: %d", r.results[waits])
		}
		for len(r.bytes) < len(want) {
			for _, bid := range r.bids {
				e.recycle(bid)
			}
			r.bids = nil
			n := len(r.bytes)
			k = e.start(opReceive, int32(a), nil, true, r)
			await(t, e, "more bytes", func() bool { return len(r.bytes) > n || r.over[k] })
			e.cancel(k)
			r.result(t, e, k)
		}
		if !bytes.Equal(r.bytes, want) {
			t.Errorf("%d bytes of %d came, or changed", len(r.bytes), len(want))
		}
		e.cancel(waits)
		r.result(t, e, waits)
	}, "uring", "epoll")
}

func TestBothDirectionsWaitAtOnce(t *testing.T) {
	eachKernel(t, func(t *testing.T, e *engine, r *recorder) {
		a, b := socketPair(t)
		defer unix.Close(a)
		receive := e.start(opReceive, int32(a), nil, true, r)
		turns(t, e)
		send := e.start(opSend, int32(a), make([]byte, 8<<20), false, r)
		turns(t, e)
		if r.over[send] {
			t.Errorf("sent to nobody: %d", r.results[send])
		}
		go func() {
			p := make([]byte, 1<<20)
			for n := 0; n < 8<<20; {
				m, err := unix.Read(b, p)
				if err != nil {
					return
				}
				n += m
			}
			unix.Write(b, []byte("thanks"))
		}()
		if n := r.result(t, e, send); n != 8<<20 {
			t.Errorf("sent: %d", n)
		}
		await(t, e, "an answer", func() bool { return string(r.bytes) == "thanks" })
		e.cancel(receive)
		r.result(t, e, receive)
	}, "uring", "epoll", "portable")
}

// TestUrgentDataHidesNothing: a receive stops at urgent data, and no event tells of what
// follows it.
func TestUrgentDataHidesNothing(t *testing.T) {
	eachKernel(t, func(t *testing.T, e *engine, r *recorder) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		nc, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		peer, err := duplicate(nc)
		nc.Close()
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(peer)
		nc, err = l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		fd, err := duplicate(nc)
		nc.Close()
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		k := e.start(opReceive, int32(fd), nil, true, r)
		turns(t, e)
		unix.Sendto(peer, []byte("before"), 0, nil)
		unix.Sendto(peer, []byte("!"), unix.MSG_OOB, nil)
		unix.Sendto(peer, []byte("after"), 0, nil)
		time.Sleep(10 * time.Millisecond) // so that all of it comes with one event
		await(t, e, "what comes after urgent data", func() bool { return string(r.bytes) == "beforeafter" })
		e.cancel(k)
		r.result(t, e, k)
	}, "uring", "epoll")
}

// TestNumbersOfDescriptorsAreReused closes a descriptor whose file stays open elsewhere, so that
// epoll goes on to tell of it, and receives from another file with its number.
func TestNumbersOfDescriptorsAreReused(t *testing.T) {
	eachKernel(t, func(t *testing.T, e *engine, r *recorder) {
		for range 3 {
			a, peer := socketPair(t)
			elsewhere, err := unix.FcntlInt(uintptr(a), unix.F_DUPFD_CLOEXEC, 0)
			if err != nil {
				t.Fatal(err)
			}
			k := e.start(opReceive, int32(a), nil, true, r)
			turns(t, e)
			e.cancel(k)
			r.result(t, e, k)

			b, peer2 := socketPair(t)
			if err := unix.Dup3(b, a, unix.O_CLOEXEC); err != nil {
				t.Fatal(err)
			}
			unix.Close(b)
			r.bytes = nil
			k = e.start(opReceive, int32(a), nil, true, r)
			turns(t, e)
			unix.Write(peer, []byte("another's"))
			turns(t, e)
			unix.Write(peer2, []byte("mine"))
			await(t, e, "what was sent", func() bool { return string(r.bytes) == "mine" })
			e.cancel(k)
			r.result(t, e, k)
			unix.Close(a)
			unix.Close(elsewhere)
		}
	}, "uring", "epoll")
}

// TestWakesAreNotLost wakes an engine before it waits, also if it flushes in between.
func TestWakesAreNotLost(t *testing.T) {
	eachKernel(t, func(t *testing.T, e *engine, r *recorder) {
		a, _ := socketPair(t)
		defer unix.Close(a)
		k := e.start(opReceive, int32(a), nil, true, r)
		turns(t, e)
		for flushes := range 12 {
			e.Wake()
			for range flushes {
				if err := e.Submit(); err != nil {
					t.Fatal(err)
				}
			}
			woken := make(chan error, 1)
			go func() { woken <- e.Wait(-1) }() // the engine is that goroutine's until it is back
			select {
			case err := <-woken:
				if err != nil {
					t.Fatal(err)
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("a wake was lost in %d flushes", flushes)
			}
		}
		e.cancel(k)
		r.result(t, e, k)
	}, "epoll", "portable")
}

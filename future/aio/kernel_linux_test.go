package aio

import (
	"bytes"
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// These tests have ops begun and completed without a loop.

// recorder keeps what it is told.
type recorder struct {
	results map[key][]int32 // of each op
	over    map[key]bool
	bytes   []byte // that were received
	bids    []uint16
}

func (r *recorder) completed(e *engine, k key, c completion) {
	r.results[k] = append(r.results[k], c.res)
	if c.buffer {
		e.filled(c.bid, int(c.res))
		r.bytes = append(r.bytes, e.pool.rest(c.bid)...)
		r.bids = append(r.bids, c.bid)
	}
	if !c.more {
		r.over[k] = true
	}
}

// eachKernel runs f with an engine of each of some drivers; with uring once with a ring that is bound to
// the thread, and once with one that is not.
func eachKernel(t *testing.T, f func(t *testing.T, e *engine, r *recorder), names ...string) {
	for _, d := range drivers {
		if !slices.Contains(names, d.name) {
			continue
		}
		inKernel(t, d.name, d, false, f)
		if d.name == "uring" {
			inKernel(t, "uring bound to its thread", d, true, f)
		}
	}
}

func inKernel(t *testing.T, name string, d driver, bound bool, f func(t *testing.T, e *engine, r *recorder)) {
	t.Run(name, func(t *testing.T) {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		e, err := d.make(bound)
		if err != nil {
			t.Skip(err)
		}
		e.describe(d.name, "it is tested")
		r := &recorder{results: make(map[key][]int32), over: make(map[key]bool)}
		f(t, e, r)
		for _, bid := range r.bids {
			e.recycle(bid)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if e.count.Operations != 0 || e.count.Buffers != 0 || e.count.Pins != 0 {
			t.Errorf("%+v", e.count)
		}
	})
}

// await turns the engine until ok.
func await(t *testing.T, e *engine, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
		if err := e.Wait(50 * time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}

// result waits for the final completion of an op.
func (r *recorder) result(t *testing.T, e *engine, k key) int32 {
	t.Helper()
	await(t, e, "a final completion", func() bool { return r.over[k] })
	return r.results[k][len(r.results[k])-1]
}

// turns gives what may happen by mistake time to do so.
func turns(t *testing.T, e *engine) {
	t.Helper()
	for range 10 {
		if err := e.Wait(time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}

func socketPair(t *testing.T) (a, b int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fds[1]) })
	return fds[0], fds[1]
}

func TestFilesAreReadAndWritten(t *testing.T) {
	eachKernel(t, func(t *testing.T, e *engine, r *recorder) {
		f, err := os.OpenFile(filepath.Join(t.TempDir(), "f"), os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		fd := int32(f.Fd())
		want := bytes.Repeat([]byte("0123456789abcdef"), 1000)
		if n := r.result(t, e, e.startAt(opWrite, fd, want, false, 100, r)); int(n) != len(want) {
			t.Errorf("written: %d", n)
		}
		if n := r.result(t, e, e.start(opFsync, fd, nil, true, r)); n != 0 {
			t.Errorf("fsync: %d", n)
		}
		got := make([]byte, len(want)+10)
		if n := r.result(t, e, e.startAt(opRead, fd, got, false, 100, r)); int(n) != len(want) || !bytes.Equal(got[:n], want) {
			t.Errorf("read: %d", n)
		}
		if n := r.result(t, e, e.startAt(opRead, fd, got, false, 1<<20, r)); n != 0 {
			t.Errorf("read after the end: %d", n)
		}
		if n := r.result(t, e, e.start(opWrite, fd, []byte("head"), false, r)); n != 4 {
			t.Errorf("written at its own position: %d", n)
		}
		if n := r.result(t, e, e.start(opRead, fd, got[:96], false, r)); n != 96 || !bytes.Equal(got[:96], make([]byte, 96)) {
			t.Errorf("read at its own position: %d", n)
		}
		if n := r.result(t, e, e.startAt(opRead, -1, got, false, 0, r)); n != -int32(unix.EBADF) {
			t.Errorf("no file: %d", n)
		}
		keys := make([]key, 500)
		for i := range keys {
			keys[i] = e.startAt(opRead, fd, make([]byte, 16), false, int64(100+16*i), r)
		}
		for _, k := range keys {
			if n := r.result(t, e, k); n != 16 {
				t.Errorf("one of many reads: %d", n)
			}
		}
	}, "uring", "epoll", "portable")
}

func TestPipesWait(t *testing.T) {
	eachKernel(t, func(t *testing.T, e *engine, r *recorder) {
		var fds [2]int
		if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fds[0])
		got := make([]byte, 100)
		read, second := e.start(opRead, int32(fds[0]), got, false, r), e.start(opRead, int32(fds[0]), got[50:], false, r)
		turns(t, e)
		if r.over[read] {
			t.Fatal("a read of an empty pipe has ended")
		}
		e.cancel(second)
		if n := r.result(t, e, second); n != -int32(unix.ECANCELED) && n != -int32(unix.EINTR) {
			t.Errorf("cancelled: %d", n)
		}
		if n := r.result(t, e, e.start(opWrite, int32(fds[1]), []byte("hello"), false, r)); n != 5 {
			t.Errorf("written: %d", n)
		}
		if n := r.result(t, e, read); n != 5 || string(got[:5]) != "hello" {
			t.Errorf("read: %d, %q", n, got[:5])
		}
		unix.Close(fds[1])
		if n := r.result(t, e, e.start(opRead, int32(fds[0]), got, false, r)); n != 0 {
			t.Errorf("the end: %d", n)
		}
	}, "uring", "epoll")
}

func TestPolls(t *testing.T) {
	eachKernel(t, func(t *testing.T, e *engine, r *recorder) {
		a, b := socketPair(t)
		defer unix.Close(a)
		if n := r.result(t, e, e.start(opPollOut, int32(a), nil, true, r)); n&unix.POLLOUT == 0 {
			t.Errorf("writable: %d", n)
		}
		in, other := e.start(opPollIn, int32(a), nil, true, r), e.start(opPollIn, int32(a), nil, true, r)
		turns(t, e)
		if r.over[in] {
			t.Error("readable, with nothing to be read")
		}
		e.cancel(other)
		if n := r.result(t, e, other); n != -int32(unix.ECANCELED) {
			t.Errorf("cancelled: %d", n)
		}
		unix.Write(b, []byte("x"))
		if n := r.result(t, e, in); n&unix.POLLIN == 0 {
			t.Errorf("readable: %d", n)
		}
		unix.Read(a, make([]byte, 1))
		in = e.start(opPollIn, int32(a), nil, true, r) // after all others on a have ended
		turns(t, e)
		if r.over[in] {
			t.Errorf("readable, with nothing to be read any more: %d", r.results[in])
		}
		unix.Write(b, []byte("x"))
		if n := r.result(t, e, in); n&unix.POLLIN == 0 {
			t.Errorf("readable again: %d", n)
		}
	}, "uring", "epoll")
}

func TestConnects(t *testing.T) {
	eachKernel(t, func(t *testing.T, e *engine, r *recorder) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		connect := func() int32 {
			fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(fd)
			addr := binary.NativeEndian.AppendUint16(nil, unix.AF_INET)
			addr = binary.BigEndian.AppendUint16(addr, uint16(port))
			addr = append(addr, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
			return r.result(t, e, e.start(opConnect, int32(fd), addr, false, r))
		}
		if n := connect(); n != 0 {
			t.Errorf("%d", n)
		}
		l.Close()
		if n := connect(); n != -int32(unix.ECONNREFUSED) {
			t.Errorf("nobody listens: %d", n)
		}
	}, "uring", "epoll")
}

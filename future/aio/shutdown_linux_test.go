package aio_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

//go:generate go run github.com/pinion-go/pinion/future/async/internal/regen

// churn reads, writes and syncs a file until an operation fails: what is not done when it is
// cancelled.
//
//pinion:async
func churn(f *aio.File, p []byte) {
	var err error
	for i := 0; err == nil; i++ {
		switch i % 3 {
		case 0:
			_, err = f.WriteAt(p, 0)
		case 1:
			_, err = f.ReadAt(p, 0)
		case 2:
			err = f.Sync()
		}
	}
}

// rescan reads a file again and again, which takes long.
//
//pinion:async
func rescan(f *aio.File, p []byte) {
	for {
		if _, err := f.ReadAt(p, 0); err != nil {
			break
		}
	}
}

// flight is operations of many kinds that nobody answers, and what may end them later.
type flight struct {
	t       *testing.T
	w       *world
	bufs    [][]byte   // that the kernel may write to
	peers   []int      // write to them and somebody has something to read
	readers []net.Conn // they take what is sent without a copy, when the loops end
	cleanup []func() error
}

// buffer returns one that is looked at in the end.
func (x *flight) buffer(n int) []byte {
	p := make([]byte, n)
	x.bufs = append(x.bufs, p)
	return p
}

func (x *flight) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *flight) loop(i int) *future.Loop { return x.w.rt.Loop(i % 2) }

// later has c closed in the end, and no earlier: what is under way could still end.
func (x *flight) later(c interface{ Close() error }) { x.cleanup = append(x.cleanup, c.Close) }

func (x *flight) fd(fd int) {
	x.cleanup = append(x.cleanup, func() error { return unix.Close(fd) })
}

// streams begins n times to receive, and to send more than a socket takes: with TCP on loop 0 without
// a copy if the driver can. That is over no sooner than the peer has what was sent.
func (x *flight) streams(n int, tcp bool, p []byte) {
	for i := range n {
		var c *aio.Conn
		if tcp {
			a, b, err := netPair("tcp")
			x.must(err)
			c, err = aio.Wrap(a)
			x.must(err)
			x.later(b)
			if i/2%2 == 0 {
				x.readers = append(x.readers, b)
			}
			raw, err := b.(*net.TCPConn).SyscallConn()
			x.must(err)
			raw.Control(func(fd uintptr) { x.peers = append(x.peers, int(fd)) })
		} else {
			fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			x.must(err)
			f := os.NewFile(uintptr(fds[0]), "socketpair")
			nc, err := net.FileConn(f)
			f.Close()
			x.must(err)
			c, err = aio.Wrap(nc)
			x.must(err)
			x.fd(fds[1])
			x.peers = append(x.peers, fds[1])
		}
		x.must(c.SetWriteBuffer(4096))
		x.later(c)
		if i%2 == 0 {
			future.Go(x.loop(i/2), c.NextAsync())
		} else {
			future.Go(x.loop(i/2), c.ReadAsync(x.buffer(64)))
		}
		future.Go(x.loop(i/2), c.WriteAsync(p))
	}
}

// pipes begins n reads of empty pipes, or writes of more than a pipe takes.
func (x *flight) pipes(n int, p []byte) {
	for i := range n {
		var fds [2]int
		x.must(unix.Pipe2(fds[:], unix.O_CLOEXEC))
		mine, other := 0, 1
		if p != nil {
			mine, other = 1, 0
		}
		f, err := aio.NewFD(uintptr(fds[mine]), "pipe")
		x.must(err)
		x.later(f)
		x.fd(fds[other])
		if p != nil {
			future.Go(x.loop(i), f.WriteAsync(p))
			continue
		}
		x.peers = append(x.peers, fds[other])
		future.Go(x.loop(i), f.ReadAsync(x.buffer(64)))
	}
}

// others begins n each of accepts, connects, reads of datagrams, and a few files that are sent.
func (x *flight) others(n int, p []byte) {
	dir, silent := x.t.TempDir(), x.w.unanswered(x.t)
	name := filepath.Join(dir, "sent")
	x.must(os.WriteFile(name, bytes.Repeat(p, 20), 0o600))
	sent, err := aio.Open(name)
	x.must(err)
	x.later(sent)
	for i := range n {
		l, err := aio.Listen("unix", filepath.Join(dir, fmt.Sprint(i)))
		x.must(err)
		x.later(l)
		future.Go(x.loop(i), l.AcceptConnAsync())
		future.Go(x.loop(i), aio.DialAsync("tcp", silent))
		u, err := aio.ListenPacket("udp", "127.0.0.1:0")
		x.must(err)
		x.later(u)
		future.Go(x.loop(i), u.ReadFromAddrPortAsync(x.buffer(64)))
		if i%10 == 0 {
			a, b := pair(x.t)
			x.must(b.SetWriteBuffer(4096))
			x.later(a)
			x.later(b)
			future.Go(x.loop(i), b.SendFileAsync(sent, -1))
		}
	}
}

// files has n tasks use a few files all the time.
func (x *flight) files(n int) {
	dir := x.t.TempDir()
	for i := range n {
		f, err := aio.OpenFile(filepath.Join(dir, fmt.Sprint(i%8)), os.O_RDWR|os.O_CREATE, 0o600)
		x.must(err)
		x.later(f)
		future.Go(x.loop(i), churnAsync(f, x.buffer(4096)))
	}
	long := x.w.create(x.t, make([]byte, 4<<20))
	for i := range min(4, n/10) {
		future.Go(x.loop(i), rescanAsync(long, x.buffer(4<<20)))
	}
}

// TestShutdownDrainsTenThousandOperations of every kind, and nobody writes to their buffers
// afterwards, although there is what they have waited for. See TestSimShutdownDrainsOperationsOfEveryKind.
func TestShutdownDrainsTenThousandOperations(t *testing.T) {
	eachRing(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			t.Skip("it has a test of its own")
		}
		n := 106
		if testing.Short() {
			n = 5
		}
		before := aio.ReadLedger()
		aio.SetZeroCopy(w.rt.Loop(0), 1)
		x := &flight{t: t, w: w}
		t.Cleanup(func() {
			for _, f := range slices.Backward(x.cleanup) {
				f()
			}
		})
		p := make([]byte, 300<<10) // more than a socket takes
		x.streams(3*n, true, p)
		if w.driver == "portable" { // which has a descriptor more for each pipe, and no operations for connects
			x.streams(40*n, false, p)
			x.pipes(8*n, nil)
			x.pipes(2*n, p)
			x.others(2*n, p)
		} else {
			x.streams(22*n, false, p)
			x.pipes(30*n, nil)
			x.pipes(5*n, p)
			x.others(5*n, p)
		}
		x.files(n)
		kinds := []string{"accept", "receive", "send", "send without a copy", "pollin", "pollout", "read", "write", "write at a place", "fsync"}
		if w.driver != "portable" { // which leaves connects to package net
			kinds = append(kinds, "connect")
		}
		if w.driver != "epoll" && !testing.Short() { // epoll does at once what is in memory; and it takes a while to see one
			kinds = append(kinds, "read at a place")
		}
		seen := make(map[string]int)
		eventually(t, "operations of every kind are under way", func() (any, bool) {
			aio.CountKinds(w.rt, seen)
			under := aio.ReadLedger().Operations - before.Operations
			return fmt.Sprint(under, seen), under >= int64(95*n) && !slices.ContainsFunc(kinds, func(kind string) bool { return seen[kind] == 0 })
		})
		t.Logf("%d under way: at most %v", aio.ReadLedger().Operations-before.Operations, seen)
		for _, c := range x.readers {
			go func() {
				time.Sleep(10 * time.Millisecond)
				io.Copy(io.Discard, c)
			}()
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := w.rt.Shutdown(ctx); err != nil {
			t.Fatal(err)
		}
		poison := bytes.Repeat([]byte{0xdb}, 4<<20)
		for _, b := range x.bufs {
			copy(b, poison)
		}
		for _, fd := range x.peers {
			unix.Write(fd, []byte("too late"))
		}
		time.Sleep(10 * time.Millisecond) // for the kernel
		for i, b := range x.bufs {
			if !bytes.Equal(b, poison[:len(b)]) {
				t.Errorf("buffer %d of %d was written to after the shutdown: %q", i, len(x.bufs), b[:8])
			}
		}
		if now := aio.ReadLedger(); now.Operations != before.Operations || now.Pins != before.Pins || now.Buffers != before.Buffers {
			t.Errorf("the ledger is %+v, and was %+v", now, before)
		}
	})
}

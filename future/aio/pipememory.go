package aio

import (
	"bytes"
	"io/fs"
	"os"
	"sync"
	"syscall"
)

// memoryPipe is a pipe that the system knows nothing of, for driver portable where package os has none
// whose operations can be ended.
type memoryPipe struct {
	mu      sync.Mutex   // protects what follows
	buf     bytes.Buffer // what was written and not read
	closed  [2]bool      // the ends: r, w
	changed chan struct{}
}

// memoryPipeRoom is how many bytes can be in it, as on Linux.
const memoryPipeRoom = 64 << 10

// newMemoryPipe returns the ends of a new one.
func newMemoryPipe() (r, w *File) {
	p := &memoryPipe{changed: make(chan struct{})}
	return p.end(0, "|0"), p.end(1, "|1")
}

func (p *memoryPipe) end(i int, name string) *File {
	e := &memoryPipeEnd{p: p, i: i, name: name}
	e.fd = newHandle(memoryPipeHandle{e})
	books.descriptors.Add(1)
	return &File{os: e, fd: e.fd}
}

// tell has all that wait look again. The pipe is locked.
func (p *memoryPipe) tell() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// try reads or writes what can be without waiting. If nothing can, again is closed when it may be worth
// another try.
func (p *memoryPipe) try(kind opKind, buf []byte) (res int32, again chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	switch {
	case kind == opRead && p.buf.Len() > 0:
		n, _ = p.buf.Read(buf)
	case kind == opRead && p.closed[1]:
		return 0, nil
	case kind == opRead:
		return 0, p.changed
	case kind != opWrite:
		return -int32(syscall.EOPNOTSUPP), nil
	case p.closed[0]:
		return -int32(syscall.EPIPE), nil
	case p.buf.Len() == memoryPipeRoom:
		return 0, p.changed
	default:
		n, _ = p.buf.Write(buf[:min(len(buf), memoryPipeRoom-p.buf.Len())])
	}
	p.tell()
	return int32(n), nil
}

// memoryPipeEnd is what a File has of it in the place of an os.File.
type memoryPipeEnd struct {
	p    *memoryPipe
	i    int // 0 is read from
	fd   int32
	name string
}

func (e *memoryPipeEnd) Name() string { return e.name }

func (e *memoryPipeEnd) Seek(int64, int) (int64, error) {
	return 0, &os.PathError{Op: "seek", Path: e.name, Err: syscall.ESPIPE}
}

func (e *memoryPipeEnd) Stat() (fs.FileInfo, error) {
	return simInfo{e.name, 0, fs.ModeNamedPipe | 0o600}, nil
}

func (e *memoryPipeEnd) Close() error { return closeHandle(e.fd) }

// memoryPipeHandle is what the handle of an end stands for.
type memoryPipeHandle struct{ e *memoryPipeEnd }

func (h memoryPipeHandle) Close() error {
	p := h.e.p
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed[h.e.i] = true
	p.tell()
	return nil
}

// wait implements handle.
func (h memoryPipeHandle) wait(kind opKind, _ *opIO) (waited, error) {
	if (kind == opRead) != (h.e.i == 0) {
		return nil, syscall.EBADF // the other end
	}
	return &memoryPipeWait{h.e.p, make(chan struct{})}, nil
}

// memoryPipeWait is what one op waits for.
type memoryPipeWait struct {
	p    *memoryPipe
	quit chan struct{}
}

func (w *memoryPipeWait) do(kind opKind, buf []byte) int32 {
	for {
		res, again := w.p.try(kind, buf)
		if again == nil {
			return res
		}
		select {
		case <-again:
		case <-w.quit:
			return -int32(syscall.ECANCELED)
		}
	}
}

func (w *memoryPipeWait) end() { close(w.quit) } // the engine cancels an op once

package aio

import (
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"syscall"
	"time"
)

// simFile is a file in memory. The simulation's lock protects it.
type simFile struct{ data []byte }

// OpenFile opens a file of the simulation, which begins with none, as [os.OpenFile] does. There are no
// directories: names are names.
func (s *Sim) OpenFile(name string, flag int, perm fs.FileMode) (*File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[name]
	errno := syscall.Errno(0)
	switch {
	case s.open >= s.cfg.Descriptors:
		errno = syscall.EMFILE
	case f == nil && flag&os.O_CREATE == 0:
		errno = syscall.ENOENT
	case f != nil && flag&os.O_EXCL != 0 && flag&os.O_CREATE != 0:
		errno = syscall.EEXIST
	}
	if errno != 0 {
		return nil, &os.PathError{Op: "open", Path: name, Err: errno}
	}
	if f == nil {
		f = new(simFile)
		s.files[name] = f
	}
	if flag&os.O_TRUNC != 0 {
		f.data = nil
	}
	return s.newFile(name, &simNode{file: f, append: flag&os.O_APPEND != 0}), nil
}

// Pipe returns the ends of a pipe of the simulation. See [Pipe].
func (s *Sim) Pipe() (r, w *File, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open+2 > s.cfg.Descriptors {
		return nil, nil, os.NewSyscallError("pipe2", syscall.EMFILE)
	}
	st := s.newStream(s.someRoom())
	return s.newFile("|0", &simNode{in: st}), s.newFile("|1", &simNode{out: st}), nil
}

func (s *Sim) newFile(name string, n *simNode) *File {
	fd := s.enter(n)
	books.descriptors.Add(1)
	return &File{os: &simHandle{s, fd, name}, fd: fd, append: n.append, seeks: n.file != nil}
}

func (p *simKernel) read(op *simOp, buf []byte, off int64) {
	n := op.node
	switch {
	case p.rarely(16):
		p.finish(op, -int32(syscall.EINTR))
	case n.file != nil:
		at := off
		if at < 0 {
			at = n.pos
		}
		rest := n.file.from(at)
		if len(rest) == 0 {
			p.finish(op, 0)
			return
		}
		got := copy(buf, rest[:p.amount(min(len(rest), len(buf)))])
		if off < 0 {
			n.pos += int64(got)
		}
		p.finish(op, int32(got))
	case n.in.n == 0 && !n.in.readable():
		p.finish(op, -int32(syscall.EAGAIN))
	case n.in.n == 0:
		p.finish(op, -int32(n.in.end()))
	default:
		p.finish(op, int32(p.s.receive(n.in, buf[:p.amount(min(n.in.n, len(buf)))])))
	}
}

func (p *simKernel) write(op *simOp, buf []byte, off int64) {
	n := op.node
	switch {
	case p.rarely(16):
		p.finish(op, -int32(syscall.EINTR))
	case n.file != nil:
		at := off
		if at < 0 {
			at = n.pos
		}
		if n.append {
			at = int64(len(n.file.data))
		}
		m := p.amount(len(buf))
		n.file.put(buf[:m], at)
		if off < 0 {
			n.pos = at + int64(m)
		}
		p.finish(op, int32(m))
	case n.out.refuses() != 0:
		p.finish(op, -int32(n.out.refuses()))
	case p.rarely(16):
		p.finish(op, -int32(syscall.EAGAIN))
	default:
		m := p.amount(min(len(buf), n.out.room-n.out.n))
		p.s.send(n.out, slices.Clone(buf[:m]), nil)
		p.finish(op, int32(m))
	}
}

func (f *simFile) from(off int64) []byte { return f.data[min(off, int64(len(f.data))):] }

func (f *simFile) put(p []byte, off int64) {
	if n := int(off) + len(p); n > len(f.data) {
		f.data = append(f.data, make([]byte, n-len(f.data))...)
	}
	copy(f.data[off:], p)
}

// simHandle is what a File of a simulation has in the place of an os.File.
type simHandle struct {
	s    *Sim
	fd   int32
	name string
}

func (h *simHandle) Name() string { return h.name }

func (h *simHandle) Close() error {
	h.s.closeNode(h.fd)
	return nil
}

func (h *simHandle) Seek(offset int64, whence int) (int64, error) {
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	n := h.s.node(h.fd)
	switch {
	case n == nil:
		return 0, &os.PathError{Op: "seek", Path: h.name, Err: os.ErrClosed}
	case n.file == nil:
		return 0, &os.PathError{Op: "seek", Path: h.name, Err: syscall.ESPIPE}
	case whence == io.SeekCurrent:
		offset += n.pos
	case whence == io.SeekEnd:
		offset += int64(len(n.file.data))
	}
	if offset < 0 || whence < io.SeekStart || whence > io.SeekEnd {
		return 0, &os.PathError{Op: "seek", Path: h.name, Err: syscall.EINVAL}
	}
	n.pos = offset
	return offset, nil
}

func (h *simHandle) Stat() (fs.FileInfo, error) {
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	n := h.s.node(h.fd)
	switch {
	case n == nil:
		return nil, &os.PathError{Op: "stat", Path: h.name, Err: os.ErrClosed}
	case n.file == nil:
		return simInfo{path.Base(h.name), 0, fs.ModeNamedPipe | 0o600}, nil
	}
	return simInfo{path.Base(h.name), int64(len(n.file.data)), 0o600}, nil
}

type simInfo struct {
	name string
	size int64
	mode fs.FileMode
}

func (i simInfo) Name() string       { return i.name }
func (i simInfo) Size() int64        { return i.size }
func (i simInfo) Mode() fs.FileMode  { return i.mode }
func (i simInfo) ModTime() time.Time { return time.Time{} }
func (i simInfo) IsDir() bool        { return false }
func (i simInfo) Sys() any           { return nil }

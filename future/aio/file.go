package aio

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sync/atomic"

	"github.com/pinion-go/pinion/future"
)

// File is an open file, or any other descriptor that is read and written: a pipe, a terminal,
// an eventfd. It is an [io.ReadWriteCloser], [io.ReaderAt], [io.WriterAt] and [io.Seeker].
// Errors are those of an [os.File]: a *os.PathError, with [os.ErrClosed] after Close, or a bare
// io.EOF or [future.ErrCanceled].
//
// All methods may be called from every goroutine and in every poll. ReadAt, WriteAt and Sync
// are done by the loop on which they are called, so that a file serves all loops at once.
// Read and Write, which share the descriptor's position, are done one after the other by the
// loop that was first to call one of them; where there is no position (a pipe), a Read and
// a Write go on side by side.
//
// A goroutine that blocks has nothing to gain here over an os.File.
type File struct {
	os     osFile
	fd     int32
	append bool
	seeks  bool         // it has a position
	users  atomic.Int64 // works that use fd, and closing once Close was called
	home   home

	// Reads and Writes at the position, of which the first is under way: in one queue if
	// there is a position, otherwise each in their own. The home engine's loop alone.
	queues [2]*work
}

// osFile is what a File needs of an *os.File.
type osFile interface {
	Name() string
	Seek(offset int64, whence int) (int64, error)
	Stat() (fs.FileInfo, error)
	Close() error
}

// closing is added to users by Close, and again when the descriptor is closed.
const closing = 1 << 32

// Open opens a file for reading, as [os.Open] does.
func Open(name string) (*File, error) { return OpenFile(name, os.O_RDONLY, 0) }

// OpenAsync is [Open] as a future: it is done on a pooled goroutine. If it is cancelled
// before that begins, the error is [future.ErrCanceled]; otherwise the result is Open's.
//
//pinion:noescape
func OpenAsync(name string) future.FromFuncFuture[*File] { return OpenFileAsync(name, os.O_RDONLY, 0) }

// Create creates or truncates a file, as [os.Create] does.
func Create(name string) (*File, error) {
	return OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
}

// CreateAsync is to [Create] as [OpenAsync] to Open.
//
//pinion:noescape
func CreateAsync(name string) future.FromFuncFuture[*File] {
	return OpenFileAsync(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
}

// OpenFile opens a file as [os.OpenFile] does, with the same errors. It does so on the calling
// goroutine: in a poll, OpenFileAsync does not hold up the loop.
func OpenFile(name string, flag int, perm fs.FileMode) (*File, error) {
	if s := simOfProcess(); s != nil {
		return s.OpenFile(name, flag, perm)
	}
	if err := startPoller(); err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	of, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	f, err := WrapFile(of)
	if err != nil {
		of.Close()
		return nil, err
	}
	f.append = flag&os.O_APPEND != 0
	return f, nil
}

// OpenFileAsync is to [OpenFile] as [OpenAsync] to Open.
//
//pinion:noescape
func OpenFileAsync(name string, flag int, perm fs.FileMode) future.FromFuncFuture[*File] {
	return future.FromFunc(func() (*File, error) { return OpenFile(name, flag, perm) })
}

// WrapFile makes a File of an os.File, which must not be used any more, except by the File:
// its descriptor is closed by [File.Close]. If there is an error, of is as it was.
func WrapFile(of *os.File) (*File, error) {
	fd, kept, err := numberOf(of)
	if err != nil {
		return nil, err
	}
	f := &File{os: kept, fd: fd}
	if _, err := of.Seek(0, io.SeekCurrent); err == nil {
		f.seeks = true
	}
	books.descriptors.Add(1)
	return f, nil
}

// NewFD makes a File of a descriptor, which is its own from now on. The name is for errors.
func NewFD(fd uintptr, name string) (*File, error) {
	of := os.NewFile(fd, name)
	if of == nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: os.ErrInvalid}
	}
	return WrapFile(of)
}

// Name returns the name with which it was opened.
func (f *File) Name() string { return f.os.Name() }

// Seek sets the position of the next Read or Write, as [os.File.Seek] does. It does not wait,
// and should not be called while one of them is under way.
func (f *File) Seek(offset int64, whence int) (int64, error) { return f.os.Seek(offset, whence) }

// Stat returns what [os.File.Stat] does.
func (f *File) Stat() (fs.FileInfo, error) {
	s := f.StatAsync()
	if err := future.Block(&s); err != nil {
		return nil, err
	}
	return s.Result()
}

// StatAsync is [File.Stat] as a future, on a pooled goroutine.
//
//pinion:noescape
func (f *File) StatAsync() future.FromFuncFuture[fs.FileInfo] { return future.FromFunc(f.os.Stat) }

// Close closes the file. It does not wait: Reads and Writes that have a place in the queue
// end with [os.ErrClosed] or what they have done, and the descriptor is closed when the
// last operation on it has ended, soon after. The error is that of close(2) if nothing was
// under way, and os.ErrClosed if it was closed before. That all is on the disk, only Sync says.
func (f *File) Close() error {
	for {
		n := f.users.Load()
		switch {
		case n >= closing:
			return f.error("close", os.ErrClosed)
		case n == 0 && f.users.CompareAndSwap(0, 2*closing):
			return f.drop()
		case n > 0 && f.users.CompareAndSwap(n, n+closing):
			f.refuseAll()
			return nil
		}
	}
}

// refuseAll has the home loop end those that are in a queue.
func (f *File) refuseAll() {
	if e := f.home.Load(); e != nil {
		e.loop.Do(func(l *future.Loop) {
			if l != nil {
				f.refuse(e)
			}
		})
	}
}

// enter keeps the descriptor open until leave. It reports false if it is closed.
func (f *File) enter() bool {
	if f.users.Add(1) >= closing {
		f.leave()
		return false
	}
	return true
}

func (f *File) leave() {
	// The last one drops it. One that was refused may pass through here beside that one, or
	// later: of those who find the number at closing, one succeeds.
	if f.users.Add(-1) == closing && f.users.CompareAndSwap(closing, 2*closing) {
		f.drop()
	}
}

func (f *File) drop() error {
	books.descriptors.Add(-1)
	return f.os.Close()
}

func (f *File) closed() bool { return f.users.Load() >= closing }

func (f *File) error(op string, err error) error {
	if err == nil || err == io.EOF || err == future.ErrCanceled {
		return err
	}
	return &os.PathError{Op: op, Path: f.os.Name(), Err: err}
}

// own stands for the descriptor's own position.
const own = -1

var (
	errNegativeOffset = errors.New("negative offset")
	errAppends        = errors.New("WriteAt on a file that was opened with os.O_APPEND")
)

// descriptorOf returns the descriptor that of has, and leaves its mode alone.
func descriptorOf(of *os.File) (fd uintptr, err error) {
	raw, err := of.SyscallConn()
	if err != nil {
		return 0, err
	}
	err = raw.Control(func(p uintptr) { fd = p })
	return fd, err
}

var (
	_ io.ReadWriteCloser = (*File)(nil)
	_ io.ReaderAt        = (*File)(nil)
	_ io.WriterAt        = (*File)(nil)
)

package aio

import (
	"os"
	"syscall"

	"github.com/pinion-go/pinion/future"
)

// Sync waits until what was written is on the disk, as fsync(2) does.
func (f *File) Sync() error {
	s := f.SyncAsync()
	if err := future.Block(&s); err != nil {
		return err
	}
	return s.Result()
}

// SyncAsync is [File.Sync] as a future. If it is cancelled in time the error is
// [future.ErrCanceled].
//
//pinion:noescape
func (f *File) SyncAsync() FileSyncFuture { return FileSyncFuture{s: fileSync{f: f}} }

// FileSyncFuture is the future of [File.SyncAsync].
type FileSyncFuture struct{ s fileSync }

// Poll implements [future.Future].
func (f *FileSyncFuture) Poll(cx *future.Context) future.Poll {
	e := engineOf(cx)
	if f.s.w.far != nil {
		e = f.s.w.far.home
	} else {
		e = engineFor(e, f.s.f.fd)
	}
	return f.s.w.poll(cx, e, &f.s)
}

// Result returns what [File.Sync] would have.
func (f *FileSyncFuture) Result() error {
	err := f.s.w.end.plain()
	if f.s.w.end == endClosed {
		err = os.ErrClosed
	}
	return f.s.f.error("sync", err)
}

// fileSync is the job of fsync.
type fileSync struct {
	w work
	f *File
}

func (s *fileSync) memory() []byte { return nil }

func (s *fileSync) away() (job, *work) {
	far := &fileSync{f: s.f}
	return far, &far.w
}

func (s *fileSync) begin(e *engine, w *work) {
	if !s.f.enter() {
		w.finish(e, endClosed)
		return
	}
	w.start(e, opFsync, s.f.fd, nil, 0)
}

func (s *fileSync) step(e *engine, w *work, r completion) {
	end := failed(r.errno())
	switch {
	case r.res >= 0:
		end = endOK
	case w.quits:
		end = endCanceled
	case e.closed:
		end = endStopped
	case r.errno() == syscall.EINTR:
		w.start(e, opFsync, s.f.fd, nil, 0)
		return
	}
	s.f.leave()
	w.finish(e, end)
}

func (s *fileSync) quit(*engine, *work) {}

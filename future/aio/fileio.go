package aio

import (
	"os"
	"syscall"

	"github.com/pinion-go/pinion/future"
)

// ReadAt reads len(p) bytes from offset off, which is 0 or more. If they are fewer the error
// says why: io.EOF at the end of the file. Inside a poll it is [future.ErrBlockedPoll]: use
// ReadAtAsync there.
func (f *File) ReadAt(p []byte, off int64) (n int, err error) {
	r := f.ReadAtAsync(p, off)
	return block(&r)
}

// ReadAtAsync is [File.ReadAt] as a future. If it is cancelled, it waits for the kernel, and
// hands over what was read: the error is [future.ErrCanceled] unless that was all.
//
//pinion:noescape
func (f *File) ReadAtAsync(p []byte, off int64) FileIOFuture {
	return FileIOFuture{j: fileIO{f: f, p: p, off: off, at: true}}
}

// WriteAt writes p at offset off, which is 0 or more. If n is less than len(p) the error says
// why. A file that was opened with os.O_APPEND has no WriteAt.
func (f *File) WriteAt(p []byte, off int64) (n int, err error) {
	w := f.WriteAtAsync(p, off)
	return block(&w)
}

// WriteAtAsync is [File.WriteAt] as a future. If it is cancelled, it waits for the kernel, and
// n says how much was written: the error is [future.ErrCanceled] unless that was all.
//
//pinion:noescape
func (f *File) WriteAtAsync(p []byte, off int64) FileIOFuture {
	return FileIOFuture{j: fileIO{f: f, p: p, off: off, at: true, write: true}}
}

// Read reads up to len(p) bytes at the file's position, or those that come first from a pipe.
// It waits for at least one, unless p is empty. At the end the error is io.EOF.
func (f *File) Read(p []byte) (n int, err error) {
	r := f.ReadAsync(p)
	return block(&r)
}

// ReadAsync is [File.Read] as a future. If it is cancelled and something was read all the
// same, it is handed over; otherwise the error is [future.ErrCanceled].
//
//pinion:noescape
func (f *File) ReadAsync(p []byte) FileIOFuture {
	return FileIOFuture{j: fileIO{f: f, p: p, off: own}}
}

// Write writes p at the file's position, or as a pipe takes it. If n is less than len(p) the
// error says why.
func (f *File) Write(p []byte) (n int, err error) {
	w := f.WriteAsync(p)
	return block(&w)
}

// WriteAsync is [File.Write] as a future. If it is cancelled, n is how much was written, and
// the error is [future.ErrCanceled] unless that was all.
//
//pinion:noescape
func (f *File) WriteAsync(p []byte) FileIOFuture {
	return FileIOFuture{j: fileIO{f: f, p: p, off: own, write: true}}
}

// block runs the future of a read or write on the calling goroutine.
func block(f *FileIOFuture) (n int, err error) {
	if err := future.Block(f); err != nil {
		return 0, err
	}
	return f.Result()
}

// FileIOFuture is the future of [File.ReadAtAsync], WriteAtAsync, ReadAsync and WriteAsync.
type FileIOFuture struct{ j fileIO }

// Poll implements [future.Future].
func (f *FileIOFuture) Poll(cx *future.Context) future.Poll {
	e := engineOf(cx)
	switch {
	case f.j.w.far != nil:
		e = f.j.w.far.home
	case !f.j.at:
		e = f.j.f.on(e)
	default:
		e = engineFor(e, f.j.f.fd)
	}
	return f.j.w.poll(cx, e, &f.j)
}

// Result returns what the method would have.
func (f *FileIOFuture) Result() (n int, err error) { return f.j.w.n, f.j.error() }

// on returns the engine for what happens at the position.
func (f *File) on(e *engine) *engine { return f.home.of(e, f.fd) }

// fileIO is the job of reading or writing.
type fileIO struct {
	w     work
	f     *File
	p     []byte
	off   int64
	at    bool // at off, and not at the position
	write bool
	polls bool // the op waits until it can go on
}

func (j *fileIO) memory() []byte { return j.p }

func (j *fileIO) away() (job, *work) {
	far := &fileIO{f: j.f, p: j.p, off: j.off, at: j.at, write: j.write}
	return far, &far.w
}

func (j *fileIO) begin(e *engine, w *work) {
	f := j.f
	switch {
	case j.at && j.off < 0 || j.at && j.write && f.append:
		w.finish(e, endInvalid)
		return
	case !f.enter():
		w.finish(e, endClosed)
		return
	case j.at && !f.seeks: // io_uring would wait for what comes next
		f.leave()
		w.finish(e, failed(syscall.ESPIPE))
		return
	case len(j.p) == 0:
		f.leave()
		w.finish(e, endOK)
		return
	case !j.at:
		q := j.queue()
		for *q != nil {
			q = &(*q).next
		}
		if *q = w; q != j.queue() {
			return // for its turn
		}
	}
	j.more(e, w)
}

// queue returns the queue for the position that j is for.
func (j *fileIO) queue() **work {
	if j.write && !j.f.seeks {
		return &j.f.queues[1]
	}
	return &j.f.queues[0]
}

// more reads or writes the rest, as much as one op can.
func (j *fileIO) more(e *engine, w *work) {
	const most = 1 << 30 // what the kernel takes at once is a little less than 2 GiB
	kind, off := opRead, int64(own)
	if j.write {
		kind = opWrite
	}
	if j.at {
		off = j.off + int64(w.n)
	}
	rest := j.p[w.n:]
	w.start(e, kind, j.f.fd, rest[:min(len(rest), most)], off)
}

func (j *fileIO) step(e *engine, w *work, r completion) {
	if j.polls {
		j.polls = false
		if r.res >= 0 {
			r.res = -int32(syscall.EINTR) // now try again
		}
	} else if r.res > 0 {
		w.n += int(r.res)
	}
	errno := r.errno()
	switch {
	case w.n == len(j.p), r.res > 0 && !j.at && !j.write:
		j.over(e, w, endOK)
	case r.res == 0 && !j.write:
		j.over(e, w, endEOF)
	case r.res == 0:
		j.over(e, w, failed(syscall.EIO)) // it would write nothing for ever
	case !j.at && j.f.closed():
		j.over(e, w, endClosed)
	case w.quits:
		j.over(e, w, endCanceled)
	case e.closed:
		j.over(e, w, endStopped)
	case errno == syscall.EAGAIN:
		j.polls = true
		kind := opPollIn
		if j.write {
			kind = opPollOut
		}
		w.start(e, kind, j.f.fd, nil, 0)
	case errno == 0, errno == syscall.EINTR, errno == syscall.ECANCELED:
		j.more(e, w)
	default:
		j.over(e, w, failed(errno))
	}
}

// over ends w and begins the next one in the queue.
func (j *fileIO) over(e *engine, w *work, end ending) {
	q := j.queue()
	if !j.at {
		*q = w.next
	}
	j.f.leave() // before the caller knows, whose Close closes at once then
	w.finish(e, end)
	if !j.at && *q != nil {
		if end := j.f.refusal(e); end != endOK {
			j.f.refuse(e)
		} else {
			(*q).job.(*fileIO).more(e, *q)
		}
	}
}

func (j *fileIO) quit(e *engine, w *work) {
	for p := j.queue(); *p != nil; p = &(*p).next {
		if *p == w {
			*p = w.next
			j.f.leave()
			w.finish(e, endCanceled)
			return
		}
	}
}

// refusal returns why nothing more can begin at the position.
func (f *File) refusal(e *engine) ending {
	switch {
	case f.closed():
		return endClosed
	case e.closed:
		return endStopped
	}
	return endOK
}

// refuse ends all that wait for their turn, and asks those whose turn it is to end.
func (f *File) refuse(e *engine) {
	end := f.refusal(e)
	for i := range f.queues {
		q := &f.queues[i]
		if first := *q; first != nil && first.op != 0 {
			e.cancel(first.op)
			q = &first.next
		}
		for *q != nil {
			w := *q
			*q = w.next
			f.leave()
			w.finish(e, end)
		}
	}
}

// error returns the error of the operation that is over.
func (j *fileIO) error() error {
	op := "read"
	if j.write {
		op = "write"
	}
	err := j.w.end.plain()
	switch {
	case j.w.end == endClosed:
		err = os.ErrClosed
	case j.w.end == endInvalid && j.off < 0:
		op, err = op+"at", errNegativeOffset
	case j.w.end == endInvalid:
		op, err = op+"at", errAppends
	}
	return j.f.error(op, err)
}

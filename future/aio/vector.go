package aio

import (
	"errors"
	"io"
	"math"
	"net"
	"slices"
	"syscall"

	"github.com/pinion-go/pinion/future"
)

// WriteBuffers sends all of bufs, in one piece as far as other Writes are concerned, and
// with as few system calls as can be; n is how many bytes were sent. Errors are those of
// [Conn.Write]. bufs and the bytes must not be changed until it returns, and are not.
func (c *Conn) WriteBuffers(bufs net.Buffers) (n int64, err error) {
	f := c.WriteBuffersAsync(bufs)
	if err := future.Block(&f); err != nil {
		return 0, err
	}
	return f.Result()
}

// WriteBuffersAsync is [Conn.WriteBuffers] as a future, which is cancelled as that of
// [Conn.WriteAsync] is.
//
//pinion:noescape
func (c *Conn) WriteBuffersAsync(bufs net.Buffers) ConnSendFuture {
	// A send of empty ones alone, of which there may be more than one takes, looks like no progress.
	full := slices.DeleteFunc(slices.Clone(bufs), func(b []byte) bool { return len(b) == 0 })
	return ConnSendFuture{f: ConnWriteFuture{c: c, w: writer{more: &writerMore{vec: &vector{bufs: full}}}}}
}

// SendFile sends up to n bytes of a file from its position on, or as many as there are if n
// is negative, without a copy in this process, by sendfile(2) on a goroutine, which waits for the
// disk and not for the peer: there is none while the peer takes nothing. Systems other than Linux copy
// 64 KiB at a time. The error is a *net.OpError, also for what goes wrong with the file.
func (c *Conn) SendFile(f *File, n int64) (sent int64, err error) {
	s := c.SendFileAsync(f, n)
	if err := future.Block(&s); err != nil {
		return 0, err
	}
	return s.Result()
}

// SendFileAsync is [Conn.SendFile] as a future. If it is cancelled it ends within a fifth of a
// second, also while the peer reads on, and the position of the file is after the last byte that
// was sent.
//
//pinion:noescape
func (c *Conn) SendFileAsync(f *File, n int64) ConnSendFuture {
	if n < 0 {
		n = math.MaxInt
	}
	return ConnSendFuture{f: ConnWriteFuture{c: c, w: writer{more: &writerMore{vec: &vector{file: f, left: n}}}}}
}

// ReadFrom sends all that r has, and is what [io.Copy] calls. From a [File] or an [os.File], or an
// [io.LimitedReader] of one, it is [Conn.SendFile], if the system can send from there. From another
// Conn nothing is copied in this process by io.Copy, which sends each buffer in which bytes were
// received ([Conn.WriteTo]). splice(2) would save no more: io_uring has received them before
// anybody asks, and what a pipe has would have to be read back if the send failed. It blocks, as
// WriteTo does: in functions that are compiled there are SendFile and [Copy].
func (c *Conn) ReadFrom(r io.Reader) (n int64, err error) {
	limit := int64(-1)
	from := r
	lr, limited := r.(*io.LimitedReader)
	if limited {
		from, limit = lr.R, max(lr.N, 0)
	}
	sent := false
	send := func(f *File) {
		n, err = c.SendFile(f, limit)
		if limited {
			lr.N -= n
		}
		sent = n > 0 || !cannotSend(err)
	}
	switch f := from.(type) {
	case *File:
		if f.seeks {
			send(f)
		}
	case systemFile:
		if !simulated(c.fd) {
			asFile(f, send)
		}
	}
	if sent {
		return n, err
	}
	return io.Copy(struct{ io.Writer }{c}, r)
}

// systemFile is what an *os.File is, and what [io.Copy] gives ReadFrom in its place.
type systemFile interface {
	osFile
	syscall.Conn
}

// cannotSend reports whether err says that what was to be sent is no file from which the system
// can send: most are, but for those that are made as they are read.
func cannotSend(err error) bool {
	return errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported)
}

// WriteTo writes what is received to w until the end of the stream, from the buffers of the
// pool and without one of its own. [io.Copy] calls it.
func (c *Conn) WriteTo(w io.Writer) (n int64, err error) {
	for {
		b, err := c.Next()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		m, err := w.Write(b.Bytes())
		if n += int64(m); err == nil && m < b.Len() {
			err = io.ErrShortWrite
		}
		b.Release()
		if err != nil {
			return n, err
		}
	}
}

// ConnSendFuture is the future of [Conn.WriteBuffersAsync] and [Conn.SendFileAsync].
type ConnSendFuture struct{ f ConnWriteFuture }

// Poll implements [future.Future].
func (f *ConnSendFuture) Poll(cx *future.Context) future.Poll { return f.f.Poll(cx) }

// Result returns what the method would have.
func (f *ConnSendFuture) Result() (n int64, err error) {
	m, err := f.f.Result()
	return int64(m), err
}

// vector is what a writer sends if it is not one buffer.
type vector struct {
	bufs  [][]byte // what is left
	file  *File
	left  int64 // bytes of file
	done  int   // bytes that were sent
	polls bool  // the op waits until it can go on
	full  bool  // of a file: the peer has not taken all, and the next op is to wait

	// Where there is no sendfile:
	chunk []byte // what was read of file and is to be sent
	reads bool   // the op reads it
}

func (v *vector) empty() bool { return v.left == 0 && len(v.bufs) == 0 }

// sent is told what was sent, and returns how that is to be understood.
func (v *vector) sent(r completion) completion {
	switch {
	case v.reads:
		return v.wasRead(r)
	case len(v.chunk) > 0:
		v.wasSent(max(int(r.res), 0))
	case v.polls:
		v.polls = false
		if r.res >= 0 {
			r.res = -int32(syscall.EAGAIN) // now try again
		}
	case v.file != nil && r.res == 0:
		v.left = 0 // the file ends
	case v.file != nil && r.res > 0:
		v.left -= int64(r.res)
	default:
		n := max(int(r.res), 0)
		for len(v.bufs) > 0 && n >= len(v.bufs[0]) {
			n -= len(v.bufs[0])
			v.bufs = v.bufs[1:]
		}
		if n > 0 {
			v.bufs[0] = v.bufs[0][n:]
		}
	}
	return r
}

// elsewhere is the key of an op that a goroutine does: no op's, so that a cancel does nothing.
const elsewhere = key(1<<32 - 1)

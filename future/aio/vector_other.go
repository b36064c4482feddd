//go:build !linux

package aio

import (
	"io"
	"net"
	"syscall"
)

// send sends some of v for the first writer of c.
func (v *vector) send(e *engine, c *Conn) {
	switch {
	case simulated(c.fd):
		v.simulate(e, c)
	case v.file == nil || len(v.chunk) > 0:
		c.ops++
		c.send = e.start(opSend, c.fd, v.chunk, false, c).index() // without a chunk it takes v.bufs: see gathered
	case !v.file.seeks:
		c.sent(e, completion{res: -int32(syscall.EINVAL)})
	default:
		v.read(e, c)
	}
}

// fileChunk is how much of a file is copied at once.
const fileChunk = 64 << 10

// read reads what is to be sent next of the file: from its position, which advances when it was sent.
func (v *vector) read(e *engine, c *Conn) {
	f := v.file
	pos, err := f.os.Seek(0, io.SeekCurrent)
	if err != nil || !f.enter() {
		c.sent(e, completion{res: -int32(syscall.EBADF)})
		return
	}
	v.reads = true
	v.chunk = make([]byte, min(v.left, fileChunk))
	c.ops++
	c.send = e.startAt(opRead, f.fd, v.chunk, false, pos, c).index()
}

// wasRead is told what was read, and returns how the writer is to understand it.
func (v *vector) wasRead(r completion) completion {
	v.reads = false
	v.file.leave()
	switch {
	case r.res == 0:
		v.left = 0 // the file ends
	case r.res > 0:
		v.chunk = v.chunk[:r.res]
		return completion{res: -int32(syscall.EAGAIN)} // now send it
	}
	v.chunk = nil
	return r
}

// wasSent is told how many bytes of the chunk were sent.
func (v *vector) wasSent(n int) {
	v.chunk = v.chunk[n:]
	v.left -= int64(n)
	v.file.os.Seek(int64(n), io.SeekCurrent)
}

// gathered returns the buffers that an op is to send, nil if it has one of its own.
func gathered(x *opIO) net.Buffers {
	c, ok := x.who.(*Conn)
	if !ok || c.writers.vec() == nil || len(x.buf) > 0 {
		return nil
	}
	bufs := net.Buffers{}
	for n := 0; len(bufs) < min(len(c.writers.vec().bufs), 1024) && n < sendMax; {
		b := c.writers.vec().bufs[len(bufs)]
		b = b[:min(len(b), sendMax-n)]
		bufs, n = append(bufs, b), n+len(b)
	}
	return bufs
}

// asFile has nothing to offer where SendFile copies too.
func asFile(systemFile, func(*File)) {}

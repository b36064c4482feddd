package compiled

import (
	"io"

	"github.com/pinion-go/pinion/future"
)

// conn is a connection without a network: there are so many bytes to read, and
// what is written is counted. With waits each operation is pending once, having
// woken its task, and otherwise it is ready at once.
type conn struct {
	waits   bool
	left    int // to be read
	written int
	busy    int // so many writes fail before one succeeds
}

type busyError struct{}

func (busyError) Error() string { return "the peer is busy" }

var errBusy error = busyError{}

// now reads at once.
func (c *conn) now(p []byte) (int, error) {
	n := min(len(p), c.left)
	if n == 0 {
		return 0, io.EOF
	}
	c.left -= n
	p[0] = byte(n)
	return n, nil
}

func (c *conn) put(p []byte) (int, error) {
	if c.busy > 0 {
		c.busy--
		return 0, errBusy
	}
	c.written += len(p)
	return len(p), nil
}

func (c *conn) Read(p []byte) (int, error)  { return c.now(p) }
func (c *conn) Write(p []byte) (int, error) { return c.put(p) }

// ReadAsync is Read as a future.
//
//pinion:noescape
func (c *conn) ReadAsync(p []byte) (f connReadFuture) { f.Init(c, p); return f }

// WriteAsync is Write as a future.
//
//pinion:noescape
func (c *conn) WriteAsync(p []byte) (f connWriteFuture) { f.Init(c, p); return f }

type connReadFuture struct {
	c     *conn
	p     []byte
	n     int
	err   error
	began bool
}

func (f *connReadFuture) Init(c *conn, p []byte) { f.c, f.p, f.began = c, p, false }

func (f *connReadFuture) Poll(cx *future.Context) future.Poll {
	if f.c.waits && !f.began {
		f.began = true
		cx.Wake(cx.Waker())
		return future.Pending
	}
	f.n, f.err = f.c.now(f.p)
	return future.Ready
}

func (f *connReadFuture) Result() (int, error) { return f.n, f.err }

type connWriteFuture struct {
	c     *conn
	p     []byte
	n     int
	err   error
	began bool
}

func (f *connWriteFuture) Init(c *conn, p []byte) { f.c, f.p, f.began = c, p, false }

func (f *connWriteFuture) Poll(cx *future.Context) future.Poll {
	if f.c.waits && !f.began {
		f.began = true
		cx.Wake(cx.Waker())
		return future.Pending
	}
	f.n, f.err = f.c.put(f.p)
	return future.Ready
}

func (f *connWriteFuture) Result() (int, error) { return f.n, f.err }

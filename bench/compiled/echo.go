package compiled

import (
	"io"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// echo sends back what it receives.
//
//pinion:async
func echo(c *conn) error {
	var buf [64]byte
	for {
		n, err := c.Read(buf[:])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := c.Write(buf[:n]); err != nil {
			return err
		}
	}
}

type echoHand struct {
	anchor   pin.Anchor
	state    uint8
	canceled bool
	buf      [64]byte
	c        *conn
	read     connReadFuture
	write    connWriteFuture
	err      error
}

func (f *echoHand) Init(c *conn) { f.state, f.canceled, f.c = 0, false, c }

func (f *echoHand) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if f.canceled && !cx.Canceled() {
		return cx.PollCanceled(f)
	}
	switch f.state {
	case 1:
		goto read
	case 2:
		goto write
	}
	f.buf = [64]byte{}
again:
	f.read.Init(f.c, f.buf[:])
read:
	if f.read.Poll(cx) == future.Pending {
		f.state = 1
		return future.Pending
	}
	if n, err := f.read.Result(); err != nil {
		if err == io.EOF {
			err = nil
		}
		f.err = err
		return future.Ready
	} else {
		f.write.Init(f.c, f.buf[:n])
	}
write:
	if f.write.Poll(cx) == future.Pending {
		f.state = 2
		return future.Pending
	}
	if _, err := f.write.Result(); err != nil {
		f.err = err
		return future.Ready
	}
	goto again
}

func (f *echoHand) Cancel()       { f.canceled = true }
func (f *echoHand) Result() error { return f.err }

func echoCalls[P interface {
	Init(*conn)
	Result() error
}](waits bool) (begin func(P), result func(P) any) {
	c := &conn{waits: waits}
	begin = func(f P) {
		c.left = 640
		f.Init(c)
	}
	return begin, func(f P) any { return f.Result() }
}

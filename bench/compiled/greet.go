package compiled

import (
	"errors"
	"io"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

var errVersion = errors.New("the peer speaks another version")

// greet opens a conversation: a header, an answer to it, a body, each of which may end it.
//
//pinion:async
func greet(c *conn) (size int, err error) {
	var header [8]byte
	n, err := c.Read(header[:])
	if err != nil {
		return 0, err
	}
	if n < len(header) {
		return n, io.ErrUnexpectedEOF
	}
	if header[0] != 8 {
		return n, errVersion
	}
	if _, err := c.Write(header[:4]); err != nil {
		return n, err
	}
	var body [32]byte
	m, err := c.Read(body[:])
	if err != nil {
		return n, err
	}
	_, err = c.Write(body[:m])
	return n + m, err
}

type greetHand struct {
	anchor   pin.Anchor
	state    uint8
	canceled bool
	header   [8]byte
	body     [32]byte
	c        *conn
	size     int
	err      error
	read     connReadFuture
	write    connWriteFuture
}

func (f *greetHand) Init(c *conn) {
	f.state, f.canceled = 0, false
	f.c, f.size, f.err = c, 0, nil
	f.header, f.body = [8]byte{}, [32]byte{}
}

func (f *greetHand) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if f.canceled && !cx.Canceled() {
		return cx.PollCanceled(f)
	}
	switch f.state {
	case 1:
		goto header
	case 2:
		goto answer
	case 3:
		goto body
	case 4:
		goto thanks
	}
	f.read.Init(f.c, f.header[:])
header:
	if f.read.Poll(cx) == future.Pending {
		f.state = 1
		return future.Pending
	}
	{
		n, err := f.read.Result()
		if err != nil {
			f.err = err
			return future.Ready
		}
		f.size = n
		if n < len(f.header) {
			f.err = io.ErrUnexpectedEOF
			return future.Ready
		}
		if f.header[0] != 8 {
			f.err = errVersion
			return future.Ready
		}
	}
	f.write.Init(f.c, f.header[:4])
answer:
	if f.write.Poll(cx) == future.Pending {
		f.state = 2
		return future.Pending
	}
	if _, err := f.write.Result(); err != nil {
		f.err = err
		return future.Ready
	}
	f.read.Init(f.c, f.body[:])
body:
	if f.read.Poll(cx) == future.Pending {
		f.state = 3
		return future.Pending
	}
	{
		m, err := f.read.Result()
		if err != nil {
			f.err = err
			return future.Ready
		}
		f.size += m
		f.write.Init(f.c, f.body[:m])
	}
thanks:
	if f.write.Poll(cx) == future.Pending {
		f.state = 4
		return future.Pending
	}
	_, f.err = f.write.Result()
	return future.Ready
}

func (f *greetHand) Cancel() { f.canceled = true }

func (f *greetHand) Result() (size int, err error) { return f.size, f.err }

func greetCalls[P interface {
	Init(*conn)
	Result() (int, error)
}](waits bool) (begin func(P), result func(P) any) {
	c := &conn{waits: waits}
	begin = func(f P) {
		c.left = 30
		f.Init(c)
	}
	return begin, func(f P) any { return both(f.Result()) }
}

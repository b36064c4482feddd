package compiled

import (
	"io"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// duplicate copies what src has to two others, with a buffer for each of two
// blocks, and counts the bytes.
//
//pinion:async
func duplicate(a, b, src *conn) (total int, err error) {
	var bufs [2][32]byte
	for i := 0; ; i ^= 1 {
		n, err := src.Read(bufs[i][:])
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		if _, err := a.Write(bufs[i][:n]); err != nil {
			return total, err
		}
		if _, err := b.Write(bufs[i][:n]); err != nil {
			return total, err
		}
		total += n
	}
}

type duplicateHand struct {
	anchor    pin.Anchor
	state     uint8
	canceled  bool
	bufs      [2][32]byte
	a, b, src *conn
	i, n      int
	total     int
	err       error
	read      connReadFuture
	write     connWriteFuture
}

func (f *duplicateHand) Init(a, b, src *conn) {
	f.state, f.canceled = 0, false
	f.a, f.b, f.src = a, b, src
	f.bufs, f.i, f.total, f.err = [2][32]byte{}, 0, 0, nil
}

func (f *duplicateHand) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if f.canceled && !cx.Canceled() {
		return cx.PollCanceled(f)
	}
	switch f.state {
	case 1:
		goto read
	case 2:
		goto first
	case 3:
		goto second
	}
again:
	f.read.Init(f.src, f.bufs[f.i][:])
read:
	if f.read.Poll(cx) == future.Pending {
		f.state = 1
		return future.Pending
	}
	{
		n, err := f.read.Result()
		if err != nil {
			if err != io.EOF {
				f.err = err
			}
			return future.Ready
		}
		f.n = n
		f.write.Init(f.a, f.bufs[f.i][:n])
	}
first:
	if f.write.Poll(cx) == future.Pending {
		f.state = 2
		return future.Pending
	}
	if _, err := f.write.Result(); err != nil {
		f.err = err
		return future.Ready
	}
	f.write.Init(f.b, f.bufs[f.i][:f.n])
second:
	if f.write.Poll(cx) == future.Pending {
		f.state = 3
		return future.Pending
	}
	if _, err := f.write.Result(); err != nil {
		f.err = err
		return future.Ready
	}
	f.total += f.n
	f.i ^= 1
	goto again
}

func (f *duplicateHand) Cancel() { f.canceled = true }

func (f *duplicateHand) Result() (total int, err error) { return f.total, f.err }

func duplicateCalls[P interface {
	Init(a, b, src *conn)
	Result() (int, error)
}](waits bool) (begin func(P), result func(P) any) {
	a, b, src := &conn{waits: waits}, &conn{waits: waits}, &conn{waits: waits}
	begin = func(f P) {
		src.left = 160
		f.Init(a, b, src)
	}
	return begin, func(f P) any { return both(f.Result()) }
}

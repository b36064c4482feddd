package compiled

import (
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// retry writes p, and tries again a few times while the peer is busy, after longer and
// longer pauses.
//
//pinion:async
func retry(c *conn, p []byte, times, delay int) (n int, err error) {
	for range times {
		if n, err = c.Write(p); err != errBusy {
			return n, err
		}
		pause(delay)
		delay *= 2
	}
	return n, err
}

type retryHand struct {
	anchor   pin.Anchor
	state    uint8
	canceled bool
	c        *conn
	p        []byte
	times    int
	delay    int
	n        int
	err      error
	write    connWriteFuture
	pause    pauseFuture
}

func (f *retryHand) Init(c *conn, p []byte, times, delay int) {
	f.state, f.canceled = 0, false
	f.c, f.p, f.times, f.delay, f.n, f.err = c, p, times, delay, 0, nil
}

func (f *retryHand) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if f.canceled && !cx.Canceled() {
		return cx.PollCanceled(f)
	}
	switch f.state {
	case 1:
		goto write
	case 2:
		goto pause
	}
again:
	if f.times <= 0 {
		return future.Ready
	}
	f.times--
	f.write.Init(f.c, f.p)
write:
	if f.write.Poll(cx) == future.Pending {
		f.state = 1
		return future.Pending
	}
	if f.n, f.err = f.write.Result(); f.err != errBusy {
		return future.Ready
	}
	f.pause.Init(f.delay)
pause:
	if f.pause.Poll(cx) == future.Pending {
		f.state = 2
		return future.Pending
	}
	f.delay *= 2
	goto again
}

func (f *retryHand) Cancel() { f.canceled = true }

func (f *retryHand) Result() (n int, err error) { return f.n, f.err }

func retryCalls[P interface {
	Init(*conn, []byte, int, int)
	Result() (int, error)
}](waits bool) (begin func(P), result func(P) any) {
	c, p, d := &conn{waits: waits}, make([]byte, 16), delay(waits)
	begin = func(f P) {
		c.busy = 3
		f.Init(c, p, 5, d)
	}
	return begin, func(f P) any { return both(f.Result()) }
}

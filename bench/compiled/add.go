package compiled

import (
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// counter is a number with a lock.
type counter struct {
	mu future.Mutex
	n  int
}

// add adds to a counter under its lock, which it holds while it waits.
//
//pinion:async
func add(c *counter, delta, d int) (int, error) {
	if err := c.mu.Lock(); err != nil {
		return 0, err
	}
	was := c.n
	pause(d)
	c.n = was + delta
	c.mu.Unlock()
	return was + delta, nil
}

type addHand struct {
	anchor   pin.Anchor
	state    uint8
	canceled bool
	c        *counter
	delta    int
	d        int
	was      int
	err      error
	lock     future.MutexLockFuture
	pause    pauseFuture
}

func (f *addHand) Init(c *counter, delta, d int) {
	f.state, f.canceled = 0, false
	f.c, f.delta, f.d, f.was, f.err = c, delta, d, 0, nil
}

func (f *addHand) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if f.canceled && !cx.Canceled() {
		return cx.PollCanceled(f)
	}
	switch f.state {
	case 1:
		goto lock
	case 2:
		goto pause
	}
	f.lock = f.c.mu.LockAsync()
lock:
	if f.lock.Poll(cx) == future.Pending {
		f.state = 1
		return future.Pending
	}
	if f.err = f.lock.Result(); f.err != nil {
		return future.Ready
	}
	f.was = f.c.n
	f.pause.Init(f.d)
pause:
	if f.pause.Poll(cx) == future.Pending {
		f.state = 2
		return future.Pending
	}
	f.was += f.delta
	f.c.n = f.was
	f.c.mu.UnlockCx(cx)
	return future.Ready
}

func (f *addHand) Cancel() { f.canceled = true }

func (f *addHand) Result() (int, error) { return f.was, f.err }

func addCalls[P interface {
	Init(*counter, int, int)
	Result() (int, error)
}](waits bool) (begin func(P), result func(P) any) {
	c, d := &counter{}, delay(waits)
	begin = func(f P) {
		c.n = 40
		f.Init(c, 2, d)
	}
	return begin, func(f P) any { return both(f.Result()) }
}

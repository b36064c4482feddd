package compiled

import (
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// stage is a step of a pipeline: it receives, waits, and sends on what has become of it.
//
//pinion:async
func stage(in, out *future.Chan[int], d int) (n int, err error) {
	for {
		v, err := in.Recv()
		if err != nil {
			return n, err
		}
		pause(d)
		if v == 0 {
			return n, nil
		}
		if err := out.Send(v*v + 1); err != nil {
			return n, err
		}
		n++
	}
}

type stageHand struct {
	anchor   pin.Anchor
	state    uint8
	canceled bool
	in, out  *future.Chan[int]
	d        int
	n, v     int
	err      error
	recv     future.ChanRecvFuture[int]
	send     future.ChanSendFuture[int]
	pause    pauseFuture
}

func (f *stageHand) Init(in, out *future.Chan[int], d int) {
	f.state, f.canceled = 0, false
	f.in, f.out, f.d, f.n, f.err = in, out, d, 0, nil
}

func (f *stageHand) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if f.canceled && !cx.Canceled() {
		return cx.PollCanceled(f)
	}
	switch f.state {
	case 1:
		goto recv
	case 2:
		goto pause
	case 3:
		goto send
	}
again:
	f.recv = f.in.RecvAsync()
recv:
	if f.recv.Poll(cx) == future.Pending {
		f.state = 1
		return future.Pending
	}
	if f.v, f.err = f.recv.Result(); f.err != nil {
		return future.Ready
	}
	f.pause.Init(f.d)
pause:
	if f.pause.Poll(cx) == future.Pending {
		f.state = 2
		return future.Pending
	}
	if f.v == 0 {
		return future.Ready
	}
	f.send = f.out.SendAsync(f.v*f.v + 1)
send:
	if f.send.Poll(cx) == future.Pending {
		f.state = 3
		return future.Pending
	}
	if f.err = f.send.Result(); f.err != nil {
		return future.Ready
	}
	f.n++
	goto again
}

func (f *stageHand) Cancel() { f.canceled = true }

func (f *stageHand) Result() (n int, err error) { return f.n, f.err }

func stageCalls[P interface {
	Init(in, out *future.Chan[int], d int)
	Result() (int, error)
}](waits bool) (begin func(P), result func(P) any) {
	in, out, d := future.NewChan[int](4), future.NewChan[int](4), delay(waits)
	begin = func(f P) {
		for _, v := range []int{3, 5, 0} {
			in.TrySend(v)
		}
		for out.Len() > 0 {
			out.TryRecv()
		}
		f.Init(in, out, d)
	}
	return begin, func(f P) any { return both(f.Result()) }
}

package compiled

import (
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// wordState is where words is.
type wordState uint8

const (
	outside wordState = iota
	within
	ended
)

// words counts the runs of numbers that four does not divide in a stream, and the longest of them.
//
//pinion:async
func words(s *source) (n, longest int) {
	state, length := outside, 0
	for {
		v, ok := s.Next()
		if !ok {
			state = ended
		}
		switch state {
		case outside:
			if v%4 != 0 {
				state, length = within, 1
				n++
			}
		case within:
			if v%4 == 0 {
				state = outside
			} else {
				length++
			}
			longest = max(longest, length)
		case ended:
			return n, longest
		}
	}
}

type wordsHand struct {
	anchor     pin.Anchor
	state      uint8
	canceled   bool
	in         wordState
	s          *source
	length     int
	n, longest int
	next       sourceNextFuture
}

func (f *wordsHand) Init(s *source) {
	f.state, f.canceled = 0, false
	f.s, f.in, f.length, f.n, f.longest = s, outside, 0, 0, 0
}

func (f *wordsHand) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if f.canceled && !cx.Canceled() {
		return cx.PollCanceled(f)
	}
	var v int
	var ok bool
	if f.state == 1 {
		goto next
	}
again:
	f.next.Init(f.s)
next:
	if f.next.Poll(cx) == future.Pending {
		f.state = 1
		return future.Pending
	}
	v, ok = f.next.Result()
	if !ok {
		return future.Ready
	}
	switch f.in {
	case outside:
		if v%4 != 0 {
			f.in, f.length = within, 1
			f.n++
		}
	case within:
		if v%4 == 0 {
			f.in = outside
		} else {
			f.length++
		}
		f.longest = max(f.longest, f.length)
	}
	goto again
}

func (f *wordsHand) Cancel() { f.canceled = true }

func (f *wordsHand) Result() (n, longest int) { return f.n, f.longest }

func wordsCalls[P interface {
	Init(*source)
	Result() (int, int)
}](waits bool) (begin func(P), result func(P) any) {
	s := &source{waits: waits}
	begin = func(f P) {
		s.n = 12
		f.Init(s)
	}
	return begin, func(f P) any { return both(f.Result()) }
}

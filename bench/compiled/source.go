package compiled

import "github.com/pinion-go/pinion/future"

// source is a stream of numbers: n, n-1, ... 1, and then none. With waits each is
// pending once.
type source struct {
	waits bool
	n     int
}

func (s *source) now() (v int, ok bool) {
	if s.n == 0 {
		return 0, false
	}
	v = s.n
	s.n--
	return v, true
}

func (s *source) Next() (v int, ok bool) { return s.now() }

// NextAsync is Next as a future.
//
//pinion:noescape
func (s *source) NextAsync() (f sourceNextFuture) { f.Init(s); return f }

type sourceNextFuture struct {
	s     *source
	v     int
	ok    bool
	began bool
}

func (f *sourceNextFuture) Init(s *source) { f.s, f.began = s, false }

func (f *sourceNextFuture) Poll(cx *future.Context) future.Poll {
	if f.s.waits && !f.began {
		f.began = true
		cx.Wake(cx.Waker())
		return future.Pending
	}
	f.v, f.ok = f.s.now()
	return future.Ready
}

func (f *sourceNextFuture) Result() (v int, ok bool) { return f.v, f.ok }

// pause waits for some time that passes by itself: it is pending once, or with
// no time not at all.
func pause(d int) {}

func pauseAsync(d int) (f pauseFuture) { f.Init(d); return f }

type pauseFuture struct{ left int }

func (f *pauseFuture) Init(d int) { f.left = d }

func (f *pauseFuture) Poll(cx *future.Context) future.Poll {
	if f.left > 0 {
		f.left = 0
		cx.Wake(cx.Waker())
		return future.Pending
	}
	return future.Ready
}

func (f *pauseFuture) Result() {}

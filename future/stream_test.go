package future

import (
	"errors"
	"io"
	"iter"
	"slices"
	"testing"
	"time"
)

// listed is a stream of values and errors that a test steers.
type listed struct {
	items   []int
	end     error // after the items; nil to wait for ever
	pause   int   // Pending answers before each item
	left    int
	waker   Waker
	waiting bool
	late    int // polls after the end
	over    bool
	panics  bool
	early   int // values handed out under a cancel
}

func (s *listed) PollNext(cx *Context) (p Poll, v int, err error) {
	if s.over {
		s.late++
	}
	s.waker = cx.Waker()
	switch {
	case s.panics:
		s.over = true
		panic("stream")
	case cx.Canceled() && !s.waiting:
		return Ready, 0, ErrCanceled
	case s.left > 0:
		s.left--
		s.waiting = true
		if cx.aborting {
			s.over = true
			cx.abort()
		}
		cx.Wake(cx.Waker())
		return Pending, 0, nil
	case len(s.items) > 0:
		if cx.Canceled() {
			s.early++
		}
		s.left, s.waiting = s.pause, false
		v, s.items = s.items[0], s.items[1:]
		return Ready, v, nil
	case s.end != nil:
		s.over = true
		return Ready, 0, s.end
	case cx.Canceled():
		s.waiting = false
		return Ready, 0, ErrCanceled
	}
	s.waiting = true
	return Pending, 0, nil
}

func TestCollectReadsToTheEnd(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, Collect(FromSeq(slices.Values([]string{"a", "b", "c"}))))
	if vs, err := mustWait(t, task).Result(); err != nil || !slices.Equal(vs, []string{"a", "b", "c"}) {
		t.Errorf("Result = %v, %v", vs, err)
	}
	task.Release()
}

func TestCollectReturnsWhatItHasWithAnError(t *testing.T) {
	l := newTestLoop(t)
	boom := errors.New("boom")
	s := &listed{items: []int{1, 2}, end: boom, pause: 1}
	task := Spawn(l, Collect[int](s))
	if vs, err := mustWait(t, task).Result(); err != boom || !slices.Equal(vs, []int{1, 2}) {
		t.Errorf("Result = %v, %v", vs, err)
	}
	task.Release()
	waits := Spawn(l, Collect[int](&listed{items: []int{1, 2}}))
	idle(t, l)
	waits.Cancel()
	if vs, err := mustWait(t, waits).Result(); err != ErrCanceled || !slices.Equal(vs, []int{1, 2}) {
		t.Errorf("Result = %v, %v", vs, err)
	}
	waits.Release()
}

func TestNextThatIsCanceledLeavesTheStreamWhole(t *testing.T) {
	l := newTestLoop(t)
	ch := make(chan int)
	s := StreamFromChan(ch)
	lost := Spawn(l, Next(s))
	idle(t, l)
	lost.Cancel()
	if _, err := mustWait(t, lost).Result(); err != ErrCanceled {
		t.Errorf("Result = %v", err)
	}
	for want := range 3 {
		next := Spawn(l, Next(s))
		idle(t, l)
		ch <- want
		if v, err := mustWait(t, next).Result(); v != want || err != nil {
			t.Errorf("Result = %d, %v", v, err)
		}
		next.Release()
	}
	end := Spawn(l, Next(s))
	idle(t, l)
	close(ch)
	if _, err := mustWait(t, end).Result(); err != io.EOF {
		t.Errorf("Result = %v", err)
	}
	lost.Release()
	end.Release()
}

func TestSeqStreamLetsOthersRun(t *testing.T) {
	l := newTestLoop(t)
	endless := FromSeq(func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
		}
	})
	defer endless.Close()
	task := Spawn(l, Collect(endless))
	sleep := Spawn(l, SleepAsync(time.Millisecond))
	mustWait(t, sleep)
	task.Cancel()
	vs, err := mustWait(t, task).Result()
	if err != ErrCanceled || len(vs) == 0 {
		t.Errorf("%d values, %v", len(vs), err)
	}
	task.Release()
	sleep.Release()
}

func TestSeqStreamCloseRunsTheIteratorsDefers(t *testing.T) {
	l := newTestLoop(t)
	closed := 0
	var seq iter.Seq[int] = func(yield func(int) bool) {
		defer func() { closed++ }()
		for i := 0; yield(i); i++ {
		}
	}
	s := FromSeq(seq)
	next := Spawn(l, Next(s))
	if v, err := mustWait(t, next).Result(); v != 0 || err != nil {
		t.Errorf("Result = %d, %v", v, err)
	}
	s.Close()
	s.Close()
	if closed != 1 {
		t.Errorf("closed %d times", closed)
	}
	end := Spawn(l, Next(s))
	if _, err := mustWait(t, end).Result(); err != io.EOF {
		t.Errorf("Result = %v", err)
	}
	fresh := FromSeq(seq)
	fresh.Close()
	none := Spawn(l, Next(fresh))
	if _, err := mustWait(t, none).Result(); err != io.EOF || closed != 1 {
		t.Errorf("Result = %v, the iterator ran: %v", err, closed != 1)
	}
	next.Release()
	end.Release()
	none.Release()
}

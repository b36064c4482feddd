package future

import (
	"context"
	"errors"
	"io"
	"math"
	"testing"
	"time"
)

func TestForEachRunsUpToItsLimitAtOnce(t *testing.T) {
	for _, limit := range []int{1, 3, 10, 50} {
		l := newTestLoop(t)
		running, most, done := 0, 0, 0
		body := func(v int) doubling {
			return doubling{script{f: func(cx *Context, n int) Poll {
				if n == 1 {
					running++
					most = max(most, running)
				}
				if n <= v%4 {
					cx.Wake(cx.Waker())
					return Pending
				}
				running--
				done++
				return Ready
			}}}
		}
		items := make([]int, 40)
		for i := range items {
			items[i] = i
		}
		task := Spawn(l, ForEach(Stream[int](&listed{items: items, end: io.EOF, pause: 1}), limit, body))
		if err := mustWait(t, task).Result(); err != nil {
			t.Error(err)
		}
		if done != 40 || most > limit {
			t.Errorf("limit %d: %d done, %d at once", limit, done, most)
		}
		if limit == 3 && most != 3 {
			t.Errorf("only %d ran at once", most)
		}
		task.Release()
	}
}

// doubling is a script with a result.
type doubling struct{ script }

func (*doubling) Result() error { return nil }

func TestForEachTakesNoMoreThanItHasRoomFor(t *testing.T) {
	l := newTestLoop(t)
	s := &listed{items: []int{0, 1, 2, 3, 4}, end: io.EOF}
	fs := probes(5)
	task := Spawn(l, ForEach(Stream[int](s), 2, func(v int) probe { return fs[v] }))
	idle(t, l)
	if len(s.items) != 3 {
		t.Errorf("%d values are left, want 3", len(s.items))
	}
	fs[1].finish()
	idle(t, l)
	if len(s.items) != 2 || fs[2].polls != 1 {
		t.Errorf("%d values are left, want 2", len(s.items))
	}
	if fs[1].drops != 1 {
		t.Errorf("a body that is done was dropped %d times", fs[1].drops)
	}
	for _, i := range []int{0, 2, 3, 4} {
		fs[i].finish()
		idle(t, l)
	}
	if err := mustWait(t, task).Result(); err != nil {
		t.Error(err)
	}
	checkProbes(t, fs...)
	task.Release()
	for i, p := range fs {
		if p.drops != 1 {
			t.Errorf("body %d was dropped %d times", i, p.drops)
		}
	}
}

func TestForEachFirstErrorCancelsTheRest(t *testing.T) {
	boom := errors.New("boom")
	for _, pause := range []int{0, 1} {
		l := newTestLoop(t)
		s := &listed{items: []int{0, 1, 2}, pause: pause}
		fs := probes(3)
		fs[0].stubborn = true
		task := Spawn(l, ForEach(Stream[int](s), 5, func(v int) probe { return fs[v] }))
		idle(t, l)
		fs[2].err = boom
		fs[2].finish()
		idle(t, l)
		if isDone(l, task) || !fs[1].canceled {
			t.Fatalf("done = %v, canceled = %v", isDone(l, task), fs[1].canceled)
		}
		if s.waiting {
			t.Error("the stream was left waiting")
		}
		fs[0].finish()
		if err := mustWait(t, task).Result(); err != boom {
			t.Errorf("Result = %v", err)
		}
		checkProbes(t, fs...)
		task.Release()
	}
}

func TestForEachErrorOfTheStream(t *testing.T) {
	l := newTestLoop(t)
	boom := errors.New("boom")
	s := &listed{items: []int{0}, end: boom}
	fs := probes(1)
	task := Spawn(l, ForEach(Stream[int](s), 2, func(v int) probe { return fs[v] }))
	if err := mustWait(t, task).Result(); err != boom || !fs[0].canceled || s.late != 0 {
		t.Errorf("Result = %v, canceled = %v, %d late polls", err, fs[0].canceled, s.late)
	}
	task.Release()
}

func TestForEachCancelGivesEveryValueThatWasTakenToABody(t *testing.T) {
	l := newTestLoop(t)
	s := &listed{items: []int{0, 1, 2}, pause: 3}
	var given []int
	fs := probes(3)
	task := Spawn(l, ForEach(Stream[int](s), 5, func(v int) probe {
		given = append(given, v)
		return fs[v]
	}))
	l.Step() // the stream is about to deliver
	task.Cancel()
	if err := mustWait(t, task).Result(); err != ErrCanceled {
		t.Errorf("Result = %v", err)
	}
	if len(given)+len(s.items) != 3 {
		t.Errorf("%d values were given to bodies, %d are left, of 3", len(given), len(s.items))
	}
	checkProbes(t, fs[:len(given)]...)
	task.Release()
}

func TestForEachCancelMethodOfOneThatIsFull(t *testing.T) {
	l := newTestLoop(t)
	s := &listed{items: []int{0, 1, 2}}
	fs := probes(3)
	task := Spawn(l, ForEach(Stream[int](s), 1, func(v int) probe { return fs[v] }))
	idle(t, l)
	l.futureOf(l.header(task.w.slot)).(Canceler).Cancel()
	task.w.Wake()
	if err := mustWait(t, task).Result(); err != ErrCanceled || !fs[0].canceled {
		t.Errorf("Result = %v, canceled = %v", err, fs[0].canceled)
	}
	if len(s.items) != 2 {
		t.Errorf("%d values are left", len(s.items))
	}
	task.Release()
}

func TestForEachPanicsAreDrained(t *testing.T) {
	for _, where := range []string{"child", "body", "stream"} {
		l := newTestLoop(t)
		s := &listed{items: []int{0, 1}}
		fs := probes(2)
		task := Spawn(l, ForEach(Stream[int](s), 5, func(v int) probe {
			if v == 1 && where == "body" {
				panic("body")
			}
			return fs[v]
		}))
		idle(t, l)
		switch where {
		case "child":
			fs[1].panics = "child"
			fs[1].waker.Wake()
		case "stream":
			s.panics = true
			s.waker.Wake()
		}
		checkPanic(t, task, where)
		if !fs[0].canceled || s.late != 0 || s.waiting && where != "stream" {
			t.Errorf("%s: canceled = %v, late = %d, waiting = %v", where, fs[0].canceled, s.late, s.waiting)
		}
		task.Release()
		if fs[0].drops != 1 || where == "child" && fs[1].drops != 1 {
			t.Errorf("%s: dropped %d and %d times", where, fs[0].drops, fs[1].drops)
		}
	}
}

func TestForEachAbortRunsBodiesAndStream(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	ch := make(chan int)
	s := StreamFromChan(ch)
	fs := probes(1)
	fs[0].stubborn = true
	Go(l, ForEach(s, 2, func(int) probe { return fs[0] }))
	if err := l.RunUntilIdle(); err != nil {
		t.Fatal(err)
	}
	ch <- 0
	waitFor(t, "the body to begin", func() bool { l.RunUntilIdle(); return fs[0].polls > 0 })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = l.Shutdown(ctx)
	if se, ok := errors.AsType[*ShutdownError](err); !ok || len(se.Aborted) != 1 || len(se.Leaked) != 0 {
		t.Errorf("Shutdown = %v", err)
	}
	if !fs[0].aborted {
		t.Error("a body was left behind")
	}
	select {
	case ch <- 1:
		t.Error("somebody still receives")
	case <-time.After(10 * time.Millisecond):
	}
}

func TestForEachIsLinear(t *testing.T) {
	l := newTestLoop(t)
	const n = 50_000
	sum := 0
	s := FromSeq(func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	})
	task := Spawn(l, ForEach(s, 1000, func(v int) doubling {
		return doubling{script{f: func(cx *Context, k int) Poll {
			if k == 1 {
				cx.Wake(cx.Waker())
				return Pending
			}
			sum += v
			return Ready
		}}}
	}))
	if err := mustWait(t, task).Result(); err != nil || sum != n*(n-1)/2 {
		t.Errorf("Result = %v, sum %d", err, sum)
	}
	task.Release()
}

func TestForEachOfNoLimitPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a limit of 0 did not panic")
		}
	}()
	ForEach(Stream[int](&listed{}), 0, func(int) probe { return probe{} })
}

// TestForEachTakesMemoryForWhatRuns regresses room for the limit, which an unlimited one cannot have.
func TestForEachTakesMemoryForWhatRuns(t *testing.T) {
	l := newTestLoop(t)
	items := make([]int, 1000)
	for _, limit := range []int{17, 100, math.MaxInt >> 8, math.MaxInt} {
		running, most, drops := 0, 0, 0
		task := Spawn(l, ForEach(Stream[int](&listed{items: items, end: io.EOF}), limit, func(int) bodyFuture {
			running++
			most = max(most, running)
			return bodyFuture{script{
				f: func(cx *Context, n int) Poll {
					if n < 100 {
						cx.Wake(cx.Waker())
						return Pending
					}
					running--
					return Ready
				},
				drop: func() { drops++ },
			}}
		}))
		if err := mustWait(t, task).Result(); err != nil {
			t.Error(err)
		}
		task.Release()
		if most != min(limit, len(items)) || drops != len(items) {
			t.Errorf("limit %d: %d at once, %d dropped", limit, most, drops)
		}
	}
}

type bodyFuture struct{ script }

func (*bodyFuture) Result() error { return nil }

package future

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

func TestFromChanTriesAtOnce(t *testing.T) {
	l := newTestLoop(t)
	ch := make(chan int, 1)
	ch <- 7
	task := Spawn(l, FromChan(ch))
	idle(t, l)
	if !isDone(l, task) {
		t.Error("did not receive at its first poll")
	}
	if v, err := mustWait(t, task).Result(); v != 7 || err != nil {
		t.Errorf("Result = %d, %v", v, err)
	}
	task.Release()
	close(ch)
	closed := Spawn(l, FromChan(ch))
	if v, err := mustWait(t, closed).Result(); v != 0 || err != ErrClosed {
		t.Errorf("Result = %d, %v", v, err)
	}
	closed.Release()
}

func TestFromChanWaits(t *testing.T) {
	l := newTestLoop(t)
	ch := make(chan int)
	task := Spawn(l, FromChan(ch))
	idle(t, l)
	ch <- 7 // unbuffered: somebody must be receiving
	if v, err := mustWait(t, task).Result(); v != 7 || err != nil {
		t.Errorf("Result = %d, %v", v, err)
	}
	task.Release()
	waits := Spawn(l, FromChan(ch))
	idle(t, l)
	close(ch)
	if _, err := mustWait(t, waits).Result(); err != ErrClosed {
		t.Errorf("Result = %v", err)
	}
	waits.Release()
}

func TestFromChanOfNilIsNeverReadyUntilCanceled(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, FromChan[int](nil))
	idle(t, l)
	if isDone(l, task) {
		t.Error("received from nil")
	}
	task.Cancel()
	if _, err := mustWait(t, task).Result(); err != ErrCanceled {
		t.Errorf("Result = %v", err)
	}
	task.Release()
}

func TestFromChanCancelHandsOverWhatWasReceived(t *testing.T) {
	l := newTestLoop(t)
	for range 200 {
		ch := make(chan int)
		task := Spawn(l, FromChan(ch))
		idle(t, l)
		ch <- 7
		task.Cancel()
		if v, err := mustWait(t, task).Result(); v != 7 || err != nil {
			t.Fatalf("Result = %d, %v: the value is lost", v, err)
		}
		task.Release()
	}
}

func TestFromChanAbortHandsOverWhatWasReceived(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan int)
	full, empty := FromChan(got), FromChan(make(chan int))
	var order []string
	Go(l, script{f: func(cx *Context, _ int) Poll {
		defer func() { order = append(order, "deferred") }()
		if full.Poll(cx) == Ready {
			order = append(order, "ready")
		}
		return empty.Poll(cx)
	}})
	if err := l.RunUntilIdle(); err != nil {
		t.Fatal(err)
	}
	order = nil
	got <- 7
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = l.Shutdown(ctx)
	if se, ok := errors.AsType[*ShutdownError](err); !ok || len(se.Leaked) != 0 {
		t.Errorf("Shutdown = %v", err)
	}
	if v, err := full.Result(); v != 7 || err != nil {
		t.Errorf("Result = %d, %v: the value is lost", v, err)
	}
	checkDrops(t, order, "ready", "deferred")
}

// Every value that is sent is received by exactly one future, or by the goroutine
// that empties the channel at the end, whatever is cancelled when.
func TestFromChanAndToChanConserveValues(t *testing.T) {
	rt, err := NewRuntime(Config{Loops: 2})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 30 {
		ch := make(chan int, round%3)
		const n = 30
		var sends []Task[ToChanFuture[int]]
		var recvs []Task[FromChanFuture[int]]
		for i := range n {
			sends = append(sends, Spawn(rt, ToChan(ch, i)))
			recvs = append(recvs, Spawn(rt, FromChan(ch)))
			if rng.IntN(3) == 0 {
				sends[rng.IntN(len(sends))].Cancel()
			}
			if rng.IntN(3) == 0 {
				recvs[rng.IntN(len(recvs))].Cancel()
			}
		}
		var mu sync.Mutex
		seen := make(map[int]int)
		stop := make(chan bool)
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				select {
				case v := <-ch:
					mu.Lock()
					seen[v]++
					mu.Unlock()
				case <-stop:
					return
				}
			}
		})
		sent := make(map[int]bool)
		for i, s := range sends {
			f := mustWait(t, s)
			switch err := f.Result(); {
			case err == nil:
				sent[i] = true
			case err != ErrCanceled || f.Value() != i:
				t.Errorf("send %d: %v, value %d", i, err, f.Value())
			}
			s.Release()
		}
		for _, r := range recvs {
			r.Cancel()
		}
		for _, r := range recvs {
			v, err := mustWait(t, r).Result()
			if err == nil {
				mu.Lock()
				seen[v]++
				mu.Unlock()
			}
			r.Release()
		}
		waitFor(t, "the channel to be empty", func() bool { return len(ch) == 0 })
		close(stop)
		wg.Wait()
		if len(seen) != len(sent) {
			t.Errorf("round %d: %d values were sent, %d received", round, len(sent), len(seen))
		}
		for v, k := range seen {
			if k != 1 || !sent[v] {
				t.Errorf("round %d: value %d, sent: %v, was received %d times", round, v, sent[v], k)
			}
		}
	}
	if err := rt.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestToChanTriesAtOnceAndWaits(t *testing.T) {
	l := newTestLoop(t)
	ch := make(chan int, 1)
	task := Spawn(l, ToChan(ch, 1))
	idle(t, l)
	if !isDone(l, task) {
		t.Error("did not send at its first poll")
	}
	waits := Spawn(l, ToChan(ch, 2))
	idle(t, l)
	if isDone(l, waits) {
		t.Error("sent into a full channel")
	}
	if a, b := <-ch, <-ch; a != 1 || b != 2 {
		t.Errorf("received %d, %d", a, b)
	}
	if err := mustWait(t, waits).Result(); err != nil {
		t.Error(err)
	}
	task.Release()
	waits.Release()
}

func TestToChanCanceledHasNotSent(t *testing.T) {
	l := newTestLoop(t)
	ch := make(chan int)
	task := Spawn(l, ToChan(ch, 7))
	idle(t, l)
	task.Cancel()
	f := mustWait(t, task)
	if err := f.Result(); err != ErrCanceled || f.Value() != 7 {
		t.Errorf("Result = %v, Value = %d", err, f.Value())
	}
	select {
	case <-ch:
		t.Error("was sent all the same")
	case <-time.After(time.Millisecond):
	}
	task.Release()
}

func TestToChanOnAClosedChannelPanicsAsASendDoes(t *testing.T) {
	l := newTestLoop(t)
	ch := make(chan int)
	close(ch)
	task := Spawn(l, ToChan(ch, 1))
	_, err := task.Wait()
	pe, ok := errors.AsType[*PanicError](err)
	if !ok || pe.Unwrap() == nil || pe.Unwrap().Error() != "send on closed channel" {
		t.Errorf("Wait = %v", err)
	}
	task.Release()
}

// The channel may also be closed while a goroutine sends. The race detector does
// not like that, and so the goroutine panics by itself here.
func TestChanWaitPanicIsTheFutures(t *testing.T) {
	l := newTestLoop(t)
	var w ChanWait
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if n == 1 {
			w.Begin(cx, "test", func(<-chan struct{}) { panic("boom") })
		}
		return Poll(w.Poll(cx, false))
	}})
	checkPanic(t, task, "boom")
	task.Release()
}

func BenchmarkFromChan(b *testing.B) {
	b.Run("ready", func(b *testing.B) {
		l := newTestLoop(b)
		ch := make(chan int, 1)
		b.ReportAllocs()
		for b.Loop() {
			ch <- 0
			task := Spawn(l, FromChan(ch))
			if _, err := task.Wait(); err != nil {
				b.Fatal(err)
			}
			task.Release()
		}
	})
	b.Run("waits", func(b *testing.B) {
		l := newTestLoop(b)
		ch := make(chan int)
		b.ReportAllocs()
		for b.Loop() {
			task := Spawn(l, FromChan(ch))
			l.RunUntilIdle()
			ch <- 0
			if _, err := task.Wait(); err != nil {
				b.Fatal(err)
			}
			task.Release()
		}
	})
	b.Run("goroutine", func(b *testing.B) {
		ch, done := make(chan int), make(chan int)
		go func() {
			for v := range ch {
				done <- v
			}
		}()
		b.ReportAllocs()
		for b.Loop() {
			ch <- 0
			<-done
		}
		close(ch)
	})
}

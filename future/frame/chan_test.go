package frame_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/frame"
)

func newLoop(tb testing.TB) *future.Loop {
	tb.Helper()
	l, err := future.NewLoop(future.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := l.Shutdown(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	return l
}

func idle(tb testing.TB, l *future.Loop) {
	tb.Helper()
	if err := l.RunUntilIdle(); err != nil {
		tb.Fatal(err)
	}
}

func recv[T any](ch <-chan T) (f frame.RecvFuture[T])      { f.Init(ch); return f }
func send[T any](ch chan<- T, v T) (f frame.SendFuture[T]) { f.Init(ch, v); return f }
func sel(run func(<-chan struct{}) int) (f frame.SelectFuture) {
	f.Init(run)
	return f
}

func TestRecvAndSendTryAtOnceAndCostNothingThen(t *testing.T) {
	ch := make(chan int, 1)
	allocs := -1.0
	future.Block(&looped{func(cx *future.Context) {
		allocs = testing.AllocsPerRun(20, func() {
			s, r := send(ch, 7), recv(ch)
			if s.Poll(cx) != future.Ready || r.Poll(cx) != future.Ready {
				t.Error("not at once")
			}
			if v, ok := r.Result(); v != 7 || !ok {
				t.Error(v, ok)
			}
		})
	}})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestRecvAndSendWait(t *testing.T) {
	l := newLoop(t)
	ch := make(chan int)
	r := future.Spawn(l, recv(ch))
	idle(t, l)
	ch <- 7
	f, err := r.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := f.Result(); v != 7 || !ok {
		t.Error(v, ok)
	}
	r.Release()
	s := future.Spawn(l, send(ch, 8))
	idle(t, l)
	if v := <-ch; v != 8 {
		t.Error(v)
	}
	if _, err := s.Wait(); err != nil {
		t.Error(err)
	}
	s.Release()
	r = future.Spawn(l, recv(ch))
	idle(t, l)
	close(ch)
	if f, err = r.Wait(); err != nil {
		t.Fatal(err)
	}
	if v, ok := f.Result(); v != 0 || ok {
		t.Error(v, ok)
	}
	r.Release()
}

func TestSendOnAClosedChannelPanicsWithTheRuntimesError(t *testing.T) {
	ch := make(chan int)
	close(ch)
	defer func() {
		if e, ok := recover().(runtime.Error); !ok || e.Error() != "send on closed channel" {
			t.Error(e)
		}
	}()
	s := send(ch, 1)
	future.Block(&s)
}

// The race detector does not like a channel that is closed while somebody sends,
// and so the select closes it itself.
func TestPanicOfASelectIsTheFuturesWithTheSameValue(t *testing.T) {
	ch := make(chan int)
	defer func() {
		if e, ok := recover().(runtime.Error); !ok || e.Error() != "send on closed channel" {
			t.Error(e)
		}
	}()
	s := sel(func(stop <-chan struct{}) int {
		close(ch)
		select {
		case ch <- 1:
			return 0
		case <-stop:
			return -1
		}
	})
	future.Block(&s)
}

func TestSelectReturnsTheCase(t *testing.T) {
	l := newLoop(t)
	a, b := make(chan int), make(chan string)
	var v string
	task := future.Spawn(l, sel(func(stop <-chan struct{}) int {
		select {
		case <-a:
			return 0
		case v = <-b:
			return 1
		case <-stop:
			return -1
		}
	}))
	idle(t, l)
	b <- "x"
	f, err := task.Wait()
	if err != nil || f.Result() != 1 || v != "x" {
		t.Error(err, f.Result(), v)
	}
	task.Release()
}

func TestNilChannelsWaitWithoutAGoroutineUntilCanceled(t *testing.T) {
	l := newLoop(t)
	n := runtime.NumGoroutine()
	var ch chan int
	var rs []future.Task[frame.RecvFuture[int]]
	var ss []future.Task[frame.SendFuture[int]]
	for range 100 {
		rs, ss = append(rs, future.Spawn(l, recv(ch))), append(ss, future.Spawn(l, send(ch, 1)))
	}
	idle(t, l)
	if got := runtime.NumGoroutine(); got >= n+100 {
		t.Errorf("%d goroutines where there were %d", got, n)
	}
	for i := range rs {
		rs[i].Cancel()
		ss[i].Cancel()
		if _, err := rs[i].Wait(); err != future.ErrCanceled {
			t.Fatal(err)
		}
		if _, err := ss[i].Wait(); err != future.ErrCanceled {
			t.Fatal(err)
		}
		rs[i].Release()
		ss[i].Release()
	}
}

func TestCancelHandsOverWhatWasReceived(t *testing.T) {
	l := newLoop(t)
	for range 200 {
		ch := make(chan int)
		task := future.Spawn(l, recv(ch))
		idle(t, l)
		ch <- 7
		task.Cancel()
		f, err := task.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if v, ok := f.Result(); v != 7 || !ok {
			t.Fatalf("%d, %t: the value is lost", v, ok)
		}
		task.Release()
	}
}

func TestOperationsThatNeedNotWaitSucceedInACanceledTask(t *testing.T) {
	places := make(chan int, 1)
	places <- 1
	future.Block(&looped{func(cx *future.Context) {
		r := recv(places)
		if cx.PollCanceled(&r) != future.Ready {
			t.Error("a place could not be given back")
		}
	}})
}

// Every value is received exactly once, and what a future says to have sent was,
// whatever is cancelled when.
func TestRecvAndSendConserveValues(t *testing.T) {
	rt, err := future.NewRuntime(future.Config{Loops: 2})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 30 {
		ch := make(chan int, round%3)
		const n = 30
		var sends []future.Task[frame.SendFuture[int]]
		var recvs []future.Task[frame.RecvFuture[int]]
		for i := range n {
			sends = append(sends, future.Spawn(rt, send(ch, i)))
			recvs = append(recvs, future.Spawn(rt, recv(ch)))
			if rng.IntN(3) == 0 {
				sends[rng.IntN(len(sends))].Cancel()
			}
			if rng.IntN(3) == 0 {
				recvs[rng.IntN(len(recvs))].Cancel()
			}
		}
		seen := make(map[int]int)
		stop := make(chan bool)
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				select {
				case v := <-ch:
					seen[v]++
				case <-stop:
					return
				}
			}
		})
		sent := make(map[int]bool)
		for i, s := range sends {
			switch _, err := s.Wait(); err {
			case nil:
				sent[i] = true
			case future.ErrCanceled:
			default:
				t.Error(err)
			}
			s.Release()
		}
		got := make(map[int]int)
		for _, r := range recvs {
			r.Cancel()
			if f, err := r.Wait(); err == nil {
				v, _ := f.Result()
				got[v]++
			} else if err != future.ErrCanceled {
				t.Error(err)
			}
			r.Release()
		}
		for len(ch) > 0 {
			runtime.Gosched()
		}
		close(stop)
		wg.Wait()
		for v, k := range got {
			seen[v] += k
		}
		if len(seen) != len(sent) {
			t.Errorf("round %d: %d values were sent, %d received", round, len(sent), len(seen))
		}
		for v, k := range seen {
			if k != 1 || !sent[v] {
				t.Errorf("round %d: value %d, sent: %t, was received %d times", round, v, sent[v], k)
			}
		}
	}
	if err := rt.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestWithdrawalEndsACanceledTaskQuietly(t *testing.T) {
	l := newLoop(t) // a panic would come out of its steps
	ch := make(chan int)
	future.Go(l, recv(ch))
	detached := future.Spawn(l, recv(ch))
	joined := future.Spawn(l, future.Join(recv(ch), recv(ch)))
	idle(t, l)
	detached.Cancel()
	detached.Release()
	joined.Cancel()
	if _, err := joined.Wait(); err != future.ErrCanceled {
		t.Error(err)
	}
	joined.Release()
	idle(t, l)
	ch <- 1 // for the first
}

func TestErrCanceledInATaskThatIsNotCanceledIsAPanic(t *testing.T) {
	l := newLoop(t)
	task := future.Spawn(l, looped{func(*future.Context) { panic(future.ErrCanceled) }})
	_, err := task.Wait()
	if _, ok := errors.AsType[*future.PanicError](err); !ok {
		t.Error(err)
	}
	task.Release()
}

func TestRacesAndTimeoutsDoWithoutALoserThatWithdraws(t *testing.T) {
	l := newLoop(t)
	never, now := make(chan int), make(chan int, 1)
	now <- 1
	timeout := future.Spawn(l, future.Timeout(time.Microsecond, recv(never)))
	if f, err := timeout.Wait(); err != nil || !f.TimedOut() {
		t.Error(err)
	}
	timeout.Release()
	two := future.Spawn(l, future.Select2(recv(never), recv(now)))
	if f, err := two.Wait(); err != nil || f.Winner() != 1 {
		t.Error(err)
	}
	two.Release()
	now <- 2
	race := future.Spawn(l, future.Race(recv(never), recv(now), recv(never)))
	if f, err := race.Wait(); err != nil || f.Result() != 1 {
		t.Error(err)
	}
	race.Release()
	all := future.Spawn(l, future.All(recv(never), recv(never)))
	idle(t, l)
	all.Cancel()
	if _, err := all.Wait(); err != future.ErrCanceled {
		t.Error(err)
	}
	all.Release()
}

func TestBlockingInsideAPollIsRefusedAlsoWhenTheFutureWithdrawsByPanic(t *testing.T) {
	future.Block(&looped{func(*future.Context) {
		r := recv[int](nil)
		if err := future.Block(&r); err != future.ErrBlockedPoll {
			t.Error(err)
		}
	}})
}

func TestAbortEndsTheOperationAndMakesTheDeferredCalls(t *testing.T) {
	rt, err := future.NewRuntime(future.Config{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	ran := make(chan bool, 2)
	// The function does not see that it is cancelled: only an abort ends it.
	task := future.Spawn(rt, future.Shield(holder{ran: ran}))
	<-ran
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = rt.Shutdown(ctx)
	se, ok := errors.AsType[*future.ShutdownError](err)
	if !ok || len(se.Leaked) != 0 || len(se.Errs) != 0 || len(ran) != 1 {
		t.Errorf("%v; the deferred call was made %d times", err, len(ran))
	}
	task.Release()
}

// holder waits for ever, and has a deferred call.
type holder struct {
	unwind frame.Unwind
	recv   frame.RecvFuture[int]
	ran    chan bool
	begun  bool
}

func (f *holder) Poll(cx *future.Context) future.Poll {
	if !f.unwind.Exiting() && f.body(cx) == frame.Suspended {
		return future.Pending
	}
	return f.unwind.Run(cx)
}

func (f *holder) body(cx *future.Context) (step frame.Step) {
	defer f.unwind.Catch(cx, &step)
	if !f.begun {
		f.begun = true
		fn := func() { f.ran <- true }
		f.unwind.Defer(func(u *frame.Unwind) { defer u.Caught(); defer fn(); u.Raise() })
		f.recv.Init(make(chan int))
		defer fn()
	}
	if f.recv.Poll(cx) == future.Pending {
		return frame.Suspended
	}
	return frame.Returned
}

func ExampleRecvFuture() {
	ch := make(chan string, 1)
	ch <- "hello"
	var f frame.RecvFuture[string]
	f.Init(ch)
	fmt.Println(future.Block(&f))
	fmt.Println(f.Result())
	// Output:
	// <nil>
	// hello true
}

func ExampleSendFuture() {
	ch := make(chan string, 1)
	var f frame.SendFuture[string]
	f.Init(ch, "hello")
	fmt.Println(future.Block(&f), <-ch)
	// Output: <nil> hello
}

func ExampleSelectFuture() {
	a, b := make(chan int), make(chan int)
	var f frame.SelectFuture
	got := new(int)
	f.Init(func(stop <-chan struct{}) int {
		select {
		case *got = <-a:
			return 0
		case b <- 1:
			return 1
		case <-stop:
			return -1
		}
	})
	go func() { a <- 7 }()
	fmt.Println(future.Block(&f), f.Result(), *got)
	// Output: <nil> 0 7
}

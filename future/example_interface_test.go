package future_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// doorbell is a future written by hand: it is Ready once it was rung. It has
// all that a future may have besides Poll.
type doorbell struct {
	anchor pin.Anchor
	waker  future.Waker
	rung   int
	err    error
}

func (d *doorbell) Poll(cx *future.Context) future.Poll {
	d.anchor.Check() // it is where it was
	if d.rung == 0 && d.err == nil && cx.Canceled() {
		d.Cancel()
	}
	d.waker = cx.Waker() // of the last poll: the future may have been handed over
	return d.rung > 0 || d.err != nil
}

func (d *doorbell) ring()                { d.rung++; d.waker.Wake() }
func (d *doorbell) Result() (int, error) { return d.rung, d.err }
func (d *doorbell) Cancel()              { d.err = future.ErrCanceled }
func (d *doorbell) Suspended() string    { return "the bell" }

var (
	_ future.Of[int]   = (*doorbell)(nil)
	_ future.Canceler  = (*doorbell)(nil)
	_ future.Suspender = (*doorbell)(nil)
)

// parked returns a loop with a doorbell that waits on it.
func parked() (*future.Loop, future.Task[doorbell]) {
	l := newLoop()
	task := future.Spawn(l, doorbell{}, future.Named("front door"))
	if err := l.RunUntilIdle(); err != nil {
		panic(err)
	}
	return l, task
}

func ExampleFuture() {
	bell := new(doorbell) // on the heap, where nothing moves it
	bell.rung = 1
	var f future.Future = bell
	fmt.Println(future.Block(f), bell.rung)
	// Output: <nil> 1
}

func ExampleOf() {
	first := func(fs ...future.Of[int]) (int, error) {
		if err := future.Block(fs[0]); err != nil {
			return 0, err
		}
		return fs[0].Result()
	}
	fmt.Println(first(&doorbell{rung: 2}))
	// Output: 2 <nil>
}

// A cancelled future is polled until it is Ready, and then has a result as any other.
func ExampleCanceler() {
	bell := new(doorbell)
	bell.Cancel()
	fmt.Println(future.Block(bell))
	fmt.Println(bell.Result())
	// Output:
	// <nil>
	// 0 future: canceled
}

func ExampleSuspender() {
	l, task := parked()
	defer l.Shutdown(context.Background())
	defer task.Release()
	defer task.Cancel()
	tasks, err := l.Tasks(context.Background())
	fmt.Println(tasks[0].Name, "is", tasks[0].State, "at", tasks[0].Suspended, err)
	// Output: front door is waiting at the bell <nil>
}

// TaskWaitFuture waits for another task, here for one that is cancelled meanwhile.
func ExampleTaskWaitFuture() {
	l, task := parked()
	defer l.Shutdown(context.Background())
	waiter := future.Spawn(l, task.WaitAsync())
	task.Cancel()

	wait, err := waiter.Wait()
	if err != nil {
		panic(err)
	}
	bell, err := wait.Result()
	fmt.Println(bell.err, err)
	waiter.Release()
	task.Release()
	// Output: future: canceled <nil>
}

// Ptr lets a function take any future by value, whatever its type.
func ExamplePtr() {
	fmt.Println(pollOnce(doorbell{rung: 1}), pollOnce(doorbell{}))
	// Output: Ready Pending
}

// pollOnce polls f once, and cancels it if that was not enough.
func pollOnce[F any, P future.Ptr[F]](f F) (p future.Poll) {
	l := newLoop()
	defer l.Shutdown(context.Background())
	task := future.Spawn[F, P](l, f)
	defer task.Release()
	if err := l.RunUntilIdle(); err != nil {
		panic(err)
	}
	tasks, _ := l.Tasks(context.Background())
	p = tasks[0].State == "done"
	task.Cancel()
	return p
}

// What spawns may be on a loop, on all of them, or in a poll.
func ExampleSpawner() {
	l := newLoop()
	defer l.Shutdown(context.Background())
	for _, where := range []future.Spawner{l, future.Default()} {
		task := future.Spawn(where, doorbell{rung: 3})
		bell, err := task.Wait()
		fmt.Println(bell.rung, err)
		task.Release()
	}
	// Output:
	// 3 <nil>
	// 3 <nil>
}

func ExampleConfig() {
	l, err := future.NewLoop(future.Config{
		OnPanic: func(e *future.PanicError) { fmt.Println("nobody waits for it:", e.Value) },
	})
	if err != nil {
		panic(err)
	}
	defer l.Shutdown(context.Background())
	future.Go(l, crasher{})
	fmt.Println(l.RunUntilIdle())
	// Output:
	// nobody waits for it: a bug
	// <nil>
}

type crasher struct{ _ byte }

func (*crasher) Poll(*future.Context) future.Poll { panic("a bug") }

// An explorer that always lets the newest task run first.
func ExampleChoose() {
	choose := func(point future.ChoicePoint, n int) int {
		fmt.Println("one of", n, "at", point)
		return n - 1
	}
	l, err := future.NewLoop(future.Config{Choose: choose})
	if err != nil {
		panic(err)
	}
	defer l.Shutdown(context.Background())
	for i := range 3 {
		future.Go(l, shouter{i})
	}
	fmt.Println(l.RunUntilIdle())
	// Output:
	// one of 3 at task
	// task 2
	// one of 2 at task
	// task 1
	// task 0
	// <nil>
}

type shouter struct{ n int }

func (s *shouter) Poll(*future.Context) future.Poll {
	fmt.Println("task", s.n)
	return future.Ready
}

func ExampleChoicePoint() {
	fmt.Println(future.ChooseTask, future.ChooseBranch, future.ChooseWaiter)
	// Output: task branch waiter
}

func ExampleYieldFuture() {
	fmt.Println(future.Block(new(future.YieldFuture))) // others had their turn
	// Output: <nil>
}

func ExampleCollect() {
	s := future.FromSeq(slices.Values([]string{"a", "b"}))
	defer s.Close()
	fmt.Println(future.Await(future.Collect(s)).Result())
	// Output: [a b] <nil>
}

package future_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// yielder yields n times. It may be copied until its first Poll, and checks that
// it is not copied after that.
type yielder struct {
	anchor pin.Anchor
	n      int
}

func (c *yielder) Poll(cx *future.Context) future.Poll {
	c.anchor.Check()
	if c.n == 0 {
		return future.Ready
	}
	c.n--
	cx.Wake(cx.Waker())
	return future.Pending
}

func newLoop() *future.Loop {
	l, err := future.NewLoop(future.Config{})
	if err != nil {
		panic(err)
	}
	return l
}

func ExampleLoop() {
	l := newLoop()
	defer l.Shutdown(context.Background())
	task := future.Spawn(l, yielder{n: 1000})
	for { // in the event loop of a program
		more, err := l.Step() // a bounded amount of work
		if err != nil {
			panic(err)
		}
		if !more {
			break // until OnWake's function is called, or NextTimer is over
		}
	}
	f, err := task.Wait()
	fmt.Println(f.n, err)
	task.Release()
	// Output: 0 <nil>
}

func ExampleRuntime() {
	rt, err := future.NewRuntime(future.Config{Loops: 2})
	if err != nil {
		panic(err)
	}
	task := future.Spawn(rt, future.SleepAsync(time.Millisecond))
	sleep, err := task.Wait()
	fmt.Println(sleep.Result(), err)
	task.Release()
	fmt.Println(rt.Shutdown(context.Background()))
	// Output:
	// <nil> <nil>
	// <nil>
}

func ExampleTask() {
	l := newLoop()
	defer l.Shutdown(context.Background())
	task := future.Spawn(l, future.SleepAsync(time.Hour))
	task.Cancel() // asks; the task is polled until it is Ready
	sleep, err := task.Wait()
	fmt.Println(sleep.Result(), err)
	task.Release()
	_, err = task.Wait()
	fmt.Println(errors.As(err, new(*future.StaleError)))
	// Output:
	// future: canceled <nil>
	// true
}

// mailbox is Ready when something was put into it.
type mailbox struct {
	waker chan future.Waker
	polls int
}

func (m *mailbox) Poll(cx *future.Context) future.Poll {
	if m.polls++; m.polls == 1 {
		m.waker <- cx.Waker()
		return future.Pending
	}
	return future.Ready
}

func ExampleWaker() {
	m := mailbox{waker: make(chan future.Waker, 1)}
	go func() {
		w := <-m.waker
		for range 10 {
			w.Wake() // from any goroutine; ten wakes, one poll
		}
	}()
	future.Block(&m)
	fmt.Println(m.polls, "polls")
	// Output: 2 polls
}

// whoAmI looks at its Context.
type whoAmI struct{ name any }

func (f *whoAmI) Poll(cx *future.Context) future.Poll {
	f.name = cx.Value("user")
	return future.Ready
}

func ExampleContext() {
	l := newLoop()
	defer l.Shutdown(context.Background())
	task := future.Spawn(l, whoAmI{}, future.WithValue("user", "gopher"))
	f, _ := task.Wait()
	fmt.Println(f.name)
	task.Release()
	// Output: gopher
}

// adder adds one to a number of somebody else's.
type adder struct{ to *int }

func (f *adder) Poll(cx *future.Context) future.Poll {
	*f.to++
	return future.Ready
}

// parent lends a local of its own frame to the tasks of its scope.
type parent struct {
	scope future.Scope
	sum   int
	begun bool
}

func (f *parent) Poll(cx *future.Context) future.Poll {
	if !f.begun {
		f.begun = true
		for range 3 {
			future.Spawn(f.scope.In(cx), adder{to: &f.sum})
		}
	}
	return f.scope.Poll(cx)
}

func ExampleScope() {
	l := newLoop()
	defer l.Shutdown(context.Background())
	task := future.Spawn(l, parent{})
	f, _ := task.Wait()
	fmt.Println(f.sum, f.scope.Result())
	task.Release()
	// Output: 3 <nil>
}

func ExampleSleepFuture() {
	sleep := future.SleepAsync(time.Millisecond)
	fmt.Println(future.Block(&sleep), sleep.Result())
	// Output: <nil> <nil>
}

// virtualTime is a clock, and a driver that lets its time pass instead of waiting.
type virtualTime struct{ now time.Duration }

func (v *virtualTime) Now() time.Duration { return v.now }
func (v *virtualTime) Submit() error      { return nil }
func (v *virtualTime) Wake()              {}
func (v *virtualTime) Close() error       { return nil }
func (v *virtualTime) Wait(d time.Duration) error {
	v.now += d
	return nil
}

func ExampleDriver() {
	v := &virtualTime{}
	l, err := future.NewLoop(future.Config{
		Clock:  v,
		Driver: func(int) (future.Driver, error) { return v, nil },
	})
	if err != nil {
		panic(err)
	}
	defer l.Shutdown(context.Background())
	task := future.Spawn(l, future.SleepAsync(24*time.Hour))
	task.Wait()
	task.Release()
	fmt.Println(v.now)
	// Output: 24h0m0s
}

func ExampleClock() {
	v := &virtualTime{now: time.Minute}
	l, err := future.NewLoop(future.Config{Clock: v})
	if err != nil {
		panic(err)
	}
	defer l.Shutdown(context.Background())
	task := future.Spawn(l, future.SleepAsync(time.Second))
	l.RunUntilIdle()
	fmt.Println(l.NextTimer())
	v.now += time.Hour
	fmt.Println(l.NextTimer())
	task.Wait()
	task.Release()
	// Output:
	// 1s true
	// 0s true
}

// faulty panics.
type faulty struct{ _ int }

func (*faulty) Poll(*future.Context) future.Poll { panic("out of cheese") }

func ExamplePanicError() {
	l := newLoop()
	defer l.Shutdown(context.Background())
	task := future.Spawn(l, faulty{}, future.Named("mouse"))
	_, err := task.Wait()
	var p *future.PanicError
	if errors.As(err, &p) {
		fmt.Printf("%s panicked during %s: %v\n", p.Task, p.During, p.Value)
		fmt.Println("has a stack:", len(p.Stack) > 0)
	}
	task.Release()
	// Output:
	// mouse panicked during a poll: out of cheese
	// has a stack: true
}

func ExampleStaleError() {
	l := newLoop()
	defer l.Shutdown(context.Background())
	task := future.Spawn(l, yielder{})
	task.Wait()
	task.Release()
	_, err := task.Wait()
	fmt.Println(strings.HasPrefix(err.Error(), "future: use of a task that was released"))
	// Output: true
}

func ExampleShutdownError() {
	l := newLoop()
	future.Spawn(l, yielder{}, future.Named("forgotten"))
	err := l.Shutdown(context.Background())
	var left *future.ShutdownError
	if errors.As(err, &left) {
		for _, t := range left.Unreleased {
			fmt.Println(t.Name, t.State)
		}
	}
	// Output: forgotten done
}

// handshake says where it waits.
type handshake struct{ _ int }

func (*handshake) Poll(cx *future.Context) future.Poll { return future.Poll(cx.Canceled()) }
func (*handshake) Suspended() string                   { return "reading the hello" }

func ExampleWriteTasks() {
	l := newLoop()
	defer l.Shutdown(context.Background())
	for range 3 {
		future.Go(l, handshake{}, future.Named("conn"))
	}
	l.RunUntilIdle()
	tasks, err := l.Tasks(context.Background())
	if err != nil {
		panic(err)
	}
	for i := range tasks {
		tasks[i].Age = time.Second
	}
	future.WriteTasks(os.Stdout, tasks)
	// Output:
	// 3 tasks
	//   3 x conn (future_test.handshake), waiting at reading the hello, ages 1s to 1s
}

func ExampleTaskInfo() {
	l := newLoop()
	defer l.Shutdown(context.Background())
	future.Go(l, handshake{}, future.Named("conn"))
	tasks, err := l.Tasks(context.Background())
	for _, t := range tasks {
		fmt.Println(t.Name, t.Type, t.State, err)
	}
	// Output: conn future_test.handshake fresh <nil>
}

func ExampleSpawnOption() {
	l := newLoop()
	defer l.Shutdown(context.Background())
	options := []future.SpawnOption{future.Named("worker"), future.WithValue("user", "gopher")}
	task := future.Spawn(l, whoAmI{}, options...)
	f, _ := task.Wait()
	fmt.Println(f.name)
	task.Release()
	// Output: gopher
}

func ExamplePoll() {
	fmt.Println(future.Pending, future.Ready, future.Poll(1 < 2))
	// Output: Pending Ready Ready
}

func ExampleStats() {
	l := newLoop()
	defer l.Shutdown(context.Background())
	future.Go(l, handshake{})
	s, err := l.Stats(context.Background())
	fmt.Println(s.Tasks, s.Live, s.Quarantined, err)
	// Output: 1 1 0 <nil>
}

func ExampleSpawnInit() {
	l := newLoop()
	defer l.Shutdown(context.Background())
	_, err := future.SpawnInit(l, func(c *yielder) error {
		return errors.New("no such file")
	})
	fmt.Println(err)
	task, err := future.SpawnInit(l, func(c *yielder) error {
		c.n = 2 // at the address where it will stay
		return nil
	})
	task.Wait()
	task.Release()
	fmt.Println(err)
	// Output:
	// no such file
	// <nil>
}

func ExampleBlock() {
	c := yielder{n: 5}
	fmt.Println(future.Block(&c), c.n)
	// Output: <nil> 0
}

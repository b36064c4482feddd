package future_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pinion-go/pinion/future"
)

// square returns a future that takes a while.
func square(n int) future.FromFuncFuture[int] {
	return future.FromFunc(func() (int, error) {
		time.Sleep(time.Millisecond)
		return n * n, nil
	})
}

// never returns a future that ends only by being cancelled.
func never() future.SleepFuture { return future.SleepAsync(1<<63 - 1) }

func ExampleAll() {
	all := future.Await(future.All(square(1), square(2), square(3)))
	for i, f := range all.Each() {
		v, err := f.Result()
		fmt.Println(i, v, err)
	}
	// Output:
	// 0 1 <nil>
	// 1 4 <nil>
	// 2 9 <nil>
}

func ExampleTryAll() {
	soon := future.Timeout(time.Millisecond, never())
	later := future.Timeout(time.Hour, never())
	all := future.Await(future.TryAll(later, soon))
	fmt.Println(all.Result() == future.ErrTimeout)
	fmt.Println(all.At(0).F().Result()) // was not waited for
	// Output:
	// true
	// future: canceled
}

func ExampleTryAllOf() {
	all := future.Await(future.TryAllOf[int](square(1), square(2), square(3)))
	fmt.Println(all.Result())
	// Output: [1 4 9] <nil>
}

func ExampleJoin() {
	both := future.Await(future.Join(square(3), future.YieldAsync()))
	fmt.Println(both.A().Result())
	// Output: 9 <nil>
}

func ExampleJoin3() {
	three := future.Await(future.Join3(square(3), square(4), square(5)))
	a, _ := three.A().Result()
	b, _ := three.B().Result()
	c, _ := three.C().Result()
	fmt.Println(a + b - c)
	// Output: 0
}

func ExampleSelect2() {
	first := future.Await(future.Select2(never(), square(5)))
	fmt.Println("the winner is", first.Winner())
	fmt.Println(first.A().Result())
	fmt.Println(first.B().Result())
	// Output:
	// the winner is 1
	// future: canceled
	// 25 <nil>
}

func ExampleSelect3() {
	quit := make(chan struct{})
	first := future.Await(future.Select3(never(), future.FromChan(quit), square(5)))
	fmt.Println(first.Winner())
	// Output: 2
}

// A loser that could not be stopped any more: its result is not lost.
func ExampleRace() {
	race := future.Await(future.Race(square(2), square(3)))
	for i, loser := range race.Losers() {
		v, err := loser.Result()
		fmt.Println(i != race.Result(), v*v == 16 || v*v == 81 || err == future.ErrCanceled)
	}
	// Output: true true
}

func ExampleTimeout() {
	t := future.Await(future.Timeout(time.Millisecond, never()))
	fmt.Println(t.TimedOut(), t.F().Result())
	t2 := future.Await(future.Timeout(time.Hour, square(4)))
	fmt.Println(t2.TimedOut())
	fmt.Println(t2.F().Result())
	// Output:
	// true future: canceled
	// false
	// 16 <nil>
}

func ExampleInterval() {
	every := future.NewInterval(time.Millisecond)
	for range 3 {
		if _, err := every.Tick(); err != nil {
			fmt.Println(err)
		}
	}
	late, _ := every.Tick()
	fmt.Println(late >= 1)
	// Output: true
}

func ExampleInterval_TickAsync() {
	every := future.NewInterval(time.Millisecond)
	tick := future.Await(every.TickAsync())
	n, err := tick.Result()
	fmt.Println(n >= 1, err)
	// Output: true <nil>
}

func ExampleShield() {
	// The timeout hits, but what is shielded runs to its end.
	t := future.Await(future.Timeout(1, future.Shield(square(6))))
	fmt.Println(t.F().F().Result())
	// Output: 36 <nil>
}

func ExampleFromFunc() {
	f := future.Await(future.FromFunc(func() (string, error) {
		time.Sleep(time.Millisecond) // anything that blocks
		return "done", nil
	}))
	fmt.Println(f.Result())
	// Output: done <nil>
}

func ExampleFromFuncContext() {
	begun := make(chan bool)
	t := future.Spawn(future.Default(), future.FromFuncContext(func(ctx context.Context) (string, error) {
		close(begun)
		<-ctx.Done()
		return "what there is", ctx.Err()
	}))
	defer t.Release()
	<-begun
	t.Cancel()
	slow, err := t.Wait()
	if err != nil {
		panic(err)
	}
	fmt.Println(slow.Result())
	// Output: what there is context canceled
}

func ExampleFromChan() {
	ch := make(chan string)
	go func() { ch <- "hello" }()
	fmt.Println(future.Await(future.FromChan(ch)).Result())
	close(ch)
	_, err := future.Await(future.FromChan(ch)).Result()
	fmt.Println(err == future.ErrClosed)
	// Output:
	// hello <nil>
	// true
}

func ExampleToChan() {
	ch := make(chan string)
	done := make(chan bool)
	go func() { fmt.Println(<-ch); close(done) }()
	fmt.Println(future.Await(future.ToChan(ch, "hello")).Result())
	<-done
	// Unordered output:
	// hello
	// <nil>
}

func ExampleFromContext() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(future.Await(future.FromContext(ctx)).Result())
	// Output: context deadline exceeded
}

func ExampleWithContext() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	f := future.Await(future.WithContext(ctx, never()))
	fmt.Println(f.Result())
	fmt.Println(f.F().Result())
	// Output:
	// context deadline exceeded
	// future: canceled
}

// A stream of one's own: the numbers from n down.
type countdown struct{ n int }

func (c *countdown) PollNext(cx *future.Context) (p future.Poll, v int, err error) {
	if !cx.Spend() {
		return future.Pending, 0, nil
	}
	if cx.Canceled() {
		return future.Ready, 0, future.ErrCanceled
	}
	c.n--
	return future.Ready, c.n + 1, nil
}

func ExampleStream() {
	var s future.Stream[int] = &countdown{3}
	for range 3 {
		fmt.Println(future.Await(future.Next(s)).Result())
	}
	// Output:
	// 3 <nil>
	// 2 <nil>
	// 1 <nil>
}

func ExampleFromSeq() {
	s := future.FromSeq(slices.Values([]string{"a", "b"}))
	defer s.Close()
	fmt.Println(future.Await(future.Next(s)).Result())
	// Output: a <nil>
}

func ExampleStreamFromChan() {
	ch := make(chan int)
	go func() {
		for i := range 3 {
			ch <- i
		}
		close(ch)
	}()
	fmt.Println(future.Await(future.Collect(future.StreamFromChan(ch))).Result())
	// Output: [0 1 2] <nil>
}

func ExampleForEach() {
	sum := 0
	urls := future.FromSeq(slices.Values([]int{1, 2, 3, 4}))
	// At most two at once.
	each := future.Await(future.ForEach(urls, 2, func(n int) adding { return adding{square(n), &sum} }))
	fmt.Println(sum, each.Result())
	// Output: 30 <nil>
}

// adding adds the result of a future to a sum. All that run on a loop may share it.
type adding struct {
	f   future.FromFuncFuture[int]
	sum *int
}

func (a *adding) Poll(cx *future.Context) future.Poll {
	if a.f.Poll(cx) == future.Pending {
		return future.Pending
	}
	v, _ := a.f.Result()
	*a.sum += v
	return future.Ready
}

func (a *adding) Result() error {
	_, err := a.f.Result()
	return err
}

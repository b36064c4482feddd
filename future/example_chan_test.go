package future_test

import (
	"errors"
	"fmt"

	"github.com/pinion-go/pinion/future"
)

func ExampleChan() {
	c := future.NewChan[int](2)
	go func() {
		defer c.Close()
		for i := range 5 {
			if err := c.Send(i * i); err != nil {
				return
			}
		}
	}()
	for {
		v, err := c.Recv()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(v)
	}
	// Output:
	// 0
	// 1
	// 4
	// 9
	// 16
	// future: closed
}

// doubler passes on twice what it receives.
type doubler struct {
	in, out *future.Chan[int]
	recv    future.ChanRecvFuture[int]
	send    future.ChanSendFuture[int]
	state   int
}

func (d *doubler) Poll(cx *future.Context) future.Poll {
	for {
		switch d.state {
		case 0:
			d.recv, d.state = d.in.RecvAsync(), 1
		case 1:
			if !d.recv.Poll(cx) {
				return future.Pending
			}
			v, err := d.recv.Result()
			if err != nil { // closed or cancelled
				d.out.CloseCx(cx)
				return future.Ready
			}
			d.send, d.state = d.out.SendAsync(2*v), 2
		case 2:
			if !d.send.Poll(cx) {
				return future.Pending
			}
			d.state = 0
		}
	}
}

func ExampleChanRecvFuture() {
	in, out := future.NewChan[int](0), future.NewChan[int](0)
	future.Go(future.Default(), doubler{in: in, out: out})
	for i := range 3 {
		in.Send(i)
		v, _ := out.Recv()
		fmt.Println(v)
	}
	in.Close()
	_, err := out.Recv()
	fmt.Println(err)
	// Output:
	// 0
	// 2
	// 4
	// future: closed
}

func ExampleChanSendFuture() {
	c := future.NewChan[string](1)
	fmt.Println(future.Await(c.SendAsync("hello")).Result())
	fmt.Println(c.TrySend("world"))
	fmt.Println(c.TryRecv())
	// Output:
	// <nil>
	// future: nothing can be sent or received now without waiting
	// hello <nil>
}

// A send that fails hands its value back.
func ExampleSendError() {
	c := future.NewChan[string](0)
	send := future.Spawn(future.Default(), c.SendAsync("parcel"))
	defer send.Release()
	send.Cancel()
	f, err := send.Wait()
	if err != nil {
		fmt.Println(err)
		return
	}
	var e *future.SendError[string]
	if errors.As(f.Result(), &e) {
		fmt.Println(e.Value, errors.Is(e, future.ErrCanceled))
	}
	// Output: parcel true
}

func ExampleOneshot() {
	var answer future.Oneshot[int]
	go answer.Send(42)
	fmt.Println(answer.Recv())
	fmt.Println(answer.Recv())
	// Output:
	// 42 <nil>
	// 0 future: closed
}

func ExampleOneshotRecvFuture() {
	var o future.Oneshot[int]
	go o.Close() // the sender gives up
	fmt.Println(future.Await(o.RecvAsync()).Result())
	// Output: 0 future: closed
}

func ExampleBroadcast() {
	b := future.NewBroadcast[string](8)
	alice, bob := b.Subscribe(), b.Subscribe()
	b.Send("news")
	b.Close()
	fmt.Println(alice.Recv())
	fmt.Println(bob.Recv())
	fmt.Println(bob.Recv())
	// Output:
	// news <nil>
	// news <nil>
	//  future: closed
}

func ExampleBroadcastReceiver() {
	b := future.NewBroadcast[int](8)
	b.Send(1) // nobody has subscribed yet
	r := b.Subscribe()
	b.Send(2)
	fmt.Println(r.TryRecv())
	_, err := r.TryRecv()
	fmt.Println(err == future.ErrWouldBlock)
	// Output:
	// 2 <nil>
	// true
}

func ExampleBroadcastReceiverRecvFuture() {
	b := future.NewBroadcast[int](8)
	r := b.Subscribe()
	go b.Send(7)
	fmt.Println(future.Await(r.RecvAsync()).Result())
	// Output: 7 <nil>
}

// A receiver that is too slow is told what it has missed, and goes on.
func ExampleLaggedError() {
	b := future.NewBroadcast[int](2)
	r := b.Subscribe()
	for i := range 5 {
		b.Send(i)
	}
	_, err := r.Recv()
	var lagged *future.LaggedError
	fmt.Println(errors.As(err, &lagged), lagged.Missed)
	fmt.Println(r.Recv())
	fmt.Println(r.Recv())
	// Output:
	// true 3
	// 3 <nil>
	// 4 <nil>
}

func ExampleWatch() {
	level := future.NewWatch("info")
	r := level.Subscribe()
	level.Set("debug")
	level.Set("warn")
	fmt.Println(r.Changed(), r.Get())
	level.Close()
	fmt.Println(r.Changed())
	// Output:
	// <nil> warn
	// future: closed
}

func ExampleWatcher() {
	w := future.NewWatch(0)
	r := w.Subscribe()
	go func() {
		defer w.Close()
		for i := range 100 {
			w.Set(i + 1)
		}
	}()
	for r.Changed() == nil {
	}
	fmt.Println("the last value:", r.Get())
	// Output: the last value: 100
}

func ExampleWatcherChangedFuture() {
	w := future.NewWatch(1)
	r := w.Subscribe()
	go w.Set(2)
	f := future.Await(r.ChangedAsync())
	fmt.Println(f.Result(), r.Get())
	// Output: <nil> 2
}

package future_test

import (
	"fmt"

	"github.com/pinion-go/pinion/future"
)

// drained waits until a channel is closed, and counts what it receives.
type drained struct {
	ch   <-chan int
	wait *drain
}

type drain struct {
	future.ChanWait
	n int
}

func (f *drained) Poll(cx *future.Context) future.Poll {
	if f.wait == nil {
		w, ch := new(drain), f.ch
		f.wait = w
		w.Begin(cx, "drain", func(stop <-chan struct{}) {
			for {
				select {
				case _, ok := <-ch:
					if !ok {
						return
					}
					w.n++
				case <-stop:
					return
				}
			}
		})
	}
	return future.Poll(f.wait.Poll(cx, cx.Canceled()))
}

func ExampleChanWait() {
	ch := make(chan int)
	go func() {
		for i := range 3 {
			ch <- i
		}
		close(ch)
	}()
	f := &drained{ch: ch}
	fmt.Println(future.Block(f), f.wait.n)
	// Output: <nil> 3
}

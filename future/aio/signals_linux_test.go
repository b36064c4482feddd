package aio_test

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

func TestSignalsAreTakenInOrderOnce(t *testing.T) {
	rt := newRuntime(t, 1)
	defer shutdown(t, rt)
	q := aio.Signals(syscall.SIGUSR1, syscall.SIGUSR2)
	for i := range 20 {
		sig := []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2}[i%2]
		canceled := future.Spawn(rt, q.NextAsync())
		canceled.Cancel()
		p, err := canceled.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Result(); !errors.Is(err, future.ErrCanceled) {
			t.Fatal(err)
		}
		canceled.Release()
		if err := syscall.Kill(os.Getpid(), sig); err != nil {
			t.Fatal(err)
		}
		var got os.Signal
		if i%3 == 0 {
			got, err = q.Next()
		} else {
			got, err = waits(t, rt, q.NextAsync()).Result()
		}
		if got != sig || err != nil {
			t.Fatal(i, got, err)
		}
	}
	q.Close()
	q.Close()
	if _, err := q.Next(); !errors.Is(err, future.ErrClosed) {
		t.Error(err)
	}
}

func ExampleSignals() {
	q := aio.Signals(syscall.SIGHUP)
	defer q.Close()
	syscall.Kill(os.Getpid(), syscall.SIGHUP)
	fmt.Println(q.Next())
	// Output: hangup <nil>
}

func ExampleSignalQueue() {
	q := aio.Signals(syscall.SIGHUP)
	syscall.Kill(os.Getpid(), syscall.SIGHUP)
	next := q.NextAsync()
	if err := future.Block(&next); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(next.Result())
	q.Close()
	fmt.Println(q.Next())
	// Output:
	// hangup <nil>
	// <nil> future: closed
}

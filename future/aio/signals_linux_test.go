package aio_test

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

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

// TestAFloodOfSignalsHidesNoOtherKind, and has a bound.
func TestAFloodOfSignalsHidesNoOtherKind(t *testing.T) {
	q := aio.Signals(syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGUSR1, syscall.SIGTERM)
	defer q.Close()
	flood := func() {
		for range 5000 {
			if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
				t.Fatal(err)
			}
		}
	}
	flood()
	syscall.Kill(os.Getpid(), syscall.SIGUSR2)
	flood()
	syscall.Kill(os.Getpid(), syscall.SIGTERM)
	counts := map[os.Signal]int{}
	within(t, "each kind comes", func() {
		for counts[syscall.SIGUSR2] == 0 || counts[syscall.SIGTERM] == 0 {
			s, err := q.Next()
			if err != nil {
				t.Error(err)
				return
			}
			counts[s]++
		}
	})
	flood()
	syscall.Kill(os.Getpid(), syscall.SIGUSR2) // the last
	eventually(t, "the last one is there", func() (any, bool) {
		n := aio.Waiting(q)
		return n, n >= 2
	})
	time.Sleep(20 * time.Millisecond)
	rest := aio.Waiting(q)
	if rest > 16+3 {
		t.Errorf("%d wait, of 3 kinds", rest)
	}
	q.Close()
	last := map[os.Signal]int{}
	for {
		s, err := q.Next()
		if errors.Is(err, future.ErrClosed) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		last[s]++
	}
	if last[syscall.SIGUSR1] == 0 || last[syscall.SIGUSR2] != 1 || counts[syscall.SIGTERM] != 1 {
		t.Errorf("%v, then %v", counts, last)
	}
	t.Logf("%v, then %v", counts, last)
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

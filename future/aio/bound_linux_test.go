package aio_test

import (
	"runtime"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// exit ends the goroutine that polls it.
type exit struct{}

func (*exit) Poll(*future.Context) future.Poll {
	runtime.Goexit()
	return future.Ready
}

// TestTheLoopKeepsItsThreadThroughGoexit: the ring belongs to a thread, and a poll has ended
// the goroutine that was locked to it.
func TestTheLoopKeepsItsThreadThroughGoexit(t *testing.T) {
	before, fds := aio.ReadLedger(), descriptors(t)
	rt := newRuntime(t, 1)
	a, b := pair(t)
	for i := range 100 {
		exited := future.Spawn(rt, exit{})
		if _, err := exited.Wait(); err == nil {
			t.Fatal("Goexit was no error")
		}
		exited.Release()
		var got []byte
		read := future.Spawn(rt, nextAsync(b, &got))
		a.Write([]byte{byte(i)})
		if _, err := read.Wait(); err != nil || len(got) != 1 || got[0] != byte(i) {
			t.Fatalf("after %d exits: %v, %v", i+1, got, err)
		}
		read.Release()
	}
	a.Close()
	b.Close()
	shutdown(t, rt)
	balanced(t, before, fds)
}

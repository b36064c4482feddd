package pin

import (
	"runtime"
	"testing"
)

func TestBlockIsAliveUntilCloseWithoutAnyPointerToIt(t *testing.T) {
	collected := make(chan struct{})
	// Only the pinner, which the registry has in any case, leaves this function.
	pins := func() *pinner {
		b, err := NewBlock[[64]*int](10)
		if err != nil {
			t.Fatal(err)
		}
		runtime.AddCleanup(b.At(0), func(struct{}) { close(collected) }, struct{}{})
		return b.pins
	}()
	for range 3 {
		runtime.GC()
	}
	select {
	case <-collected:
		t.Fatal("the block was collected before Close")
	default:
	}
	pins.release()
	runtime.GC()
	<-collected
}

func TestForgottenBlockDoesNotCrashTheProcess(t *testing.T) {
	before := pinnersLive()
	p := func() *pinner {
		b, err := NewBlock[int](10)
		if err != nil {
			t.Fatal(err)
		}
		return b.pins
	}()
	if got := pinnersLive(); got != before+1 {
		t.Fatalf("%d pinners are kept, want %d", got, before+1)
	}
	// A runtime.Pinner out of reach would panic in its finalizer here.
	runtime.GC()
	runtime.GC()
	p.release()
	if got := pinnersLive(); got != before {
		t.Fatalf("%d pinners are kept after Close, want %d", got, before)
	}
}

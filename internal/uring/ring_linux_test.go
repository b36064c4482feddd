package uring

import (
	"os"
	"regexp"
	"runtime"
	"testing"
	"time"
)

// TestARingEndsBeforeItsThread: a thread that has registered a ring keeps it, and with it the memory
// that is registered there, though its descriptor is closed.
func TestARingEndsBeforeItsThread(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	mem := make([]byte, 1<<20)
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(&mem[0])
	before := pinned(t)
	r, err := New(8, true)
	if err != nil {
		t.Skip(err)
	}
	if err := r.Enable(); err != nil {
		t.Fatal(err)
	}
	defer runtime.UnlockOSThread() // what Enable has locked
	if r.flags&enterRegRing == 0 {
		t.Skip("the kernel registers no rings")
	}
	if err := r.RegisterBuffers(1); err != nil {
		t.Skip(err)
	}
	if err := r.UpdateBuffer(0, mem); err != nil {
		t.Fatal(err)
	}
	if got := pinned(t); got == before {
		t.Skip("the kernel does not count what is registered")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	for end := time.Now().Add(10 * time.Second); pinned(t) != before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s are pinned, and were %s", pinned(t), before)
		}
	}
}

// pinned returns what the kernel says it has pinned of this process.
func pinned(t *testing.T) string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	return string(regexp.MustCompile(`VmPin:.*`).Find(status))
}

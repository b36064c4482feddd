package pin

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/pinion-go/pinion/unsafeptr"
)

// CheckRuntime tests, once per process, what this package takes for granted about the
// Go runtime and what no language specification promises:
//
//   - an object on the heap keeps its address when a stack grows, and when it is pinned and unpinned;
//   - a Pinner may pin the same object twice, and may be used again after Unpin;
//   - a slot is its header and then, 16 bytes on, its value, and the elements of a slice
//     of slots follow each other without gaps, aligned for their fields.
//
// It returns nil or a [*RuntimeError]. [NewArena], [New] and [NewBlock] call it and return
// its error, so that a future runtime which does otherwise is refused at the start and not
// met as corrupted memory. It takes some microseconds, forces no collection, and proves
// nothing that only a collection could show: a collector that moves unpinned objects is
// allowed, since all that this package hands out is pinned.
//
// The idea of a program that refuses to start is go4.org/unsafe/assume-no-moving-gc.
//
// Any goroutine may call CheckRuntime.
func CheckRuntime() error { return runtimeVerdict() }

// runtimeVerdict is the result of the checks. Tests put a failing one in its place.
var runtimeVerdict = sync.OnceValue(func() error { return checkAll(runtimeChecks[:]) })

// A runtimeCheck returns what it found instead of its assumption, or "".
type runtimeCheck struct {
	assumption string
	run        func() (found string)
}

var runtimeChecks = [...]runtimeCheck{
	{"a heap object keeps its address when a stack grows", checkStackGrowth},
	{"pinning and unpinning keep a heap object where it is", checkPinner},
	{"a slot is a header of 16 bytes and then the value, and slots follow each other without gaps", checkSlots},
}

func checkAll(checks []runtimeCheck) error {
	for _, c := range checks {
		if found := runCheck(c); found != "" {
			return runtimeError(c.assumption, found)
		}
	}
	return nil
}

func runtimeError(assumption, found string) *RuntimeError {
	return &RuntimeError{
		Assumption: assumption,
		Found:      found,
		Version:    runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
	}
}

// runCheck runs c and takes a panic, such as one of runtime.Pinner, for what it found.
func runCheck(c runtimeCheck) (found string) {
	defer func() {
		if v := recover(); v != nil {
			found = fmt.Sprintf("the check panicked: %v", v)
		}
	}()
	return c.run()
}

// checkStackGrowth grows the stack of a goroutine of its own, so that the
// caller's stays small.
func checkStackGrowth() string {
	p := onHeap(new([4]uint64))
	before := unsafeptr.Addr(p)
	done := make(chan uintptr)
	go func() {
		growStack(64)
		done <- unsafeptr.Addr(p)
	}()
	if after := <-done; after != before {
		return fmt.Sprintf("an object at %#x is now at %#x", before, after)
	}
	return ""
}

// growStack uses at least n KiB of stack.
//
//go:noinline
func growStack(n int) byte {
	var frame [1024]byte
	frame[n%len(frame)] = byte(n)
	if n == 0 {
		return frame[0]
	}
	return growStack(n-1) + frame[0]
}

func checkPinner() string {
	p := onHeap(new([4]uint64))
	before := unsafeptr.Addr(p)
	pins := newPinner()
	defer pins.release()
	for range 2 {
		pins.pin(p)
		pins.pin(&p[2]) // an interior pointer pins the object around it
		if now := unsafeptr.Addr(p); now != before {
			return fmt.Sprintf("an object at %#x was pinned at %#x", before, now)
		}
		pins.p.Unpin()
		if now := unsafeptr.Addr(p); now != before {
			return fmt.Sprintf("an object at %#x was at %#x once unpinned", before, now)
		}
	}
	return ""
}

func checkSlots() string {
	type value struct {
		n uint64
		p *byte
	}
	s := onHeap(new([3]slot[value]))
	for i := range s {
		at := unsafeptr.Addr(&s[i].header)
		if off := unsafeptr.Addr(&s[i].value) - at; off != headerSize {
			return fmt.Sprintf("the value stands %d bytes after the header", off)
		}
		if align := unsafeptr.LayoutOf[value]().Align; at%align != 0 {
			return fmt.Sprintf("the slot at %#x is not aligned to %d bytes", at, align)
		}
		if want := unsafeptr.Addr(&s[0].header) + uintptr(i)*unsafeptr.LayoutOf[slot[value]]().Size; at != want {
			return fmt.Sprintf("slot %d is at %#x and not at %#x", i, at, want)
		}
	}
	return ""
}

// heapSink makes what passes through onHeap escape.
var heapSink struct {
	sync.Mutex
	p any // guarded by the mutex
}

// onHeap returns p, which the compiler cannot have left on the stack.
func onHeap[T any](p *T) *T {
	heapSink.Lock()
	heapSink.p = p
	heapSink.p = nil
	heapSink.Unlock()
	return p
}

package pin

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pinion-go/pinion/unsafeptr"
)

// The errors that [Arena.New], [Make] and [Arena.Invariants] return, possibly wrapped: use errors.Is.
var (
	ErrFull     = errors.New("pin: the arena is full; release values, or give it a larger Capacity")
	ErrClosed   = errors.New("pin: the arena is closed; make values before Close, or in another arena")
	ErrInitOver = errors.New("pin: Make with a Builder whose Init has returned; make all parts before that")
	ErrCorrupt  = errors.New("pin: the memory of an arena contradicts itself; something has written outside of its value, or two goroutines have used the arena at once")
)

// A StaleError says that a handle was used whose value is gone, or that is not the arena's. The methods of [Pin]
// panic with it, [Arena.Check] returns it.
type StaleError struct {
	Want    uint32  // the handle's generation, 0 for the zero Pin
	Got     uint32  // the slot's generation: 0 if the arena's memory was given back
	Addr    uintptr // where the value was
	Type    string  // the handle's
	Foreign bool    // from Check: the handle is not of that arena
}

func (e *StaleError) Error() string {
	var why string
	switch {
	case e.Want == 0:
		return fmt.Sprintf("pin: the zero Pin[%s] was used, which is no value's handle; use one that New has returned without an error", e.Type)
	case e.Foreign:
		why = "it is a handle of another arena; use it there"
	case e.Got == 0:
		why = "the arena was closed; use no handles after Close"
	case e.Got == e.Want+1:
		why = "the value was released; use Try to find out, or Hold to keep it"
	default:
		why = "the value was released and its slot used again; use Try to find out, or Hold to keep it"
	}
	return fmt.Sprintf("pin: stale Pin[%s] of %#x: its generation is %d, the slot's is %d: %s", e.Type, e.Addr, e.Want, e.Got, why)
}

// A HoldError says that Hold and Unhold of a pinned value do not match.
type HoldError struct {
	Addr  uintptr // of the value
	Gen   uint32  // of its handles
	Holds uint32  // 0: Unhold without Hold; otherwise one Hold too many to be counted
	Type  string  // the handle's
}

func (e *HoldError) Error() string {
	why := "Unhold without Hold; call it once for each Hold"
	if e.Holds != 0 {
		why = fmt.Sprintf("Hold of a value that is held %d times; call Unhold for each Hold", e.Holds)
	}
	return fmt.Sprintf("pin: Pin[%s] of %#x, generation %d: %s", e.Type, e.Addr, e.Gen, why)
}

// A LeakError says that an arena cannot be closed yet. Nothing was freed.
type LeakError struct {
	Type   string // of the values
	Pinned int    // values that were not released
	Held   int    // values that were released but are still held
	Busy   int    // values of which an init or a Drop is running: Close was called by it
	Leaks  []Leak // the first 32 of those pinned and held
}

// A Leak is a value that keeps an arena from being closed.
type Leak struct {
	Addr  uintptr // of the value
	Gen   uint32  // of its handles
	Holds uint32  // how often it is held
	Done  bool    // it was released, and waits for its holders
	Where string  // with Options.Trace, who called New: a line for each frame
}

func (e *LeakError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "pin: the arena of %s cannot be closed: %d values are pinned, %d are held, %d are being built or dropped; release them, and then close it again", e.Type, e.Pinned, e.Held, e.Busy)
	for _, l := range e.Leaks {
		fmt.Fprintf(&b, "\n\t%s", l)
	}
	if more := e.Pinned + e.Held - len(e.Leaks); more > 0 {
		fmt.Fprintf(&b, "\n\tand %d more", more)
	}
	return b.String()
}

// String returns l in one line, and one more for each frame of Where.
func (l Leak) String() string {
	state := "pinned"
	if l.Done {
		state = "released"
	}
	s := fmt.Sprintf("%#x, generation %d, %s, held %d times", l.Addr, l.Gen, state, l.Holds)
	if l.Where != "" {
		s += ", from\n\t\t" + strings.ReplaceAll(l.Where, "\n", "\n\t\t")
	}
	return s
}

// A PoisonError says that something has written to a value after it was reclaimed, through a pointer that
// was taken before. [Arena.New] panics with it in an arena with [Options].Debug.
type PoisonError struct {
	Addr   uintptr // of the value that was there
	Offset uintptr // of the first byte in it that was changed
	Found  byte    // what this byte is
	Want   byte    // what it should be
	Type   string  // of the value
}

func (e *PoisonError) Error() string {
	return fmt.Sprintf("pin: the reclaimed %s at %#x was written to: byte %d is %#x, not %#x; release it later, or Hold it for whoever keeps a pointer",
		e.Type, e.Addr, e.Offset, e.Found, e.Want)
}

// A PointerError says that values of a type cannot be off-heap: the collector would not find the Go pointers in
// them, and would free what they point at.
type PointerError struct {
	Type    string // of the values
	Path    string // the way from a value to its first pointer, as in "conn.buf[0].next"; empty if it is one itself
	Pointer string // the type found there
}

func (e *PointerError) Error() string {
	where := e.Path
	if where == "" {
		where = "the value"
	}
	return fmt.Sprintf("pin: values of type %s cannot be off-heap: %s is a %s, which holds a Go pointer; use an index or an unsafeptr.Rel for it, or leave OffHeap out",
		e.Type, where, e.Pointer)
}

// A RangeError says that something does not lie in the object that it has to be a part of. [Field], [Bind] and
// [BindSlice] panic with it. It holds numbers only and keeps nothing alive.
type RangeError struct {
	Op         string  // the function that checked
	What       string  // what lies outside
	Addr, Size uintptr // where it lies, and its bytes

	OwnerAddr, OwnerSize uintptr // the object in which it should lie
}

func rangeError(op, what string, r, owner unsafeptr.Range) *RangeError {
	return &RangeError{
		Op: op, What: what,
		Addr: r.Base(), Size: r.Size(),
		OwnerAddr: owner.Base(), OwnerSize: owner.Size(),
	}
}

func (e *RangeError) Error() string {
	return fmt.Sprintf("pin: %s: %s [%#x,+%d) is not in the owner [%#x,+%d); only a part of the pinned object has its lifetime, pin other things by themselves",
		e.Op, e.What, e.Addr, e.Size, e.OwnerAddr, e.OwnerSize)
}

// A StaleSelfError says that an object's pointer to itself points, or lies, elsewhere:
// the object was copied or moved after [Bind].
type StaleSelfError struct {
	Self   uintptr // where the Self or SelfSlice is
	Points uintptr // where it points
	Type   string  // of what it points at

	OwnerAddr, OwnerSize uintptr // the object in which both should be
}

func (e *StaleSelfError) Error() string {
	return fmt.Sprintf("pin: the Self at %#x points at a %s at %#x; they are not both in the owner [%#x,+%d), which was copied or moved after Bind; bind it again, or use the original",
		e.Self, e.Type, e.Points, e.OwnerAddr, e.OwnerSize)
}

// A MovedError says that a value which had been pinned was found at another
// address: it was copied, or its memory moved. [Anchor.Check] panics with it.
type MovedError struct {
	Pinned uintptr // where the value's Anchor was first checked
	Now    uintptr // where it, or its copy, was found
}

func (e *MovedError) Error() string {
	return fmt.Sprintf("pin: a value pinned at %#x was found at %#x: it was copied, or lived on a stack or in a slice or map that grew; use it through a pointer, and keep it in an Arena, in New or in a Block",
		e.Pinned, e.Now)
}

// A CapacityError says that a number of values cannot be had: it is negative, or
// their bytes exceed the addresses that there are.
type CapacityError struct {
	Op       string  // what was asked for the values, as in "NewBlock"
	Capacity int     // the number of values asked for
	Size     uintptr // bytes of each, as unsafe.Sizeof has it
	Type     string  // of the values
}

func (e *CapacityError) Error() string {
	why := "the number must not be negative"
	if e.Capacity >= 0 {
		why = "so many bytes have no addresses; ask for fewer"
	}
	return fmt.Sprintf("pin: %s of %d values of type %s, %d bytes each: %s", e.Op, e.Capacity, e.Type, e.Size, why)
}

// A RuntimeError says that this Go runtime does not keep what this package relies on.
// Nothing can be pinned then: [NewArena], [New] and [NewBlock] return it.
type RuntimeError struct {
	Assumption string // what should hold
	Found      string // what was seen instead
	Version    string // of the runtime, with its operating system and architecture
}

func (e *RuntimeError) Error() string {
	return fmt.Sprintf("pin: this Go runtime (%s) breaks an assumption without which pinned memory could be corrupted: %s; found that %s; build with a Go release that this version of pinion supports",
		e.Version, e.Assumption, e.Found)
}

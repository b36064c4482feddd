package future

import (
	"errors"
	"reflect"
	"runtime"
	"sync"
)

// ErrBlockedPoll is returned by a blocking call, or is what it panics with where
// it has no error to return, when it would have blocked inside a poll: the whole
// loop would have stood still.
var ErrBlockedPoll = errors.New("future: a blocking call inside a poll would stop its loop; call the Async twin and return Pending, or move the call to FromFunc")

// pollFrames returns the entries of the functions under which futures run. It is
// set by an init function since these functions use it themselves.
var pollFrames func() map[uintptr]bool

func init() {
	pollFrames = sync.OnceValue(func() map[uintptr]bool {
		frames := make(map[uintptr]bool)
		for _, f := range []any{(*Loop).batch, (*Loop).guardTask, (*Loop).onPanic, (*Loop).pollRoot, (*Loop).pollAbort, (*slab).build, beside} {
			frames[entryOf(f)] = true
		}
		return frames
	})
}

// Beside runs f on a goroutine of its own. The poll must wait until f is over, or waits
// for the poll in its turn: f is part of it, and a blocking call in f is one in a poll.
// A panic in f ends the program. It is for generated code, see package frame.
func (cx *Context) Beside(f func()) { go beside(f) }

// beside is a frame that inPoll looks for.
//
//go:noinline
func beside(f func()) { f() }

// entryOf returns the entry of function f.
func entryOf(f any) uintptr { return reflect.ValueOf(f).Pointer() }

// inPoll reports whether the calling goroutine is inside a poll. It walks the
// callers, about a microsecond, and is called only by those about to block.
func inPoll() bool { return pollDepth(1) > 0 }

// pollDepth returns how many polls the calling goroutine is inside, or limit if
// there are more. In a deferred call it counts what has panicked.
func pollDepth(limit int) (depth int) {
	frames := pollFrames()
	var pcs [32]uintptr
	for skip := 3; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		for _, pc := range pcs[:n] {
			// FuncForPC gives the outermost function's entry also when it has
			// been inlined into.
			if f := runtime.FuncForPC(pc - 1); f != nil && frames[f.Entry()] {
				if depth++; depth == limit {
					return depth
				}
			}
		}
		if n < len(pcs) {
			return depth
		}
	}
}

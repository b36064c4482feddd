package streams

import "github.com/pinion-go/pinion/unsafeptr"

// stackEvery is the number of polls of one stream from one forced growth of the
// stack to the next.
const stackEvery = 32

// growStack makes the calling goroutine's stack grow, unless it is large already:
// the collector shrinks it again. It returns 1 if the stack has moved, else 0.
func growStack() int64 {
	var here byte
	before := unsafeptr.Addr(&here)
	descend(16)
	if unsafeptr.Addr(&here) != before {
		return 1
	}
	return 0
}

// descend uses 1 KiB of stack for each level.
//
//go:noinline
func descend(levels int) byte {
	var frame [1 << 10]byte
	frame[levels] = byte(levels)
	if levels > 0 {
		frame[0] = descend(levels - 1)
	}
	return frame[levels] + frame[0]
}

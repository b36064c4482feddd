package aio

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future"
)

// BufferOf returns the buffer of a read.
func BufferOf(f *FileIOFuture) []byte { return f.j.p }

// Option returns a number that is set at a socket, -1 if there is none.
func Option(c *Conn, level, name int) int {
	v, err := unix.GetsockoptInt(int(c.fd), level, name)
	if err != nil {
		return -1
	}
	return v
}

// CountKinds raises the numbers of operations in m to those that are under way on the two loops of
// rt now, by kind; it knows reads and writes of files from those of pipes.
func CountKinds(rt *future.Runtime, m map[string]int) {
	now := make(map[string]int)
	for i := range 2 {
		counted := make(chan struct{})
		rt.Loop(i).Do(func(l *future.Loop) {
			defer close(counted)
			countKinds(l.Driver().(*engine), now)
		})
		<-counted
	}
	raise(m, now)
}

// FixedPools returns how many pools of [Buffers] the ring of a loop knows, -1 if it has none.
func FixedPools(l *future.Loop) int {
	n := make(chan int)
	l.Do(func(l *future.Loop) {
		k, ok := l.Driver().(*engine).k.(*uringKernel)
		if !ok {
			n <- -1
			return
		}
		pools := 0
		for _, b := range k.fixed.pools {
			if b != nil {
				pools++
			}
		}
		n <- pools
	})
	return <-n
}

// SetAckGrace sets how long an abort waits before it resets connections, until the function that it returns is called.
func SetAckGrace(d time.Duration) func() {
	before := ackGrace
	ackGrace = d
	return func() { ackGrace = before }
}

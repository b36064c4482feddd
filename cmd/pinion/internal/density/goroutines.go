package density

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/cmd/pinion/internal/measure"
)

// Goroutines does with c.N goroutines what [Tasks] does with tasks: each has the
// same state, and waits for a channel.
func Goroutines(ctx context.Context, c Config) (f Figures, err error) {
	c.stage("giving back memory before the goroutines")
	before, _ := measure.Memory()
	begin := time.Now()
	gate := make(chan struct{})
	var parked, wrong atomic.Int64
	var all sync.WaitGroup
	open := sync.OnceFunc(func() { close(gate) })
	defer all.Wait()
	defer open()

	c.stage("parking goroutines")
	for id := range c.N {
		all.Go(func() { wait(uint32(id), gate, &parked, &wrong) })
		if id%batch == batch-1 || id == c.N-1 {
			if ctx.Err() != nil {
				return f, nil
			}
			for parked.Load() <= int64(id) {
				runtime.Gosched()
			}
			f.N = id + 1
		}
	}
	f.Start = time.Since(begin)

	c.stage("collecting parked goroutines")
	after, how := measure.Memory()
	f.BytesEach, f.How = each(before, after, c.N), how
	f.GC = measure.Collection()
	if ctx.Err() != nil {
		return f, nil
	}

	c.stage("waking goroutines")
	begin = time.Now()
	open()
	all.Wait()
	f.Finish = time.Since(begin)
	if n := wrong.Load(); n > 0 {
		c.Faults.Add(fault.Mismatch, "the goroutines", "%d of %d have lost their state", n, c.N)
	}
	f.Done = true
	return f, nil
}

// wait is a goroutine's counterpart of a sleeper: the same state, on its stack.
//
//go:noinline
func wait(id uint32, gate chan struct{}, parked, wrong *atomic.Int64) {
	state := [4]uint64{uint64(id), sealOf(id), 0, 0}
	self := &state[1]
	parked.Add(1)
	<-gate
	if *self != sealOf(uint32(state[0])) {
		wrong.Add(1)
	}
}

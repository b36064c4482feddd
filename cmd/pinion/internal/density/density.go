// Package density parks a great number of futures, and of goroutines, and tells
// what they cost.
package density

import (
	"context"
	"fmt"
	"time"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/cmd/pinion/internal/measure"
	"github.com/pinion-go/pinion/future"
)

// Figures are what N parked tasks or goroutines cost.
type Figures struct {
	N         int           // that were parked: all, unless the context ended
	BytesEach float64       // of memory, all overhead included
	How       string        // it was measured: see measure.Memory
	GC        float64       // a full collection while they are parked, in ms
	Start     time.Duration // of all, until they are parked
	Finish    time.Duration // from the first wake until all have finished
	Done      bool          // all this was measured: the context did not end
}

// Config says what is to be parked.
type Config struct {
	N      int           // at most MaxN
	Faults *fault.Ledger // where what goes wrong is recorded
	Plant  fault.Kind    // a fault to be committed by one of the tasks

	// Began, if not nil, is called with the loop on which the tasks will be.
	Began func(l *future.Loop)
	// Parked, if not nil, is called when all tasks are parked and measured.
	Parked func()
	// Stage, if not nil, is told what happens next.
	Stage func(what string)
}

func (c Config) stage(what string) {
	if c.Stage != nil {
		c.Stage(what)
	}
}

// MaxN is the most tasks that can be parked at once.
const MaxN = 1<<31 - 1

// batch is how many tasks or goroutines are started before they get to run: what
// is queued takes memory as well, and is not what is to be measured.
const batch = 1 << 12

// Tasks parks N tasks on a loop, measures, has each wake the next, and verifies
// that each of them finishes as it was parked. When ctx ends, so does it, with
// all tasks drained.
func Tasks(ctx context.Context, c Config) (f Figures, err error) {
	c.stage("giving back memory before the tasks")
	before, _ := measure.Memory()
	begin := time.Now()
	loop, err := future.NewLoop(future.Config{})
	if err != nil {
		return f, err
	}
	led := &ledger{faults: c.Faults, plant: c.Plant, victim: uint32(c.N / 2)}
	defer func() {
		f.N = led.parked
		shutdown(loop, led)
	}()
	if c.Began != nil {
		c.Began(loop)
	}

	c.stage("parking tasks")
	var last future.Waker
	for id := range c.N {
		t := future.Spawn(loop, sleeper{ledger: led, id: uint32(id), next: last})
		last = t.Waker()
		if c.Plant != fault.Leaked || uint32(id) != led.victim {
			t.Release() // it runs on, and is reclaimed when it is done
		}
		if id%batch == batch-1 || id == c.N-1 {
			if ctx.Err() != nil {
				return f, nil
			}
			if err := loop.RunUntilIdle(); err != nil {
				c.Faults.Add(fault.Panicked, "a sleeper", "%v", err)
				return f, nil
			}
		}
	}
	f.Start = time.Since(begin)
	if led.parked != c.N {
		c.Faults.Add(fault.LostWake, "the loop", "it is idle, and %d of %d tasks that were spawned were polled", led.parked, c.N)
		return f, nil
	}

	c.stage("collecting parked tasks")
	after, how := measure.Memory()
	f.BytesEach, f.How = each(before, after, c.N), how
	f.GC = measure.Collection()
	if c.Parked != nil {
		c.Parked()
	}
	if ctx.Err() != nil {
		return f, nil
	}

	c.stage("waking tasks")
	begin = time.Now()
	led.woken = uint32(c.N - 1)
	last.Wake()
	if err := loop.RunUntilIdle(); err != nil {
		c.Faults.Add(fault.Panicked, name(led.woken), "%v", err)
		return f, nil
	}
	f.Finish = time.Since(begin)
	if led.finished < c.N {
		c.Faults.Add(fault.LostWake, name(led.woken), "it was woken and not polled, and the loop is idle; %d of %d have finished", led.finished, c.N)
		return f, nil
	}
	f.Done = true
	return f, nil
}

// each divides what memory has grown by among n. It is 0 if it has not, as with
// few of them it may.
func each(before, after uint64, n int) float64 {
	return max(0, float64(after)-float64(before)) / float64(n)
}

func name(id uint32) string { return fmt.Sprintf("sleeper %d", id) }

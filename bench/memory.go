package bench

import (
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

const million = 1_000_000

func memoryPairs() []Pair {
	tasks := func(n int, metric string) Side {
		return Side{"tasks", childMetric("parked-tasks", n, metric)}
	}
	plain := func(n int, metric string) Side {
		return Side{"tasks without pointers", childMetric("parked-plain", n, metric)}
	}
	goroutines := func(metric string) Side {
		return Side{"goroutines", childMetric("parked-goroutines", million, metric)}
	}
	return []Pair{{
		Name: "ParkedMemory", What: "parked task, 32 B of state and a pointer to itself, by RSS",
		Ours: tasks(million, "B/task"), Theirs: goroutines("B/task"),
		Mark: 1.0 / 25, Limit: 96, Unit: "B/task",
	}, {
		Name: "ParkedGC", What: "full collection with a million parked",
		Ours: tasks(million, "gc-ms"), Theirs: goroutines("gc-ms"),
		Unit: "gc-ms",
	}, {
		Name: "TenMillionMemory", What: "10 million parked tasks: memory, beside 1 million goroutines",
		Ours: tasks(10*million, "MiB"), Theirs: goroutines("MiB"),
		Limit: 1024, Unit: "MiB",
	}, {
		Name: "TenMillionGC", What: "10 million parked tasks with pointers: full collection, beside 1 million goroutines",
		Ours: tasks(10*million, "gc-ms"), Theirs: goroutines("gc-ms"),
		Limit: 150, Unit: "gc-ms",
	}, {
		Name: "TenMillionPlainGC", What: "the same without pointers in their state",
		Ours: plain(10*million, "gc-ms"), Theirs: goroutines("gc-ms"),
		Limit: 10, Unit: "gc-ms",
	}}
}

// parked waits to be woken once. It owns 32 bytes and points into itself.
type parked struct {
	anchor pin.Anchor
	self   pin.Self[byte]
	state  [32]byte
}

func (p *parked) Poll(cx *future.Context) future.Poll {
	if !p.anchor.Pinned() {
		p.anchor.Check()
		p.state[7] = 42
		pin.Bind(p, &p.self, &p.state[7])
		return future.Pending
	}
	p.anchor.Check()
	if *p.self.Get() != 42 {
		panic("the pointer into itself is stale")
	}
	return future.Ready
}

// plain is parked without a Go pointer: it knows its byte by its index.
type plain struct {
	anchor pin.Anchor
	index  uint64
	state  [32]byte
}

func (p *plain) Poll(cx *future.Context) future.Poll {
	if !p.anchor.Pinned() {
		p.anchor.Check()
		p.index = 7
		p.state[p.index] = 42
		return future.Pending
	}
	p.anchor.Check()
	if p.state[p.index] != 42 {
		panic("the state is not what was written")
	}
	return future.Ready
}

func parkTasks[F any, P future.Ptr[F]](n int) (map[string]float64, error) {
	l, err := future.NewLoop(future.Config{})
	if err != nil {
		return nil, err
	}
	wakers := make([]future.Waker, n)
	clear(wakers) // touched before the measurement: not to be counted
	before := settledRSS()
	for i := range wakers {
		var fresh F
		t := future.Spawn[F, P](l, fresh)
		wakers[i] = t.Waker()
		t.Release()
	}
	if err := l.RunUntilIdle(); err != nil {
		return nil, err
	}
	m := parkedMetrics(n, before)
	for _, w := range wakers {
		w.Wake()
	}
	return m, l.RunUntilIdle()
}

func parkGoroutines(n int) (map[string]float64, error) {
	before := settledRSS()
	wake, done := make(chan struct{}), make(chan byte, 1024)
	for range n {
		go func() {
			var state [32]byte
			self := &state[7]
			*self = 42
			<-wake
			done <- *self
		}()
	}
	for range 1000 {
		runtime.Gosched()
	}
	m := parkedMetrics(n, before)
	close(wake)
	for range n {
		<-done
	}
	return m, nil
}

// parkedMetrics measures while n of something are parked.
func parkedMetrics(n int, before int64) map[string]float64 {
	rss := settledRSS() - before
	var gcs []float64
	for range 5 {
		start := time.Now()
		runtime.GC()
		gcs = append(gcs, float64(time.Since(start).Nanoseconds())/1e6)
	}
	slices.Sort(gcs)
	return map[string]float64{
		"B/task": float64(rss) / float64(n),
		"MiB":    float64(rss) / (1 << 20),
		"gc-ms":  gcs[len(gcs)/2],
	}
}

// settledRSS returns the resident memory of the process after the collector has
// given back what it can.
func settledRSS() int64 {
	debug.FreeOSMemory()
	return residentBytes()
}

package bench

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pinion-go/pinion/future"
)

func spawnPairs() []Pair {
	return []Pair{{
		Name: "SpawnWait", What: "spawn, run, wait for and release a small future",
		Ours: Side{"task", spawnWait}, Theirs: Side{"goroutine+WaitGroup", goWait},
		Mark: 1.0 / 8, Unit: "ns/op", Allocs: true,
	}, {
		Name: "SpawnInPlace", What: "spawn in place of a 4 KiB frame, beside a 64 B one",
		Ours: Side{"4KiB", spawnInit[frame4K, *frame4K]}, Theirs: Side{"64B", spawnInit[frame64, *frame64]},
		Mark: 1.5, Unit: "ns/op", Allocs: true,
	}, {
		Name: "TwoLoops", What: "spawn and wait on two loops at once, beside one (the inverse of the speed-up)",
		Ours: Side{"2 loops", func(b *testing.B) { loops(b, 2) }}, Theirs: Side{"1 loop", func(b *testing.B) { loops(b, 1) }},
		Mark: 1 / 1.8, Unit: "ns/op",
	}}
}

// small is a future with 32 bytes of state that is Ready at once.
type small struct{ state [4]uint64 }

func (s *small) Poll(cx *future.Context) future.Poll {
	s.state[0]++
	return future.Ready
}

// parent spawns, waits for and releases one child after another.
type parent struct {
	left  int
	child future.TaskWaitFuture[small]
	busy  bool
}

func (p *parent) Poll(cx *future.Context) future.Poll {
	for {
		if p.busy {
			if p.child.Poll(cx) == future.Pending {
				return future.Pending
			}
			p.child.Task().ReleaseCx(cx)
			p.busy = false
			p.left--
		}
		if p.left <= 0 {
			return future.Ready
		}
		p.child = future.Spawn(cx, small{}).WaitAsync()
		p.busy = true
	}
}

func spawnWait(b *testing.B) {
	l := newLoop(b)
	defer shutdown(b, l)
	b.ReportAllocs()
	future.Go(l, parent{left: b.N})
	b.ResetTimer()
	if err := l.RunUntilIdle(); err != nil {
		b.Fatal(err)
	}
}

func goWait(b *testing.B) {
	b.ReportAllocs()
	var wg sync.WaitGroup
	for range b.N {
		wg.Add(1)
		go wg.Done()
		wg.Wait()
	}
}

type frame64 struct {
	buf [56]byte
	n   int
}

func (f *frame64) Poll(cx *future.Context) future.Poll { return future.Ready }

type frame4K struct {
	buf [4088]byte
	n   int
}

func (f *frame4K) Poll(cx *future.Context) future.Poll { return future.Ready }

// nursery spawns children in place, one after another.
type nursery[F any, P future.Ptr[F]] struct {
	left int
	kid  future.TaskWaitFuture[F]
	busy bool
}

func (p *nursery[F, P]) Poll(cx *future.Context) future.Poll {
	for {
		if p.busy {
			if p.kid.Poll(cx) == future.Pending {
				return future.Pending
			}
			p.kid.Task().ReleaseCx(cx)
			p.busy = false
			p.left--
		}
		if p.left <= 0 {
			return future.Ready
		}
		kid, err := future.SpawnInit[F, P](cx, build[F])
		if err != nil {
			panic(err)
		}
		p.kid, p.busy = kid.WaitAsync(), true
	}
}

func build[F any](*F) error { return nil }

func spawnInit[F any, P future.Ptr[F]](b *testing.B) {
	l := newLoop(b)
	defer shutdown(b, l)
	b.ReportAllocs()
	future.Go(l, nursery[F, P]{left: b.N})
	b.ResetTimer()
	if err := l.RunUntilIdle(); err != nil {
		b.Fatal(err)
	}
}

// sharer is a parent that takes the children it is to have from what is left for all, a thousand
// at a time: a core that the machine lends to others for a while does not decide alone how long
// both take.
type sharer struct {
	left *atomic.Int64
	parent
}

const share = 1000

func (s *sharer) Poll(cx *future.Context) future.Poll {
	for {
		if s.parent.Poll(cx) == future.Pending {
			return future.Pending
		}
		n := int(min(share, s.left.Add(-share)+share))
		if n <= 0 {
			return future.Ready
		}
		s.parent.left = n
	}
}

// loops has n loops spawn and wait for b.N children together.
func loops(b *testing.B, n int) {
	rt, err := future.NewRuntime(future.Config{Loops: n})
	if err != nil {
		b.Fatal(err)
	}
	defer shutdown(b, rt)
	var left atomic.Int64
	left.Store(int64(b.N))
	tasks := make([]future.Task[sharer], n)
	b.ResetTimer()
	for i := range tasks {
		tasks[i] = future.Spawn(rt.Loop(i), sharer{left: &left})
	}
	for _, t := range tasks {
		if _, err := t.Wait(); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	for _, t := range tasks {
		t.Release()
	}
}

package streams

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/future"
)

// read reads the streams, and returns when no future and no feeder is left. The
// error is an [*InputError], or that of memory that cannot be pinned.
func (r *run) read(done *Reading) (loops int, err error) {
	begin := time.Now()
	rt, err := future.NewRuntime(future.Config{})
	if err != nil {
		return 0, err
	}
	r.rt = rt
	for i := range rt.Loops() {
		f, err := newFeeder(r, i)
		if err != nil {
			return 0, errors.Join(err, rt.Shutdown(context.Background()))
		}
		r.feeders = append(r.feeders, f)
	}
	atOnce := min(r.cfg.AtOnce, len(r.cfg.Sources))
	r.current = make([]atomic.Pointer[stream], atOnce)
	for i := range atOnce {
		r.lanes = append(r.lanes, future.Spawn(rt.Loop(i%rt.Loops()), lane{run: r, number: i}, future.Named("lane")))
	}
	r.settle()
	if r.cfg.Suspended != nil {
		r.cfg.Suspended(rt)
	}
	// Every stream waits for its first chunk, and survives a collection before it
	// comes.
	runtime.GC()
	r.openFeeders()

	ended := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() { done.Collections = 1 + r.collect(ended) })
	others.Go(func() { r.watch(ended) })
	stop := context.AfterFunc(r.ctx, func() {
		for _, t := range r.lanes {
			t.Cancel()
		}
	})
	for _, t := range r.lanes {
		if _, err := t.Wait(); err != nil {
			r.cfg.Faults.Add(fault.Panicked, "a lane", "%v", err)
		}
		t.Release()
	}
	stop()
	close(ended)
	others.Wait()
	close(r.served)
	r.feeding.Wait()
	r.shutdown()
	done.Elapsed = time.Since(begin)
	r.sum(done)
	return rt.Loops(), r.input
}

// collect forces collections until ended is closed, as long as streams make
// progress. It returns how many.
func (r *run) collect(ended chan struct{}) (n int) {
	pause := time.NewTicker(10 * time.Millisecond)
	defer pause.Stop()
	last := int64(-1)
	for {
		select {
		case <-ended:
			return n
		case <-pause.C:
		}
		if now := r.chunks.Load(); now != last {
			last = now
			runtime.GC()
			n++
		}
	}
}

// openFeeders starts the feeders.
func (r *run) openFeeders() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = true
	for _, f := range r.feeders {
		r.feeding.Go(f.serve)
	}
}

// feederFor returns the feeder for a source that is read in a lane.
func (r *run) feederFor(src *Source, lane int) (*feeder, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !src.Sequential {
		return r.feeders[lane%r.rt.Loops()], nil
	}
	// It may block, and shall not keep others waiting.
	f, err := newFeeder(r, len(r.feeders))
	if err != nil {
		return nil, err
	}
	r.feeders = append(r.feeders, f)
	if r.open {
		r.feeding.Go(f.serve)
	}
	return f, nil
}

// next returns the next stream for a lane, or nil when all were begun or the run
// is given up. What can be read once only is left to the form that comes first.
func (r *run) next(lane int) (*stream, error) {
	i := int(r.started.Add(1)) - 1
	for r.form.async && i < len(r.cfg.Sources) && r.cfg.Sources[i].Sequential {
		i = int(r.started.Add(1)) - 1
	}
	if i >= len(r.cfg.Sources) || r.ctx.Err() != nil {
		return nil, nil
	}
	src := &r.cfg.Sources[i]
	f, err := r.feederFor(src, lane)
	if err != nil {
		return nil, err
	}
	s := &stream{run: r, index: i, src: src, name: r.form.label(src), feeder: f, sizes: *rand.NewPCG(r.cfg.Seed, uint64(i))}
	if i == r.planted {
		s.plant.Store(uint32(r.cfg.Plant))
	}
	return s, nil
}

// end records what came of a stream.
func (r *run) end(s *stream, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.fail(s.src, err)
		return
	}
	r.done[s.index] = outcome{true, s.tally, s.pump}
	r.finished.Add(1)
	r.bytes.Add(s.tally.Bytes)
}

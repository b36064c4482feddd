package future

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Runtime runs futures on several loops, each on a goroutine of its own: by
// default one for each core. A task stays on its loop. Spawn places it on the
// loop with the fewest tasks; [Runtime.Loop] chooses one by hand.
type Runtime struct {
	loops []*Loop
	next  atomic.Uint32
	ended sync.WaitGroup

	once  sync.Once
	err   error           // of Shutdown
	hurry context.Context // ends with the first context of those that Shutdown was given
	cut   context.CancelFunc
}

// NewRuntime returns a running Runtime, which must be shut down. Errors are those
// of cfg.Driver, and of memory that cannot be pinned.
func NewRuntime(cfg Config) (*Runtime, error) {
	if cfg.Loops <= 0 {
		cfg.Loops = runtime.GOMAXPROCS(0)
	}
	r := &Runtime{}
	r.hurry, r.cut = context.WithCancel(context.Background())
	for i := range cfg.Loops {
		l, err := newLoop(cfg, i, r)
		if err != nil {
			for _, l := range r.loops {
				l.abandon()
			}
			return nil, err
		}
		l.enter()
		r.loops = append(r.loops, l)
	}
	for _, l := range r.loops {
		r.ended.Add(1)
		go l.main()
	}
	return r, nil
}

// Default returns the Runtime that serves what has no other: it is started at
// its first use and never shut down.
var Default = sync.OnceValue(func() *Runtime {
	r, err := NewRuntime(Config{})
	if err != nil {
		panic(err)
	}
	return r
})

// Loops returns the number of loops.
func (r *Runtime) Loops() int { return len(r.loops) }

// Loop returns loop i, to spawn on it. It is run by the Runtime: its own methods
// return ErrBusy.
func (r *Runtime) Loop(i int) *Loop { return r.loops[i] }

func (r *Runtime) site() site {
	n := uint32(len(r.loops))
	first := r.next.Add(1)
	best := r.loops[first%n]
	for i := uint32(1); i < n; i++ {
		if l := r.loops[(first+i)%n]; l.busy() < best.busy() {
			best = l
		}
	}
	return site{loop: best, mode: siteRemote}
}

// main runs the loop until it is shut down. A task's Goexit ends the goroutine,
// and another takes over; but if the driver belongs to this thread, the deferred
// call goes on here.
func (l *Loop) main() {
	ended := false
	defer func() {
		if b, ok := l.driver.(Bound); !ended && ok && b.Bound() {
			if v := recover(); v != nil {
				panic(v) // no task's: the loop itself is broken
			}
			l.main()
			return
		}
		if !ended {
			go l.main()
			return
		}
		l.leave()
		l.runtime.ended.Done()
	}()
	l.own.idle.Store(awake)
	for !l.closed {
		if !l.turn() && l.stopping == nil {
			l.sleep()
		}
		if l.err != nil && !l.closing {
			panic(l.err) // of the driver: nothing on this loop would ever go on
		}
		if l.stopping != nil {
			l.stopping.done <- l.shutdown(l.stopping.ctx)
		}
	}
	ended = true
}

// Shutdown cancels all tasks and waits until they are done and the loops have
// ended. From then on nothing can be spawned, and wakers and handles of the
// Runtime are stale.
//
// When ctx ends first, what is left is aborted: each task is polled once more,
// and the operation it waits in withdraws and ends that poll as runtime.Goexit
// would, so that deferred calls run. What lives even then is leaked: its memory
// is never reused.
//
// The error, a *ShutdownError, names the tasks whose handles were not released,
// those that were aborted and those that were leaked. It is nil when there are
// none. Calling Shutdown again waits for the same and returns the same; the first of
// the contexts that ends is the one that counts. It panics if ctx is nil.
func (r *Runtime) Shutdown(ctx context.Context) error {
	needContext(ctx, "Runtime.Shutdown(nil)", drainForEver)
	if inPoll() {
		return ErrBlockedPoll
	}
	if ctx.Err() != nil {
		r.cut()
	}
	defer context.AfterFunc(ctx, r.cut)()
	r.once.Do(func() {
		defer r.cut()
		all := &ShutdownError{}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for _, l := range r.loops {
			wg.Go(func() {
				e := l.shutdownRemote(r.hurry)
				mu.Lock()
				defer mu.Unlock()
				all.add(e)
			})
		}
		wg.Wait()
		if len(all.Stuck) == 0 {
			r.ended.Wait()
		}
		r.err = all.orNil()
	})
	return r.err
}

// busy is how many tasks the loop has or will have, for placement.
func (l *Loop) busy() int64 { return l.load.Load() + l.coming.Load() }

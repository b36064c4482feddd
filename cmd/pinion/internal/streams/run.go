package streams

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/future"
)

// Config says what is to be read, and how.
type Config struct {
	Sources []Source
	AtOnce  int           // how many streams at once, at least 1
	Chunk   int           // the largest chunk in bytes, at least 1
	Seed    uint64        // of the sizes and the order of chunks
	Faults  *fault.Ledger // where what goes wrong is recorded
	Plant   fault.Kind    // a fault to be committed in the largest stream

	// Suspended, if not nil, is called, for each form, when as many streams as fit
	// at once have been begun and wait, and no chunk was delivered.
	Suspended func(rt *future.Runtime)
	// Progress, if not nil, is called ten times a second, from one goroutine.
	Progress func(Progress)
}

// Progress is how far a run has come.
type Progress struct {
	Async          bool // the streams are read by the compiled function
	Checking       bool // all streams were read; now they are read plainly
	Streams, Total int
	Bytes          int64
}

// Reading is what the futures of one form did.
type Reading struct {
	Streams     int   // that were read to their end
	Compared    int   // of these, with a plain reading: all, unless the context ended
	Tally       Tally // the sums of the streams' tallies; Sum is zero
	Chunks      int64 // delivered and taken
	Collections int   // forced while streams were under way
	StackMoves  int64 // of stacks that were made to grow
	Elapsed     time.Duration
}

// Rate returns how fast the streams were read, in MB/s.
func (r *Reading) Rate() float64 {
	return float64(r.Tally.Bytes) / 1e6 / max(r.Elapsed.Seconds(), 1e-9)
}

// Result is what a run did.
type Result struct {
	Reading             // by the future that is written by hand
	Async       Reading // by the one that is compiled, without the sequential sources
	AtOnce      int     // the most streams at once
	Loops       int
	Plain       time.Duration // of the plain reading
	Interrupted bool          // the context ended first
}

// run is the reading in one form, under way.
type run struct {
	cfg     Config
	form    form
	ctx     context.Context // ends when the streams are to be given up
	cancel  context.CancelFunc
	rt      *future.Runtime
	lanes   []future.Task[lane]
	current []atomic.Pointer[stream] // by lane: what it reads
	planted int                      // the index of the source in which a fault is planted

	started    atomic.Int64 // sources that were begun
	chunks     atomic.Int64
	stackMoves atomic.Int64
	finished   atomic.Int64 // streams, for the progress
	bytes      atomic.Int64

	served  chan struct{} // closed when no stream is left to be fed
	feeding sync.WaitGroup

	mu      sync.Mutex
	feeders []*feeder // one for each loop, then one for each sequential source
	open    bool      // feeders serve
	done    []outcome // by source
	input   error     // the first InputError
}

// Run reads the sources as streams, first with futures that are written by hand and
// then with those compiled of a function, and compares each with a plain reading.
// What differs, and what else goes wrong with the futures, is recorded in cfg.Faults.
// Sequential sources are read in the first form only.
// When ctx ends, the streams that are under way are cancelled and drained, and
// the result says what was done until then.
//
// The error is an [*InputError] for a source that cannot be read, or that of
// memory that cannot be pinned. The result is valid in any case.
func Run(ctx context.Context, cfg Config) (Result, error) {
	r := newRun(ctx, cfg, byHand)
	defer r.cancel()
	return r.all(ctx)
}

func newRun(ctx context.Context, cfg Config, form form) *run {
	r := &run{
		cfg:     cfg,
		form:    form,
		served:  make(chan struct{}),
		done:    make([]outcome, len(cfg.Sources)),
		planted: largest(cfg.Sources),
	}
	r.ctx, r.cancel = context.WithCancel(ctx)
	return r
}

// all does all that [Run] does, with r for the first form. ctx is the one that
// r.ctx was made of.
func (r *run) all(ctx context.Context) (res Result, err error) {
	res.AtOnce = min(r.cfg.AtOnce, len(r.cfg.Sources))
	res.Loops, err = r.read(&res.Reading)
	if err != nil {
		return res, err
	}
	second := newRun(ctx, r.cfg, byAsync)
	defer second.cancel()
	if ctx.Err() == nil {
		if _, err = second.read(&res.Async); err != nil {
			return res, err
		}
	}
	begin := time.Now()
	err = check(ctx, r, second, &res)
	res.Plain = time.Since(begin)
	res.Interrupted = ctx.Err() != nil
	return res, err
}

// sum adds up what was done.
func (r *run) sum(done *Reading) {
	for i := range r.done {
		if o := &r.done[i]; o.read {
			done.Streams++
			done.Tally.Lines += o.tally.Lines
			done.Tally.Words += o.tally.Words
			done.Tally.Bytes += o.tally.Bytes
		}
	}
	done.Chunks, done.StackMoves = r.chunks.Load(), r.stackMoves.Load()
}

// largest returns the index of the largest source.
func largest(sources []Source) int {
	best := 0
	for i := range sources {
		if sources[i].Size > sources[best].Size {
			best = i
		}
	}
	return best
}

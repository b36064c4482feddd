package aio

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pinion-go/pinion/future"
)

// A Sim is a simulation: a network and files in memory, and engines for which every decision of
// a kernel is drawn from a seed: which operation is done next, now or later, with how many
// bytes, what a cancel finds, when completions are seen. It makes no system call.
//
// Errors that an engine has to deal with by itself (EINTR, EAGAIN, ENOBUFS, a multishot
// operation that ends, zero copy that is refused) come often; those that a user sees come
// only where [SimConfig] asks for them, or from [Sim.Reset].
//
// A loop of [Sim.NewLoop], run by [Sim.Run], has the simulation's own time, and one goroutine
// does everything: then the same seed gives the same order, to the last byte. On a Runtime
// (Options.Driver "sim") the decisions are still drawn from the seed, but threads race as they
// always do. Deadlines of connections are in the time of their loop, as [future.Timeout] and
// [future.Sleep] are. Those that are counted from [future.Now] in functions that are compiled replay
// exactly; those from time.Now mostly do where they are of whole milliseconds, to which what is left of
// them is rounded up. A Shutdown runs one loop alone: first let what needs the others end.
//
// A Sim also looks at what its engines do, and says so if one breaks a rule: closes a
// descriptor under an operation, forgets an operation before its final completion, gives
// back a buffer twice, or writes to one that it has given back.
type Sim struct {
	cfg SimConfig

	mu      sync.Mutex // protects what follows, and all that descriptors stand for
	rng     *rand.Rand // for decisions that are no engine's
	nodes   []*simNode // by descriptor
	free    []int32    // those that are closed; the last is the next to be used
	open    int
	index   int32 // among all simulations, while open > 0
	names   map[string]*simNode
	files   map[string]*simFile
	port    int
	kernels []*simKernel // of the engines that are not closed
	engines int          // that there ever were
	turn    int          // whose turn it is to serve goroutines
	broken  []error      // rules

	now    atomic.Int64 // the simulation's time; it passes in Run alone, or in a wait of a loop of its own
	called atomic.Bool  // a loop at rest was called

	// Those of NewLoop, which belong to whoever calls that and Run, one goroutine at a time.
	loops  []simLoop
	active bool // the last round has done something, or left something to be done
}

// A simLoop is a loop in the simulation's time, and until when it is stopped.
type simLoop struct {
	*future.Loop
	stopped time.Duration
	stepped bool // since it was stopped
	ended   bool
}

// SimConfig says how a simulation is to be. The zero SimConfig is a good one.
type SimConfig struct {
	// Seed is where all decisions come from.
	Seed uint64
	// Choose takes the decisions instead, if it is not nil. It is asked with
	// [future.ChooseCompletion], and must not use the simulation. Under one that always decides
	// alike some operations are begun again for ever.
	Choose future.Choose
	// Trace is written a line for each decision and each completion.
	Trace io.Writer
	// Buffer is how many bytes a connection or pipe can have on the way in one direction at
	// most, by default 64 KiB. Each has a sixteenth of it, or more; a socket for datagrams has all.
	Buffer int
	// Descriptors is how many can be open, by default 60,000 and at most that. Accepts fail
	// with EMFILE beyond.
	Descriptors int
	// Resets makes one in so many steps of sends and receives find its connection reset, or its
	// datagram refused; 0 is never.
	Resets int
	// Refusals makes one in so many connects of a [Dialer] be refused, and Silences one be
	// answered by nobody, so that it ends by its limit or a cancel; 0 is never.
	Refusals, Silences int
	// Stops makes [Sim.Run] stop a loop for a second of the simulation's time, one in so many times
	// that it would step it while there is anything to do; 0 is never. It steps it once, at least,
	// between two stops.
	Stops int

	// What tests of this package set: the buffers that an engine's pool may have.
	pool int
}

const (
	simName        = "sim"
	simBuffer      = 64 << 10
	simDescriptors = 60_000
)

// NewSim returns a simulation with no engine, and nothing open.
func NewSim(cfg SimConfig) *Sim {
	if cfg.Buffer <= 0 {
		cfg.Buffer = simBuffer
	}
	if cfg.Descriptors <= 0 || cfg.Descriptors > simDescriptors {
		cfg.Descriptors = simDescriptors
	}
	return &Sim{
		cfg:   cfg,
		rng:   rand.New(rand.NewPCG(cfg.Seed, 0)),
		names: make(map[string]*simNode),
		files: make(map[string]*simFile),
		port:  1024,
	}
}

// SimOf returns the simulation of which the loop's engine is, or nil.
func SimOf(l *future.Loop) *Sim {
	if e, ok := l.Driver().(*engine); ok {
		return e.sim
	}
	return nil
}

// Seed returns the seed.
func (s *Sim) Seed() uint64 { return s.cfg.Seed }

// NewDriver makes a driver for a loop; it can be [future.Config].Driver, and does not use its
// argument. A wait with nothing to do lets the simulation's time pass.
func (s *Sim) NewDriver(int) (future.Driver, error) { return s.engine("it was asked for", true), nil }

// NewLoop returns a loop in the simulation's time, for [Sim.Run]. Of cfg, Driver, Clock and Choose
// are not used.
func (s *Sim) NewLoop(cfg future.Config) (*future.Loop, error) {
	cfg.Driver, cfg.Clock, cfg.Choose = s.NewDriver, s, s.decide
	l, err := future.NewLoop(cfg)
	if err != nil {
		return nil, err
	}
	l.OnWake(func() { s.called.Store(true) })
	s.loops = append(s.loops, simLoop{Loop: l, stepped: true})
	return l, nil
}

// Run steps the loops of NewLoop, in an order of its own choice, until nothing in the simulation
// is left to be done: every task is over, or waits for what does not come. Time passes only where
// tasks wait for it or connections have deadlines, and then at once. It does not wait for other goroutines. The error is one of
// [future.Loop.Step], or says which rule an engine has broken.
func (s *Sim) Run() error {
	for {
		if quiet, err := s.round(); quiet || err != nil {
			return err
		}
	}
}

// round steps each loop once. It reports whether there is nothing left to do.
func (s *Sim) round() (quiet bool, err error) {
	s.called.Store(false)
	more := false
	n := len(s.loops)
	first := s.decide(future.ChooseCompletion, n)
	for i := range n {
		l := &s.loops[(first+i)%n]
		if s.stops(l) {
			continue
		}
		m, err := l.Step()
		l.stepped, l.ended = true, errors.Is(err, future.ErrClosed)
		if err != nil && !l.ended {
			return true, err
		}
		more = more || m
	}
	busy := s.Busy()
	s.active = more || busy || s.called.Load()
	if more || s.called.Load() {
		return false, nil
	}
	if d, ok := s.nextTimer(); ok && (!busy || s.decide(future.ChooseCompletion, 8) == 0) {
		s.pass(d)
		return false, nil
	}
	return !busy, s.violations()
}

// stops reports whether l is not to be stepped now.
func (s *Sim) stops(l *simLoop) bool {
	now := s.Now()
	if l.stopped <= now && l.stepped && s.active && s.cfg.Stops > 0 && s.decide(future.ChooseCompletion, s.cfg.Stops) == 0 {
		l.stopped, l.stepped = now+time.Second, false
	}
	return l.ended || l.stopped > now
}

// Busy reports whether an engine of the simulation has something to do that nobody has to ask
// for: completions that it has not seen, operations that can be done. It is for who steps
// loops of NewDriver, while nobody else runs one.
func (s *Sim) Busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.kernels {
		if p.pending() || len(p.e.backlog)+len(p.e.cancels) > 0 {
			return true
		}
	}
	return false
}

// nextTimer returns when a loop has something to do that is due to the time alone.
func (s *Sim) nextTimer() (next time.Duration, ok bool) {
	now := s.Now()
	for _, l := range s.loops {
		d, is := l.stopped-now, true
		switch {
		case l.ended:
			continue
		case d <= 0:
			d, is = l.NextTimer()
		}
		if is && (!ok || d < next) {
			next, ok = d, true
		}
	}
	return next, ok
}

// Now implements [future.Clock].
func (s *Sim) Now() time.Duration { return time.Duration(s.now.Load()) }

func (s *Sim) pass(d time.Duration) { s.now.Add(int64(d)) }

// decide is what loops choose by, and Run.
func (s *Sim) decide(point future.ChoicePoint, n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.choose(s.rng, point, n)
}

// choose returns a number in [0, n).
func (s *Sim) choose(rng *rand.Rand, point future.ChoicePoint, n int) (i int) {
	if n < 2 {
		return 0
	}
	if s.cfg.Choose != nil {
		if i = s.cfg.Choose(point, n); i < 0 || i >= n {
			panic(fmt.Sprintf("aio: Choose(%v, %d) returned %d, which is not in [0, %d)", point, n, i, n))
		}
	} else {
		i = rng.IntN(n)
	}
	if s.cfg.Trace != nil {
		s.trace("%v %d of %d", point, i, n)
	}
	return i
}

// trace writes a line. Callers ask first whether there is a trace, since arguments cost too.
func (s *Sim) trace(format string, args ...any) {
	fmt.Fprintf(s.cfg.Trace, format+"\n", args...)
}

// blame notes that an engine has broken a rule.
func (s *Sim) blame(format string, args ...any) {
	s.broken = append(s.broken, fmt.Errorf("aio: sim with seed %d: "+format, append([]any{s.cfg.Seed}, args...)...))
}

func (s *Sim) violations() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.broken...)
}

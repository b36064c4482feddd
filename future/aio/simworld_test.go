package aio_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// The tests in files sim*_test.go run in simulations, each with many seeds. One that fails is
// replayed, with a trace of all decisions if -v is given, by
//
//	PINION_SIM_SEED=n go test ./future/aio -run '^TestX$'
//
// PINION_SIM_SEEDS=n has n seeds tried.

// simWorld is a simulation with loops in its own time.
type simWorld struct {
	*testing.T
	seed  uint64
	sim   *aio.Sim
	loops []*future.Loop
}

// eachSeed runs f in simulations, and wants nothing to be left then.
func eachSeed(t *testing.T, loops int, cfg aio.SimConfig, f func(w *simWorld)) {
	for seed := range simSeeds(25) {
		ok := t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { inWorld(t, seed, loops, cfg, f) })
		if !ok {
			t.Logf("replay it with PINION_SIM_SEED=%d go test ./future/aio -run '^%s$'", seed, t.Name())
		}
	}
}

func inWorld(t *testing.T, seed uint64, loops int, cfg aio.SimConfig, f func(w *simWorld)) {
	cfg.Seed = seed
	if os.Getenv("PINION_SIM_SEED") != "" && testing.Verbose() {
		cfg.Trace = t.Output()
	}
	before := aio.ReadLedger()
	w := &simWorld{T: t, seed: seed, sim: aio.NewSim(cfg)}
	for range loops {
		l, err := w.sim.NewLoop(future.Config{})
		if err != nil {
			t.Fatal(err)
		}
		w.loops = append(w.loops, l)
	}
	f(w)
	w.shutdown()
	if n := aio.SimOpen(w.sim); n != 0 {
		t.Errorf("%d descriptors are open", n)
	}
	now := aio.ReadLedger()
	if now.Operations != before.Operations || now.Pins != before.Pins || now.Buffers != before.Buffers {
		t.Errorf("the ledger is %+v, and was %+v", now, before)
	}
}

// run has everything done that can be.
func (w *simWorld) run() {
	w.Helper()
	if err := w.sim.Run(); err != nil {
		w.Fatal(err)
	}
}

// shutdown ends the loops that have not.
func (w *simWorld) shutdown() {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, l := range w.loops {
		if err := l.Shutdown(ctx); err != nil {
			w.Error(err)
		}
	}
}

// loop is one of the loops.
func (w *simWorld) loop(i int) *future.Loop { return w.loops[i%len(w.loops)] }

func (w *simWorld) listen() *aio.Listener {
	w.Helper()
	l, err := w.sim.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	return l
}

func (w *simWorld) pair() (a, b *aio.Conn) {
	w.Helper()
	a, b, err := w.sim.Pair()
	if err != nil {
		w.Fatal(err)
	}
	return a, b
}

// tick is a short time.
const tick = time.Microsecond

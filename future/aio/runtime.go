package aio

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pinion-go/pinion/future"
)

// Options say how a runtime with engines is to be. The zero Options are good ones.
type Options struct {
	// Loops is the number of loops, by default GOMAXPROCS.
	Loops int
	// Driver is "uring", "epoll" or "portable", or "" for the first of these that works here;
	// on systems other than Linux there is "portable" alone. The environment
	// variable PINION_AIO_DRIVER says which that is. "sim" is a simulation of its own, with
	// [SimOf] to open things in it; see [Sim].
	Driver string
	// Seed is what the decisions of Driver "sim" are drawn from. Where the environment asks for sim,
	// PINION_AIO_SEED is.
	Seed uint64
	// ZeroCopy is the number of bytes from which a Write sends them from where they are, if
	// the driver and the network can; 0 is never. The memory is the kernel's until the peer's
	// system has acknowledged it, so that such a Write takes longer to return, also when it is
	// cancelled, its deadline passes, or the connection is closed: a peer that reads nothing can
	// hold up a Shutdown of the runtime until its context ends. Then such connections are
	// reset, also if they make progress; and a second after the end of the loops those on which a
	// goroutine writes, for whom Shutdown does not wait: then the peer may not get all that Write says was
	// sent. It saves a copy on the way to a network card, and costs time on the loopback interface, which copies anyway: there
	// writes of 64 KiB to 1 MiB made half to three quarters of the throughput.
	ZeroCopy int
	// Buffers is how many pinned buffers of 32 KiB a loop has for what is received, from 128, with
	// which it begins, to 4096, which is also what 0 means; it takes more only when they run
	// out, 128 at a time, and keeps them. When there are no more, connections wait for those that
	// Next has given out and nobody has released, or Read has not emptied, first come first served.
	Buffers int
	// Config is for what [future.Config] offers besides; its Loops and Driver are not used.
	Config future.Config
}

// NewRuntime returns a running Runtime on whose loops the operations of this package are
// done by an engine of the loop's own, which is the fastest. The error says which drivers
// were tried, and why they do not work.
func NewRuntime(o Options) (*future.Runtime, error) {
	if o.Buffers != 0 && (o.Buffers < poolStep || o.Buffers > poolMax) {
		return nil, fmt.Errorf("aio: Options.Buffers is %d, and not 0 or from %d to %d", o.Buffers, poolStep, poolMax)
	}
	begin := func() (*engine, error) { return newEngine(o.Driver, true) }
	if o.Driver == simName {
		s := NewSim(SimConfig{Seed: o.Seed, Choose: o.Config.Choose})
		begin = func() (*engine, error) { return s.engine("it was asked for", false), nil }
	}
	cfg := o.Config
	cfg.Loops = o.Loops
	cfg.Driver = func(int) (future.Driver, error) {
		e, err := begin()
		if err != nil {
			return nil, err
		}
		e.zeroCopy = o.ZeroCopy
		if o.Buffers > 0 && (e.pool.limit == 0 || o.Buffers < e.pool.limit) {
			e.pool.limit = o.Buffers
		}
		return e, nil
	}
	return future.NewRuntime(cfg)
}

// NewDriver returns a driver for [future.Config].Driver, for a [future.Loop] that is stepped
// by hand, from any thread. For a Runtime see [NewRuntime].
func NewDriver(name string) (future.Driver, error) { return newEngine(name, false) }

// uringName is the name of the driver io_uring.
const uringName = "uring"

// driver is one way of doing the operations.
type driver struct {
	name string
	make func(bound bool) (*engine, error)
}

// Probe returns the name of the driver that [NewRuntime] chooses here, and the reason: for each that
// is better, why it does not work.
func Probe() (name, reason string) {
	e, err := newEngine("", true)
	if err != nil {
		return "", err.Error()
	}
	defer e.Close()
	return e.name, e.why
}

// newEngine makes an engine with the driver of that name, by default the first that works.
func newEngine(name string, bound bool) (*engine, error) {
	why := "it is the best"
	if name == "" {
		if name = os.Getenv("PINION_AIO_DRIVER"); name != "" {
			why = "PINION_AIO_DRIVER says so"
		}
	} else {
		why = "it was asked for"
	}
	poller := startPoller()
	var errs []error
	for _, d := range drivers {
		if name != "" && d.name != name || name == "" && d.name == simName {
			continue
		}
		e, err := d.makeAndLeave(bound, poller)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", d.name, err))
			continue
		}
		if len(errs) > 0 {
			why = errors.Join(errs...).Error()
		}
		e.describe(d.name, why)
		return e, nil
	}
	if len(errs) == 0 {
		return nil, fmt.Errorf("aio: there is no driver %q on this system; there are %v", name, driverNames())
	}
	return nil, fmt.Errorf("aio: no driver works here: %w", errors.Join(errs...))
}

// lacks notes what an engine has to do without.
func (e *engine) lacks(what string) {
	if e.less != "" {
		e.less += "; "
	}
	e.less += what
}

// makeAndLeave is make that leaves descriptors for what the engine is to serve, where Go's poller, without
// which no driver works, has found enough. Drivers without any of their own have none to leave.
func (d driver) makeAndLeave(bound bool, poller error) (*engine, error) {
	switch {
	case d.name == simName:
		return d.make(bound)
	case poller != nil:
		return nil, poller
	case d.name == "portable":
		return d.make(bound)
	}
	e, err := d.make(bound)
	if err != nil {
		return nil, err
	}
	if err := spare(leaveFor); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// describe says which driver an engine has, and why.
func (e *engine) describe(name, why string) {
	if e.less != "" {
		why += "; " + e.less
	}
	e.name, e.why = name, why
	e.remotes = make(map[*waiter]*remote)
}

func driverNames() (names []string) {
	for _, d := range drivers {
		names = append(names, d.name)
	}
	return names
}

// defaults is the runtime that serves goroutines, and loops without an engine. A driver that the
// environment asks for in vain is no reason to end a program that has chosen none: then it is
// the portable one, which works everywhere, and standard error is told why.
var defaults = sync.OnceValue(func() *future.Runtime {
	rt, err := NewRuntime(Options{})
	if err != nil {
		fmt.Fprintf(os.Stderr, "%v; using portable\n", err)
		rt, err = NewRuntime(Options{Driver: "portable"})
	}
	if err != nil {
		panic(err) // of memory that cannot be pinned
	}
	return rt
})

var turn atomic.Uint32

// someEngine returns an engine of the default runtime, each in turn.
func someEngine() *engine {
	rt := defaults()
	l := rt.Loop(int(turn.Add(1)) % rt.Loops())
	return l.Driver().(*engine)
}

// nowhere is the home of a connection that was closed before it was used.
var nowhere = new(engine)

// Describe returns the name of the driver that a runtime of [NewRuntime] uses, and why it
// was chosen. If there was enough for some loops only, say of locked memory, there are several of
// both, with commas and semicolons between them. They are empty for another runtime.
func Describe(rt *future.Runtime) (name, why string) {
	var names, whys []string
	for i := range rt.Loops() {
		e, ok := rt.Loop(i).Driver().(*engine)
		if !ok {
			return "", ""
		}
		if !slices.Contains(names, e.name) {
			names = append(names, e.name)
		}
		if !slices.Contains(whys, e.why) {
			whys = append(whys, e.why)
		}
	}
	return strings.Join(names, ", "), strings.Join(whys, "; ")
}

package fuzz_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pinion-go/pinion/fuzz"
	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// An arenaWorld is up to three arenas, and what their subjects should have done.
type arenaWorld struct {
	ledger  *ledger
	arenas  []arenaOps
	drops   []uint32 // the ids of values that should have been dropped, in order
	lastID  uint32
	ending  ending  // how a Drop has ended that did not just return
	wrong   []error // found inside of callbacks
	collect int     // collections that are left
}

// arenaOps are the ops on one arena; see arenaModel.
type arenaOps interface {
	make(ending ending, nested func() error) error
	write(i, b byte) error
	hold(i byte) error
	unhold(i byte) error
	release(i byte, byField bool) error
	arm(i, how, j byte) error
	sweep() error
	close() error
	end() error
	check() error
	useStale(i byte) error
	wantForeign(arenaOps) error
	scribble(i, with byte) error
	ranges() []unsafeptr.Range
}

// mappings bounds the off-heap arenas of the process: the addresses of each are
// never given back, and the kernel has only so many mappings.
var mappings atomic.Int32

const maxMappings = 3000

func (w *arenaWorld) open(kind int) (arenaOps, error) {
	offHeap := func(o pin.Options) pin.Options {
		o.OffHeap = mappings.Add(1) <= maxMappings
		return o
	}
	switch kind {
	case 0:
		return newArenaModel[linked](w, pin.Options{})
	case 1:
		return newArenaModel[linked](w, pin.Options{Capacity: 5})
	case 2:
		return newArenaModel[linked](w, pin.Options{Debug: true})
	case 3:
		return newArenaModel[flat](w, offHeap(pin.Options{}))
	case 4:
		return newArenaModel[flat](w, offHeap(pin.Options{Debug: true}))
	case 5:
		return newArenaModel[flat](w, offHeap(pin.Options{Debug: true, Capacity: 3}))
	case 6:
		return newArenaModel[linked](w, pin.Options{Debug: true, Trace: true, Capacity: 40})
	case 7:
		return newArenaModel[flat](w, pin.Options{})
	case 8:
		return newArenaModel[flat](w, pin.Options{Debug: true, Trace: true})
	default:
		return &arenaModel[linked, *linked]{w: w}, nil
	}
}

func newArenaWorld() (*arenaWorld, error) {
	w := &arenaWorld{ledger: newLedger(), collect: 3}
	a, err := w.open(0)
	w.arenas = append(w.arenas, a)
	return w, err
}

func (w *arenaWorld) nextID() uint32 { w.lastID++; return w.lastID }

func (w *arenaWorld) note(err error) {
	if err != nil {
		w.wrong = append(w.wrong, err)
	}
}

// run calls f, which may drop values, and wants it to end as the Drops say.
func (w *arenaWorld) run(f func()) error {
	w.ending = ends
	how, v := catch(f)
	if how != w.ending || how == panics && v != errPanic {
		return fmt.Errorf("after a Drop that ends by %v the call ended by %v, %v", w.ending, how, v)
	}
	return nil
}

// fresh returns an error unless the memory of a new value is zero and nobody's.
func (w *arenaWorld) fresh(r unsafeptr.Range, bytes []byte) error {
	for _, a := range w.arenas {
		for _, used := range a.ranges() {
			if used.Overlaps(r) {
				return fmt.Errorf("the new value at %v overlaps the one at %v, which was not dropped", r, used)
			}
		}
	}
	if i := slices.IndexFunc(bytes, func(b byte) bool { return b != 0 }); i >= 0 {
		return fmt.Errorf("byte %d of a new value is %#x", i, bytes[i])
	}
	return nil
}

func (w *arenaWorld) check() error {
	if err := errors.Join(append(w.wrong, w.ledger.errs...)...); err != nil {
		return err
	}
	if !slices.Equal(w.drops, w.ledger.drops) {
		return fmt.Errorf("what was dropped (-want +got):\n%s", cmp.Diff(w.drops, w.ledger.drops))
	}
	var all []unsafeptr.Range
	for _, a := range w.arenas {
		if err := a.check(); err != nil {
			return err
		}
		all = append(all, a.ranges()...)
	}
	slices.SortFunc(all, func(a, b unsafeptr.Range) int {
		if a.Base() < b.Base() {
			return -1
		}
		return 1
	})
	for i := 1; i < len(all); i++ {
		if all[i-1].Overlaps(all[i]) {
			return fmt.Errorf("%v overlaps %v", all[i-1], all[i])
		}
	}
	return nil
}

func (w *arenaWorld) end() error {
	defer w.ledger.close()
	for _, a := range w.arenas {
		if err := a.end(); err != nil {
			return err
		}
	}
	return w.check()
}

// compose builds a value of three parts, the init of one of which fails.
func (w *arenaWorld) compose(failing int, how ending) error {
	a, err := pin.NewArena[composite](pin.Options{Capacity: 1})
	if err != nil {
		return err
	}
	var ids []uint32
	init := func(c *composite) error {
		return pin.Init(func(b *pin.Builder) error {
			for i := range c.parts {
				err := pin.Make(b, &c.parts[i], func(p *part) error {
					if i == failing {
						return how.end(errInit)
					}
					*p = part{w.ledger.no, w.nextID()}
					ids = append(ids, p.id)
					return nil
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	got, p, err := catchNew(func() (pin.Pin[composite], error) { return a.New(init) })
	slices.Reverse(ids)
	w.drops = append(w.drops, ids...) // at once, or by the Release below
	if failing < len(composite{}.parts) {
		if got != how && how != fails || !p.IsZero() {
			return fmt.Errorf("Init with a part that ends by %v ended by %v with %v, %v", how, got, p, err)
		}
		if p, err = a.New(nil); err != nil {
			return fmt.Errorf("the slot of a failed init is not usable: %w", err)
		}
		p.Get().parts = [3]part{{w.ledger.no, 0}, {w.ledger.no, 0}, {w.ledger.no, 0}}
		w.drops = append(w.drops, 0, 0, 0)
	}
	p.Release()
	return a.Close()
}

func catchNew[T any](f func() (pin.Pin[T], error)) (how ending, p pin.Pin[T], err error) {
	how, _ = catch(func() { p, err = f() })
	return how, p, err
}

type arenaOp = fuzz.Op[arenaWorld]

// on is an op on one of the arenas, which its first argument chooses.
func on(name string, args int, do func(w *arenaWorld, a arenaOps, args fuzz.Args) error) arenaOp {
	return arenaOp{Name: name, Args: 1 + args, Do: func(w *arenaWorld, args fuzz.Args) error {
		return do(w, w.arenas[args.Pick(0, len(w.arenas))], args)
	}}
}

var arenaMachine = fuzz.Machine[arenaWorld]{
	New: newArenaWorld,
	Ops: []arenaOp{
		{Name: "open", Args: 2, Do: func(w *arenaWorld, args fuzz.Args) error {
			a, err := w.open(args.Pick(0, 10))
			if err != nil || len(w.arenas) < 3 {
				w.arenas = append(w.arenas, a)
				return err
			}
			old := &w.arenas[args.Pick(1, 3)]
			err = (*old).end()
			*old = a
			return err
		}},
		on("new", 1, func(w *arenaWorld, a arenaOps, args fuzz.Args) error {
			for range 1 + args.Pick(1, 20)/2 {
				if err := a.make(ends, nil); err != nil {
					return err
				}
			}
			return nil
		}),
		on("new-fails", 1, func(w *arenaWorld, a arenaOps, args fuzz.Args) error {
			return a.make(fails+ending(args.Pick(1, 3)), nil)
		}),
		on("new-in-new", 1, func(w *arenaWorld, a arenaOps, args fuzz.Args) error {
			how := ending(args.Pick(1, 4))
			return a.make(how, func() error { return a.make(ends, nil) })
		}),
		on("release-in-new", 2, func(w *arenaWorld, a arenaOps, args fuzz.Args) error {
			how := ending(args.Pick(1, 4))
			return a.make(how, func() error { return a.release(args[2], false) })
		}),
		on("write", 2, func(w *arenaWorld, a arenaOps, args fuzz.Args) error { return a.write(args[1], args[2]) }),
		on("hold", 1, func(w *arenaWorld, a arenaOps, args fuzz.Args) error { return a.hold(args[1]) }),
		on("unhold", 1, func(w *arenaWorld, a arenaOps, args fuzz.Args) error { return a.unhold(args[1]) }),
		on("release", 1, func(w *arenaWorld, a arenaOps, args fuzz.Args) error { return a.release(args[1], false) }),
		on("release-field", 1, func(w *arenaWorld, a arenaOps, args fuzz.Args) error { return a.release(args[1], true) }),
		on("arm", 3, func(w *arenaWorld, a arenaOps, args fuzz.Args) error { return a.arm(args[1], args[2], args[3]) }),
		on("sweep", 0, func(w *arenaWorld, a arenaOps, args fuzz.Args) error { return a.sweep() }),
		on("stale", 1, func(w *arenaWorld, a arenaOps, args fuzz.Args) error { return a.useStale(args[1]) }),
		on("foreign", 1, func(w *arenaWorld, a arenaOps, args fuzz.Args) error {
			return a.wantForeign(w.arenas[args.Pick(1, len(w.arenas))])
		}),
		on("scribble", 2, func(w *arenaWorld, a arenaOps, args fuzz.Args) error { return a.scribble(args[1], args[2]) }),
		on("close", 0, func(w *arenaWorld, a arenaOps, args fuzz.Args) error { return a.close() }),
		{Name: "compose", Args: 2, Do: func(w *arenaWorld, args fuzz.Args) error {
			return w.compose(args.Pick(0, 4), fails+ending(args.Pick(1, 3)))
		}},
		{Name: "collect", Do: func(w *arenaWorld, args fuzz.Args) error {
			if w.collect--; w.collect >= 0 {
				runtime.GC()
			}
			return nil
		}},
		{Name: "grow-stack", Args: 1, Do: func(w *arenaWorld, args fuzz.Args) error {
			growStack(1 + args.Pick(0, 64))
			return w.check() // from a stack that has grown
		}},
	},
	Check: (*arenaWorld).check,
	End:   (*arenaWorld).end,
}

// FuzzArena does random things to arenas and their values, and compares each arena
// with a list of what should be in it.
func FuzzArena(f *testing.F) { arenaMachine.Fuzz(f) }

func TestArenaAgreesWithItsModelOnRandomOps(t *testing.T) { runRandom(t, &arenaMachine, 60, 150) }

// runRandom runs n random inputs of the given number of ops.
func runRandom[S any](t *testing.T, m *fuzz.Machine[S], n uint64, ops int) {
	t.Helper()
	if testing.Short() {
		n /= 10
	}
	for seed := range n {
		input := m.Random(seed, ops)
		if err := m.Run(input); err != nil {
			if small := m.Shrink(input); small != nil {
				err = small
			}
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

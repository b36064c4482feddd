package fuzz_test

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pinion-go/pinion/fuzz"
	"github.com/pinion-go/pinion/unsafeptr"
)

// A mover is an object that points into itself and may be moved about.
type mover struct {
	whole unsafeptr.Rel[mover] // at the object, which begins where it begins itself
	first unsafeptr.Rel[cell]
	cells [5]cell
	rels  [3]unsafeptr.Rel[cell]
}

// A cell has an odd size, so that its neighbours are not all aligned alike.
type cell [3]byte

// moverModel is what a mover should say: targets by index, -1 for nil.
type moverModel struct {
	Targets [4]int
	Whole   bool
	Cells   [5]cell
}

// A placed mover is somewhere. The place is kept by its own type, so that
// it is the slice or the map that keeps the object, and not a pointer to it.
type placed struct {
	at    func() *mover
	model moverModel
}

// A tagged pointer is all that keeps its object alive.
type taggedModel struct {
	t     unsafeptr.Tagged[uint64]
	tag   uint
	value uint64
	isNil bool
}

type unsafeWorld struct {
	movers  []*placed
	tagged  []taggedModel
	types   []reflect.Type // a stack
	free    []func()
	sink    any
	collect int
}

const maxMovers = 12

func newUnsafeWorld() (*unsafeWorld, error) {
	w := &unsafeWorld{collect: 3}
	w.place(new(mover), moverModel{Targets: [4]int{-1, -1, -1, -1}}, 0)
	return w, nil
}

func (w *unsafeWorld) end() error {
	for _, f := range w.free {
		f()
	}
	return nil
}

// place copies m to a new place of the given kind.
func (w *unsafeWorld) place(m *mover, model moverModel, kind int) {
	at, free := place(m, kind)
	if free != nil {
		w.free = append(w.free, free)
	}
	p := &placed{at, model}
	if len(w.movers) < maxMovers {
		w.movers = append(w.movers, p)
	} else {
		w.movers[kind%maxMovers] = p
	}
}

// rel returns pointer i of m.
func (m *mover) rel(i int) *unsafeptr.Rel[cell] {
	if i == 0 {
		return &m.first
	}
	return &m.rels[i-1]
}

// view returns what m says of itself.
func (m *mover) view() moverModel {
	v := moverModel{Cells: m.cells, Whole: m.whole.Get() != nil}
	for i := range v.Targets {
		target := m.rel(i).Get()
		v.Targets[i] = -1
		if target != nil {
			v.Targets[i] = 99
		}
		for k := range m.cells {
			if target == &m.cells[k] {
				v.Targets[i] = k
			}
		}
	}
	if m.whole.Get() != m && v.Whole {
		v.Targets[0] = 98
	}
	return v
}

func (w *unsafeWorld) check() error {
	for i, p := range w.movers {
		if got := p.at().view(); got != p.model {
			return fmt.Errorf("object %d differs from the model (-want +got):\n%s", i, cmp.Diff(p.model, got))
		}
	}
	for i, t := range w.tagged {
		p := t.t.Pointer()
		if t.t.Tag() != t.tag || (p == nil) != t.isNil || p != nil && *p != t.value {
			return fmt.Errorf("tagged pointer %d: %v, %d; want %d, tag %d", i, p, t.t.Tag(), t.value, t.tag)
		}
	}
	if n := len(w.types); n > 0 {
		return checkLayout(w.types[n-1])
	}
	return nil
}

// onStack copies m into a frame, moves the frame, and looks at the copy there.
func onStack(m mover, want moverModel, depth int) error {
	before := unsafeptr.RangeOf(&m)
	r := unsafeptr.RangeOf(&m.rels)
	growStack(depth)
	if got := m.view(); got != want {
		return fmt.Errorf("an object on a stack (-want +got):\n%s", cmp.Diff(want, got))
	}
	if now := unsafeptr.RangeOf(&m); now != before || r != unsafeptr.RangeOf(&m.rels) {
		return fmt.Errorf("a Range did not follow its object from %v to %v", before, now)
	}
	return nil
}

type unsafeOp = fuzz.Op[unsafeWorld]

func onMover(name string, args int, do func(w *unsafeWorld, p *placed, args fuzz.Args) error) unsafeOp {
	return unsafeOp{Name: name, Args: 1 + args, Do: func(w *unsafeWorld, args fuzz.Args) error {
		return do(w, w.movers[args.Pick(0, len(w.movers))], args)
	}}
}

var unsafeMachine = fuzz.Machine[unsafeWorld]{
	New: newUnsafeWorld,
	Ops: []unsafeOp{
		onMover("set", 2, func(w *unsafeWorld, p *placed, args fuzz.Args) error {
			i, k, m := args.Pick(1, 4), args.Pick(2, 6), p.at()
			if k == 5 {
				p.model.Targets[i] = -1
				return m.rel(i).SetIn(unsafeptr.RangeOf(m), nil)
			}
			p.model.Targets[i] = k
			if k%2 == 0 {
				m.rel(i).Set(&m.cells[k])
				return nil
			}
			return m.rel(i).SetIn(unsafeptr.RangeOf(m), &m.cells[k])
		}),
		onMover("set-whole", 0, func(w *unsafeWorld, p *placed, args fuzz.Args) error {
			p.model.Whole = true
			p.at().whole.Set(p.at())
			return nil
		}),
		onMover("set-outside", 2, func(w *unsafeWorld, p *placed, args fuzz.Args) error {
			other := new(cell)
			if args[2]%2 == 0 {
				other = &w.movers[args.Pick(2, len(w.movers))].at().cells[0]
			}
			m := p.at()
			err := m.rel(args.Pick(1, 4)).SetIn(unsafeptr.RangeOf(m), other)
			if other == &m.cells[0] {
				p.model.Targets[args.Pick(1, 4)] = 0
				return err
			}
			if _, ok := errors.AsType[*unsafeptr.RangeError](err); !ok {
				return fmt.Errorf("SetIn to another object gives %v", err)
			}
			return nil
		}),
		onMover("write", 2, func(w *unsafeWorld, p *placed, args fuzz.Args) error {
			m, i := p.at(), args.Pick(1, 4)
			target := p.model.Targets[i]
			if target >= 0 {
				p.model.Cells[target][1] = args[2]
				m.rel(i).Get()[1] = args[2]
			}
			return nil
		}),
		onMover("copy", 1, func(w *unsafeWorld, p *placed, args fuzz.Args) error {
			w.place(p.at(), p.model, args.Pick(1, places))
			return nil
		}),
		onMover("move", 1, func(w *unsafeWorld, p *placed, args fuzz.Args) error {
			old := p.at()
			w.place(old, p.model, args.Pick(1, places))
			// What is left behind is nobody's.
			for i, b := range unsafeptr.Bytes(old) {
				unsafeptr.Bytes(old)[i] = ^b
			}
			*old = mover{}
			p.model = old.view()
			return nil
		}),
		onMover("stack", 1, func(w *unsafeWorld, p *placed, args fuzz.Args) error {
			return onStack(*p.at(), p.model, args.Pick(1, 100))
		}),
		{Name: "tag", Args: 2, Do: func(w *unsafeWorld, args fuzz.Args) error {
			t := taggedModel{tag: uint(args.Pick(0, 1<<unsafeptr.TagBits[uint64]())), isNil: args[1]%4 == 0}
			var p *uint64
			if !t.isNil {
				p = new(uint64)
				*p = uint64(args[1]) * 0x0101010101010101
				t.value = *p
			}
			t.t = unsafeptr.Tag(p, t.tag)
			w.tagged = append(w.tagged, t)
			return nil
		}},
		{Name: "retag", Args: 2, Do: func(w *unsafeWorld, args fuzz.Args) error {
			if len(w.tagged) == 0 {
				return nil
			}
			t := &w.tagged[args.Pick(0, len(w.tagged))]
			t.tag = uint(args.Pick(1, 1<<unsafeptr.TagBits[uint64]()))
			t.t = unsafeptr.Tag(t.t.Pointer(), t.tag)
			return nil
		}},
		{Name: "tag-too-large", Args: 1, Do: func(w *unsafeWorld, args fuzz.Args) error {
			tag := uint(args[0]) + 1<<unsafeptr.TagBits[uint64]()
			return wantPanic[*unsafeptr.TagError]("Tag", func() { w.sink = unsafeptr.Tag(new(uint64), tag) })
		}},
		{Name: "move-tagged", Args: 1, Do: func(w *unsafeWorld, args fuzz.Args) error {
			moved := make([]taggedModel, len(w.tagged), len(w.tagged)+args.Pick(0, 4))
			copy(moved, w.tagged)
			w.tagged = moved
			w.sink = make([]byte, 8) // something to take freed memory
			return nil
		}},
		{Name: "leaf", Args: 1, Do: func(w *unsafeWorld, args fuzz.Args) error {
			w.push(leafTypes[args.Pick(0, len(leafTypes))])
			return nil
		}},
		{Name: "array", Args: 1, Do: func(w *unsafeWorld, args fuzz.Args) error {
			if t, ok := w.pop(1); ok {
				w.push(reflect.ArrayOf(args.Pick(0, 90), t[0]))
			}
			return nil
		}},
		{Name: "struct", Args: 1, Do: func(w *unsafeWorld, args fuzz.Args) error {
			if t, ok := w.pop(args.Pick(0, 6)); ok {
				fields := make([]reflect.StructField, len(t))
				for i := range t {
					fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: t[i]}
				}
				w.push(reflect.StructOf(fields))
			}
			return nil
		}},
		{Name: "collect", Do: func(w *unsafeWorld, args fuzz.Args) error {
			if w.collect--; w.collect >= 0 {
				runtime.GC()
			}
			return nil
		}},
	},
	Check: (*unsafeWorld).check,
	End:   (*unsafeWorld).end,
}

// FuzzUnsafeptr moves objects that point into themselves about, keeps objects alive
// by tagged pointers alone, and compares the layouts of types with what
// reflect says byte by byte.
func FuzzUnsafeptr(f *testing.F) { unsafeMachine.Fuzz(f) }

func TestRelTaggedAndLayoutAgreeWithTheirModelsOnRandomOps(t *testing.T) {
	runRandom(t, &unsafeMachine, 60, 150)
}

var unsafeSeeds = map[string]string{
	"each-place":  "set 0 0 2; set 0 1 0; set 0 2 5; set 0 3 4; set-whole 0; write 0 3 9; copy 0 0; copy 0 1; copy 0 2; copy 0 3; copy 0 4; copy 0 5; copy 0 6; copy 0 7; copy 0 8; copy 0 9; copy 0 10; copy 0 11; write 3 1 7; write 8 0 8; collect",
	"each-move":   "set 0 0 0; set-whole 0; move 0 1; move 1 2; move 2 3; move 3 4; move 4 5; move 5 6; move 6 7; move 7 8; move 8 9; move 9 10; move 10 11; write 11 0 100; collect; stack 11 90",
	"own-address": "set 0 0 0; set 0 1 0; copy 0 1; write 1 0 5; set 0 0 5; stack 1 50; stack 0 0",
	"outside":     "set-outside 0 0 1; copy 0 0; set-outside 0 1 2; set-outside 1 1 2; set-outside 0 1 0; write 0 1 3",
	"kept-by-tag": "tag 0 1; tag 1 2; tag 2 3; tag 3 5; tag 1 4; tag 0 8; collect; retag 0 3; retag 3 0; move-tagged 0; retag 5 2; collect; retag 4 0; tag-too-large 0; tag-too-large 127; collect",
	"layouts":     "leaf 0; leaf 5; struct 2; array 3; leaf 11; leaf 1; struct 3; array 7; leaf 1; array 89; leaf 7; struct 2; array 2",
	"empty-types": "struct 0; array 5; leaf 5; leaf 1; array 0; struct 3; array 0; leaf 13; struct 2; array 1; struct 1",
	"large-types": "leaf 9; array 89; array 89; leaf 13; struct 2; array 70; array 10",
}

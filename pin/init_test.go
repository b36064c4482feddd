package pin_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/pinion-go/pinion/pin"
)

// part records its drops in a log, and fails in it when told so.
type part struct {
	log  *[]int
	id   int
	drop func()
}

func (p *part) Drop() {
	*p.log = append(*p.log, p.id)
	if p.drop != nil {
		p.drop()
	}
}

type assembly struct {
	parts [5]part
	plain int // not a Dropper
}

// assemble builds an assembly, of which step fail does what failure says.
func assemble(log *[]int, fail int, failure func() error) func(*assembly) error {
	return func(a *assembly) error {
		return pin.Init(func(b *pin.Builder) error {
			for i := range a.parts {
				if err := pin.Make(b, &a.parts[i], func(p *part) error {
					p.log, p.id = log, i
					if i == fail {
						return failure()
					}
					return nil
				}); err != nil {
					return err
				}
				if err := pin.Make(b, &a.plain, nil); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// Rust's pin-init had it in issue 136: dropped init leaves earlier fields undropped.
func TestEarlierPartsAreDroppedOnceInReverseOrderWhenAStepFails(t *testing.T) {
	failures := map[string]func() error{
		"error":  func() error { return errInit },
		"panic":  func() error { panic(errInit) },
		"Goexit": func() error { runtime.Goexit(); return nil },
	}
	for name, failure := range failures {
		for fail := range 6 { // 5: none
			t.Run(fmt.Sprintf("%s at %d", name, fail), func(t *testing.T) {
				a := newArena[assembly](t, pin.Options{Capacity: 1})
				var log []int
				var p pin.Pin[assembly]
				done := make(chan bool)
				go func() {
					defer close(done)
					defer func() { _ = recover() }()
					p, _ = a.New(assemble(&log, fail, failure))
				}()
				<-done
				var want []int
				for i := fail - 1; i >= 0 && fail < 5; i-- {
					want = append(want, i)
				}
				if !slices.Equal(log, want) {
					t.Errorf("dropped %v, want %v", log, want)
				}
				if fail == 5 {
					p.Release()
				} else if !p.IsZero() {
					t.Errorf("a failed init gave %v", p)
				}
				if err := a.Invariants(); err != nil {
					t.Fatal(err)
				}
				q := must(a.New(func(v *assembly) error {
					if v.parts[0].log != nil || v.plain != 0 {
						t.Errorf("the slot still holds %+v", *v)
					}
					return nil
				}))
				q.Release()
			})
		}
	}
}

func TestFailureAfterTheLastPartDropsAll(t *testing.T) {
	var log []int
	var a assembly
	err := pin.Init(func(b *pin.Builder) error {
		for i := range 3 {
			if err := pin.Make(b, &a.parts[i], func(p *part) error { p.log, p.id = &log, i; return nil }); err != nil {
				return err
			}
		}
		return errInit
	})
	if err != errInit || !slices.Equal(log, []int{2, 1, 0}) {
		t.Errorf("%v, dropped %v", err, log)
	}
}

func TestPanicInADropStillDropsTheEarlierParts(t *testing.T) {
	var log []int
	var a assembly
	v := panicOf(func() {
		_ = pin.Init(func(b *pin.Builder) error {
			for i := range 4 {
				_ = pin.Make(b, &a.parts[i], func(p *part) error {
					p.log, p.id = &log, i
					if i == 2 {
						p.drop = func() { panic("drop") }
					}
					return nil
				})
			}
			return errInit
		})
	})
	if v != "drop" || !slices.Equal(log, []int{3, 2, 1, 0}) {
		t.Errorf("panic %v, dropped %v", v, log)
	}
}

func TestGoexitInADropStillDropsTheEarlierParts(t *testing.T) {
	var log []int
	var a assembly
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = pin.Init(func(b *pin.Builder) error {
			for i := range 3 {
				_ = pin.Make(b, &a.parts[i], func(p *part) error {
					p.log, p.id, p.drop = &log, i, runtime.Goexit
					return nil
				})
			}
			return errInit
		})
	}()
	<-done
	if !slices.Equal(log, []int{2, 1, 0}) {
		t.Errorf("dropped %v", log)
	}
}

func TestNestedInitDropsInnerPartsOnce(t *testing.T) {
	for _, failOuter := range []bool{false, true} {
		var log []int
		var a assembly
		make1 := func(b *pin.Builder, i int) error {
			return pin.Make(b, &a.parts[i], func(p *part) error { p.log, p.id = &log, i; return nil })
		}
		err := pin.Init(func(b *pin.Builder) error {
			if err := make1(b, 0); err != nil {
				return err
			}
			if err := pin.Make(b, &a.plain, func(*int) error {
				return pin.Init(func(inner *pin.Builder) error {
					if err := errors.Join(make1(inner, 1), make1(inner, 2)); err != nil || failOuter {
						return err
					}
					return errInit
				})
			}); err != nil {
				return err
			}
			return errInit
		})
		want := []int{2, 1, 0}
		if failOuter {
			want = []int{0} // the inner parts are complete and the inner value's to drop, which is no Dropper
		}
		if err != errInit || !slices.Equal(log, want) {
			t.Errorf("outer fails %t: %v, dropped %v", failOuter, err, log)
		}
	}
}

func TestMadePartsBelongToTheValueAfterInit(t *testing.T) {
	var log []int
	a := newArena[assembly](t, pin.Options{})
	p := must(a.New(assemble(&log, 5, nil)))
	if log != nil {
		t.Errorf("a successful Init dropped %v", log)
	}
	p.Release()
}

func TestMakeAfterInitIsRefused(t *testing.T) {
	var kept *pin.Builder
	if err := pin.Init(func(b *pin.Builder) error { kept = b; return nil }); err != nil {
		t.Fatal(err)
	}
	err := pin.Make(kept, new(int), func(*int) error { t.Error("init was called"); return nil })
	if !errors.Is(err, pin.ErrInitOver) {
		t.Error(err)
	}
}

type pipe struct{ in, out end }

type end struct{ name string }

func (e *end) Drop() { fmt.Println("closed", e.name) }

func ExampleInit() {
	arena, _ := pin.NewArena[pipe](pin.Options{})
	_, err := arena.New(func(p *pipe) error {
		return pin.Init(func(b *pin.Builder) error {
			if err := pin.Make(b, &p.in, func(e *end) error { e.name = "in"; return nil }); err != nil {
				return err
			}
			return pin.Make(b, &p.out, func(*end) error { return errors.New("no more descriptors") })
		})
	})
	fmt.Println(err, arena.Len())
	// Output:
	// closed in
	// no more descriptors 0
}

func ExampleBuilder() {
	var a, b end
	err := pin.Init(func(make *pin.Builder) error {
		_ = pin.Make(make, &a, func(e *end) error { e.name = "a"; return nil })
		_ = pin.Make(make, &b, func(e *end) error { e.name = "b"; return nil })
		return errors.New("changed my mind")
	})
	fmt.Println(err)
	// Output:
	// closed b
	// closed a
	// changed my mind
}

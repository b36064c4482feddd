package pin

import (
	"runtime"
	"sync"
	"testing"
)

func TestRegistryFindsEachOfManyArenasAndUsesNumbersAgain(t *testing.T) {
	var table ownerTable
	var cores []*core
	for range 1000 {
		c := new(core)
		table.enter(c)
		cores = append(cores, c)
	}
	seen := map[uint32]bool{0: true} // nobody's number
	for _, c := range cores {
		if seen[c.id] || table.get(c.id) != c {
			t.Fatalf("number %d: seen %t", c.id, seen[c.id])
		}
		seen[c.id] = true
	}
	for _, c := range cores[100:200] {
		table.leave(c)
	}
	for range 100 {
		c := new(core)
		table.enter(c)
		if c.id > 1000 {
			t.Fatalf("number %d is new while old ones are free", c.id)
		}
	}
	for i, c := range cores {
		if (i < 100 || i >= 200) && table.get(c.id) != c {
			t.Fatalf("number %d was given away", c.id)
		}
	}
}

func TestRegistryIsReadWhileItGrows(t *testing.T) {
	var table ownerTable
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				c := new(core)
				table.enter(c)
				if table.get(c.id) != c {
					t.Errorf("number %d is somebody else's", c.id)
				}
				if c.id%3 == 0 {
					table.leave(c)
				}
			}
		})
	}
	wg.Wait()
}

// registered counts the arenas that are not closed.
func registered() int {
	owners.mu.Lock()
	defer owners.mu.Unlock()
	if owners.table.Load() == nil {
		return 0
	}
	return int(owners.next) - len(owners.free)
}

func TestNothingStaysRegisteredAfterClose(t *testing.T) {
	arenas, pins := registered(), pinnersLive()
	for _, o := range []Options{{}, {Capacity: 3}, {OffHeap: true}, {OffHeap: true, Debug: true}} {
		a, err := NewArena[[4]int](o)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := a.New(nil)
		p.Release()
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := NewArena[[1 << 24]int64](Options{Capacity: 1<<30 - 1}); err == nil {
		t.Fatal("2^57 bytes were had")
	}
	if _, err := NewArena[[1 << 24]int64](Options{Capacity: 1<<30 - 1, OffHeap: true}); err == nil {
		t.Fatal("2^57 bytes were had")
	}
	if _, err := NewArena[string](Options{OffHeap: true}); err == nil {
		t.Fatal("strings off-heap")
	}
	s, err := New(func(n *int) error { *n = 1; return nil })
	if err != nil {
		t.Fatal(err)
	}
	s.Release()
	if _, err := New(func(*int) error { return ErrFull }); err != ErrFull {
		t.Fatal(err)
	}
	if a, p := registered(), pinnersLive(); a != arenas || p != pins {
		t.Errorf("%d arenas and %d pinners are registered, %d and %d before", a, p, arenas, pins)
	}
}

func TestForgottenArenaKeepsItsValues(t *testing.T) {
	collected := make(chan struct{})
	at := func() uintptr {
		a, err := NewArena[[64]*int](Options{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := a.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		runtime.AddCleanup(a, func(struct{}) { close(collected) }, struct{}{})
		return p.Addr()
	}()
	for range 3 {
		runtime.GC()
	}
	select {
	case <-collected:
		t.Fatalf("an arena with a value at %#x was collected", at)
	default:
	}
	// The registry has it still, as the only one.
	for id := owners.next; id > 0; id-- {
		if c := owners.get(id); c != nil && c.layout.Size == 64*wordBytes {
			for h := range c.slots {
				c.release(h)
			}
			if err := c.close(); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	runtime.GC()
	<-collected
}

const wordBytes = 4 << (^uintptr(0) >> 63)

func TestBrokenRuntimeRefusesArenas(t *testing.T) {
	broken := breakRuntime(t)
	before := registered()
	if a, err := NewArena[int](Options{}); a != nil || err != broken {
		t.Errorf("NewArena: %v, %v", a, err)
	}
	if p, err := New[int](nil); !p.IsZero() || err != broken {
		t.Errorf("New: %v, %v", p, err)
	}
	if after := registered(); after != before {
		t.Errorf("%d arenas are registered, %d before", after, before)
	}
}

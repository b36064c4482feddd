package future

import (
	"errors"
	"testing"
	"unsafe"
)

func TestASpawnWithoutMemoryLeavesItsLoopUsable(t *testing.T) {
	l := newTestLoop(t)
	first := Spawn(l, pending())
	s := l.slabs[l.lookup(first.w).slab]
	for s.next != uint32(len(s.chunks))<<s.shift { // no room is left
		s.take()
	}
	grow, full := s.grow, errors.New("no memory")
	s.grow = func(int) (unsafe.Pointer, closer, error) { return nil, nil, full }
	for name, spawn := range map[string]func(){
		"Spawn":     func() { Spawn(l, pending()) },
		"Go":        func() { Go(l, pending()) },
		"SpawnInit": func() { SpawnInit[script](l, nil) },
	} {
		func() {
			defer func() {
				if v := recover(); v != full {
					t.Errorf("%s: recovered %v", name, v)
				}
			}()
			spawn()
		}()
		if c := l.claim.Load(); c != unclaimed {
			t.Errorf("%s: the claim is %d", name, c)
			l.leave()
		}
	}
	s.grow = grow
	first.Cancel()
	mustWait(t, first)
	first.Release()
}

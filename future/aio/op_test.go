package aio

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestOpSlabAgainstAModel takes and frees ops at random: a key finds its op while that is
// under way, and nothing afterwards.
func TestOpSlabAgainstAModel(t *testing.T) {
	var s opSlab
	rng := rand.New(rand.NewPCG(1, 2))
	live := map[key]*op{}
	var dead []key
	for range 20000 {
		if len(live) == 0 || rng.IntN(5) < 3 && len(live) < 1000 {
			k, o := s.take()
			if live[k] != nil || k.index() == noOp || k.gen()&1 == 0 {
				t.Fatalf("the key %#x", k)
			}
			live[k] = o
			continue
		}
		for k := range live {
			s.put(k.index())
			delete(live, k)
			dead = append(dead, k)
			break
		}
		if k := dead[rng.IntN(max(len(dead), 1))%max(len(dead), 1)]; s.find(k) != nil {
			t.Fatalf("the op of %#x has ended, and is found", k)
		}
	}
	if s.live != len(live) {
		t.Errorf("%d live, not %d", s.live, len(live))
	}
	n := 0
	for k, o := range s.each {
		if n++; live[k] != o || s.find(k) != o {
			t.Errorf("%#x is not the op it was", k)
		}
	}
	if n != len(live) {
		t.Errorf("%d ops are listed of %d", n, len(live))
	}
}

// TestAnOpIsRetiredBeforeItsGenerationWraps: a key of 2^31 lives ago must not find it.
func TestAnOpIsRetiredBeforeItsGenerationWraps(t *testing.T) {
	var s opSlab
	k, o := s.take()
	o.gen = math.MaxUint32
	s.put(k.index())
	if again, _ := s.take(); again.index() == k.index() {
		t.Errorf("op %d is used again, with generation %d", k.index(), again.gen())
	}
	if s.find(keyOf(k.index(), 0)) != nil {
		t.Error("generation 0 is found")
	}
}

package density

import (
	"reflect"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// sleeper is a future that waits to be woken, once. On a 64-bit machine it has 32
// bytes of state of its own, and a pointer into it: 48 bytes.
type sleeper struct {
	anchor pin.Anchor
	self   pin.Self[uint64] // to seal
	ledger *ledger
	seal   uint64       // follows from id; written when it is parked
	next   future.Waker // whom to wake: with all of them in a chain, nobody has to keep their wakers
	id     uint32
}

// ledger is what the sleepers of one run account for. It belongs to their loop.
type ledger struct {
	faults *fault.Ledger
	plant  fault.Kind // a fault to be committed by sleeper number victim
	victim uint32

	parked   int
	finished int    // woken and found as they were parked
	woken    uint32 // the id of the sleeper that was last woken
}

// Poll implements [future.Future].
func (s *sleeper) Poll(cx *future.Context) future.Poll {
	if cx.Canceled() {
		return future.Ready // the run was given up
	}
	if !s.anchor.Pinned() {
		s.anchor.Check()
		s.seal = sealOf(s.id)
		pin.Bind(s, &s.self, &s.seal)
		s.ledger.parked++
		return future.Pending
	}
	s = s.sabotage()
	s.verify()
	s.ledger.finished++
	if s.id > 0 {
		s.ledger.woken = s.id - 1
		if !s.commit(fault.LostWake) {
			cx.Wake(s.next)
		}
	}
	return future.Ready
}

// Suspended implements [future.Suspender].
func (s *sleeper) Suspended() string { return "the wake of its neighbour" }

// verify records what is wrong with a sleeper.
func (s *sleeper) verify() {
	f := s.ledger.faults
	if err := s.anchor.Err(); err != nil {
		f.Add(fault.Moved, s.name(), "%v", err)
	} else if err := s.self.Check(unsafeptr.RangeOf(s)); err != nil {
		f.Add(fault.Stale, s.name(), "%v", err)
	} else if got, want := *s.self.Get(), sealOf(s.id); got != want {
		f.Add(fault.Mismatch, s.name(), "its state reads %#x through its own pointer, %#x was written", got, want)
	}
}

func (s *sleeper) name() string { return name(s.id) }

// sealOf spreads id over 64 bits; the multiplier is that of Knuth's MMIX generator.
func sealOf(id uint32) uint64 { return (uint64(id) + 1) * 6364136223846793005 }

// commit reports whether fault k is to be committed by this sleeper.
func (s *sleeper) commit(k fault.Kind) bool {
	return s.ledger.plant == k && s.id == s.ledger.victim
}

// sabotage commits the fault that this sleeper is to commit. It returns the
// sleeper with which the poll is to go on.
func (s *sleeper) sabotage() *sleeper {
	switch {
	case s.commit(fault.Mismatch):
		s.seal ^= 1
	case s.commit(fault.Moved):
		// Through reflect, since vet would find it otherwise.
		moved := new(sleeper)
		reflect.ValueOf(moved).Elem().Set(reflect.ValueOf(s).Elem())
		return moved
	case s.commit(fault.Stale):
		other := &sleeper{seal: s.seal}
		pin.Bind(other, &other.self, &other.seal)
		s.self = other.self
	case s.commit(fault.Panicked):
		panic("a planted panic")
	}
	return s
}

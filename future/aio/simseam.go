package aio

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
)

// This file is where the rest of the package meets simulations: by numbers of descriptors that no
// system gives out.

const (
	// firstSimulated is above what Linux can be configured to give out in any memory that there
	// is, and what numbers of package net's connections come to.
	firstSimulated = 1 << 30
	// simShare is how many numbers one simulation has.
	simShare = 1 << 16
)

func simulated(fd int32) bool { return fd >= firstSimulated }

// sims are the simulations that have something open.
var sims struct {
	mu sync.RWMutex // protects what follows; it may be locked while a Sim's is
	of []*Sim       // by index
}

// simOf returns the simulation of a descriptor, nil for the system's.
func simOf(fd int32) *Sim {
	if !simulated(fd) {
		return nil
	}
	sims.mu.RLock()
	defer sims.mu.RUnlock()
	if i := int(fd-firstSimulated) / simShare; i < len(sims.of) {
		return sims.of[i]
	}
	return nil
}

// enroll gives s an index.
func enroll(s *Sim) int32 {
	sims.mu.Lock()
	defer sims.mu.Unlock()
	for i, other := range sims.of {
		if other == nil {
			sims.of[i] = s
			return int32(i)
		}
	}
	sims.of = append(sims.of, s)
	return int32(len(sims.of) - 1)
}

func strike(index int32) {
	sims.mu.Lock()
	defer sims.mu.Unlock()
	sims.of[index] = nil
}

// engineFor returns the engine for a descriptor that is first used on the loop of e, or where
// that is nil: an engine does nothing for descriptors of another world.
func engineFor(e *engine, fd int32) *engine {
	switch s := simOf(fd); {
	case e != nil && e.sim == s:
		return e
	case s == nil || s == simOfProcess():
		return someEngine()
	default:
		return s.someEngine()
	}
}

// someEngine returns one of the engines of s, each in turn.
func (s *Sim) someEngine() *engine {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kernels) == 0 {
		return nowhere
	}
	s.turn++
	return s.kernels[s.turn%len(s.kernels)].e
}

// closeDescriptor closes what a connection, listener or file has.
func closeDescriptor(fd int) {
	if s := simOf(int32(fd)); s != nil {
		s.closeNode(int32(fd))
		return
	}
	closeOfSystem(fd)
}

// simOfProcess returns the simulation in which the whole process is, nil if it is in none:
// where the environment says so, all that package aio opens is of this one.
func simOfProcess() *Sim {
	if os.Getenv("PINION_AIO_DRIVER") != simName {
		return nil
	}
	return commonSim()
}

var commonSim = sync.OnceValue(func() *Sim {
	seed, err := strconv.ParseUint(os.Getenv("PINION_AIO_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	return NewSim(SimConfig{Seed: seed})
})

// newSimEngine makes an engine of the process's simulation. It may be used from any thread.
func newSimEngine(bool) (*engine, error) {
	return commonSim().engine("", false), nil
}

// saysSeed is what is said of an engine, besides why it was chosen.
func (s *Sim) saysSeed() string {
	if s.cfg.Choose != nil {
		return "its decisions are Choose's"
	}
	return fmt.Sprintf("its seed is %d", s.cfg.Seed)
}

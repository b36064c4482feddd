package streams

import (
	"math/rand/v2"
	"sync/atomic"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/pin"
)

// stream is the record of one source on its way through. It is an ordinary
// object: it outlives the future that reads it.
type stream struct {
	run    *run
	index  int // of the source
	src    *Source
	name   string // of the source and the form
	feeder *feeder

	plant atomic.Uint32 // the fault.Kind that is to be committed in this stream, once

	// The feeder alone.
	sizes rand.PCG       // decides the sizes of the chunks
	block pin.Pin[block] // what was read ahead
	data  []byte         // the part of the block that was not delivered yet
	off   int64          // of the end of data in the source
	ended bool           // nothing comes after data
	pump  *pump          // where the data of a sequential source comes from

	// Chunks delivered, with their wake; and chunks that the future has taken.
	fed, taken atomic.Uint64

	// The future, and then its lane.
	tally Tally
	err   error // why it ended early
}

// fail ends the stream: its future finishes as soon as no read is in flight.
func (s *stream) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// commit reports whether fault k is to be committed now, and sees to it that it
// is committed once.
func (s *stream) commit(k fault.Kind) bool {
	return s.plant.Load() == uint32(k) && s.plant.CompareAndSwap(uint32(k), uint32(fault.None))
}

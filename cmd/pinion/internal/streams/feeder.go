package streams

import (
	"fmt"
	"io"
	"math/bits"
	"math/rand/v2"
	"sync"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// block is what is read ahead of a stream at once.
type block [blockSize]byte

const blockSize = 8 << 10

// feeder plays the kernel for the streams of one loop: from a goroutine of its
// own it carries out the reads that futures have queued, in random order, each
// with a random part of what was asked for, and wakes them.
//
// It opens a file whenever it needs a block of it, and closes it again, so that
// thousands of streams take one descriptor. The blocks are off-heap where that
// exists.
type feeder struct {
	run    *run
	order  *rand.Rand // decides who is served next
	blocks *pin.Arena[block]
	batch  []*op

	mu      sync.Mutex
	queue   *op           // the ops that were pushed, newest first
	retired []*stream     // that ended before their source did
	bell    chan struct{} // rung at a push into an empty queue
}

func newFeeder(r *run, n int) (*feeder, error) {
	blocks, err := pin.NewArena[block](pin.Options{OffHeap: true})
	if err != nil {
		return nil, err
	}
	return &feeder{
		run:    r,
		order:  rand.New(rand.NewPCG(r.cfg.Seed, ^uint64(n))),
		blocks: blocks,
		bell:   make(chan struct{}, 1),
	}, nil
}

// push queues an op. It is called from polls.
func (f *feeder) push(o *op) {
	f.mu.Lock()
	empty := f.queue == nil
	o.next, f.queue = f.queue, o
	f.mu.Unlock()
	if empty {
		select {
		case f.bell <- struct{}{}:
		default:
		}
	}
}

// retire has the feeder forget a stream that ended before its source did and has
// no op in flight. Any goroutine.
func (f *feeder) retire(s *stream) {
	f.mu.Lock()
	f.retired = append(f.retired, s)
	f.mu.Unlock()
}

// serve carries out ops until no stream is left.
func (f *feeder) serve() {
	for {
		select {
		case <-f.bell:
		case <-f.run.served:
			return
		}
		for f.takeAll() {
			for i := range f.batch {
				f.deliver(f.batch[i])
				f.batch[i] = nil
			}
			f.run.stackMoves.Add(growStack())
		}
	}
}

// takeAll moves the queue into the batch and shuffles it. It reports whether
// there was anything.
func (f *feeder) takeAll() bool {
	f.mu.Lock()
	o, retired := f.queue, f.retired
	f.queue, f.retired = nil, nil
	f.mu.Unlock()
	for _, s := range retired {
		f.drop(s)
	}
	f.batch = f.batch[:0]
	for ; o != nil; o = o.next {
		f.batch = append(f.batch, o)
	}
	f.order.Shuffle(len(f.batch), func(i, j int) {
		f.batch[i], f.batch[j] = f.batch[j], f.batch[i]
	})
	return len(f.batch) > 0
}

// deliver carries out one op.
func (f *feeder) deliver(o *op) {
	s := o.s
	var err error
	if len(s.data) == 0 && !s.ended {
		err = f.fill(s)
	}
	if f.run.ctx.Err() != nil {
		err = future.ErrCanceled
	}
	if err != nil {
		f.drop(s)
		o.complete(0, err, true)
		return
	}
	n := copy(o.into[:min(len(o.into), s.nextSize(f.run.cfg.Chunk))], s.data)
	s.data = s.data[n:]
	if n > 0 && s.commit(fault.Mismatch) {
		o.into[0] ^= 0x20
	}
	// The end comes with the last chunk or after it, as io.Reader has it.
	if s.ended && len(s.data) == 0 && (n == 0 || s.sizes.Uint64()&1 == 0) {
		err = io.EOF
		f.drop(s)
	}
	o.complete(n, err, !(n > 0 && s.commit(fault.LostWake)))
}

// nextSize returns the size of the stream's next chunk: small ones and large
// ones up to limit, every order of magnitude as often as the others.
func (s *stream) nextSize(limit int) int {
	r := s.sizes.Uint64()
	scale := (r >> 32) % uint64(bits.Len(uint(limit)))
	return min(limit, 1+int(uint32(r)&(2<<scale-1)))
}

// fill reads the stream's next block.
func (f *feeder) fill(s *stream) error {
	if s.block.IsZero() {
		b, err := f.blocks.New(nil)
		if err != nil {
			return err
		}
		s.block = b
	}
	buf := s.block.Get()[:]
	var n int
	var err error
	if s.src.Sequential {
		if s.pump == nil {
			s.pump = startPump(f.run.ctx, s.src)
		}
		n, err = s.pump.read(buf)
	} else {
		n, err = s.src.readAt(buf, s.off)
	}
	s.data = buf[:n]
	s.off += int64(n)
	if err == io.EOF {
		s.ended, err = true, nil
	}
	return err
}

// readAt reads from a file that it opens for that.
func (s *Source) readAt(b []byte, off int64) (n int, err error) {
	f, err := s.open()
	if err != nil {
		return 0, err
	}
	n, err = f.ReadAt(b, off)
	if e := f.Close(); err == nil {
		err = e
	}
	return n, err
}

// drop gives back what the feeder keeps for a stream.
func (f *feeder) drop(s *stream) {
	if !s.block.IsZero() {
		s.block.Release()
	}
	s.block, s.data = pin.Pin[block]{}, nil
}

// close ends the feeder after serve has returned.
func (f *feeder) close() error {
	f.takeAll()
	if err := f.blocks.Close(); err != nil {
		return fmt.Errorf("the read-ahead blocks of a feeder: %w", err)
	}
	return nil
}

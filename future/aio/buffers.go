package aio

import (
	"fmt"
	"os"
	"sync"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// Buffers is a bounded pool of pinned buffers of one size, for what is read from files, and for what
// is written to them and to connections: an operation on one of them need not pin it, and io_uring
// is told of them once (IORING_REGISTER_BUFFERS), where it has the memory to lock, instead of
// looking up their pages each time. What connections receive comes in buffers of their loop's own: see [Conn.Next].
//
// All methods may be called from every goroutine and in every poll.
type Buffers struct {
	size   int
	block  *pin.Block[byte]
	tokens *future.Semaphore // one for each buffer that is free

	mu     sync.Mutex
	free   []int32
	out    []bool
	closed bool
}

const (
	// mostPooled is the most memory that io_uring takes as one fixed buffer.
	mostPooled = 1 << 30
	// mostBuffers is the most buffers of a pool, each of which costs five bytes besides.
	mostBuffers = 1 << 24
	// leastPooled is more than the allocator has size classes for: what is larger begins with a page.
	leastPooled = 64 << 10
)

// NewBuffers returns a pool of n buffers of size bytes, at most 1<<24 and together 1 GiB, all allocated at
// once. Where size is a multiple of 4,096, each buffer begins at one, as O_DIRECT wants it.
func NewBuffers(n, size int) (*Buffers, error) {
	if n < 1 || size < 1 || n > mostBuffers || size > mostPooled/n {
		return nil, fmt.Errorf("aio: NewBuffers of %d buffers of %d bytes: there must be one of 1 byte at least, and %d of together 1 GiB at most", n, size, mostBuffers)
	}
	block, err := pin.NewBlock[byte](max(n*size, leastPooled))
	if err != nil {
		return nil, err
	}
	b := &Buffers{size: size, block: block, tokens: future.NewSemaphore(n), free: make([]int32, n), out: make([]bool, n)}
	for i := range b.free {
		b.free[i] = int32(n - 1 - i) // the first is taken first
	}
	lenders.add(b)
	return b, nil
}

// Size returns the size of a buffer in bytes.
func (b *Buffers) Size() int { return b.size }

// Get waits until a buffer is free, first come first served, and returns it: it has Size bytes,
// in which is what its last user has left. The error is os.ErrClosed after a Close.
func (b *Buffers) Get() ([]byte, error) {
	f := b.GetAsync()
	if err := future.Block(&f); err != nil {
		return nil, err
	}
	return f.Result()
}

// GetAsync is [Buffers.Get] as a future. If it is cancelled it has no buffer, and the error is
// [future.ErrCanceled].
//
//pinion:noescape
func (b *Buffers) GetAsync() (f BuffersGetFuture) {
	f.Init(b)
	return
}

// Put gives back p, or another slice that begins where a buffer of Get does. No operation on it may
// be under way. The error says that it is not one of b's, or is free already, and then nothing
// is done. That p was put back before and is another's by now, it cannot tell.
func (b *Buffers) Put(p []byte) error { return b.put(p, nil) }

// PutCx is [Buffers.Put] within a poll: it is cheaper where the buffer is waited for on the same loop.
//
//pinion:noescape
func (b *Buffers) PutCx(cx *future.Context, p []byte) error { return b.put(p, cx) }

func (b *Buffers) put(p []byte, cx *future.Context) error {
	i, err := b.index(p)
	if err != nil {
		return err
	}
	b.mu.Lock()
	is := b.out[i]
	if b.out[i] = false; is {
		b.free = append(b.free, int32(i))
	}
	b.mu.Unlock()
	switch {
	case !is:
		return fmt.Errorf("aio: Buffers.Put of buffer %d, which is free already", i)
	case cx != nil:
		b.tokens.ReleaseCx(cx, 1)
	default:
		b.tokens.Release(1)
	}
	return nil
}

// index returns which buffer p is.
func (b *Buffers) index(p []byte) (int, error) {
	off, ok := uintptr(0), cap(p) > 0
	if ok {
		off, ok = unsafeptr.OffsetOf(b.block.Range(), &p[:1][0])
	}
	if i := int(off) / b.size; ok && int(off)%b.size == 0 && i < len(b.out) {
		return i, nil
	}
	return 0, fmt.Errorf("aio: Buffers.Put of %d bytes that do not begin where a buffer of this pool does", len(p))
}

// Close frees the memory, and ends each Get. The error says how many buffers are not given back:
// then nothing is done, and b may be used on. Closing it again does nothing.
func (b *Buffers) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	if n := len(b.out) - len(b.free); n > 0 {
		return fmt.Errorf("aio: Buffers.Close: %d of %d buffers are in use; Put them first", n, len(b.out))
	}
	b.closed = true
	lenders.remove(b)
	b.block.Close()
	return nil
}

// take takes a free buffer for one who has its token.
func (b *Buffers) take() ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, os.ErrClosed
	}
	n := len(b.free) - 1
	i := int(b.free[n])
	b.free = b.free[:n]
	b.out[i] = true
	return b.block.Slice(i*b.size, (i+1)*b.size), nil
}

// BuffersGetFuture is the future of [Buffers.GetAsync].
type BuffersGetFuture struct {
	b     *Buffers
	token future.SemaphoreAcquireFuture
	p     []byte
	err   error
	over  bool
}

// Init makes f the future of b.Get(), in place.
//
//pinion:noescape
func (f *BuffersGetFuture) Init(b *Buffers) {
	*f = BuffersGetFuture{b: b, token: b.tokens.AcquireAsync(1)}
}

// Poll implements [future.Future].
func (f *BuffersGetFuture) Poll(cx *future.Context) future.Poll {
	if f.over {
		return future.Ready
	}
	if f.token.Poll(cx) == future.Pending {
		return future.Pending
	}
	f.over = true
	if f.err = f.token.Result(); f.err == nil {
		if f.p, f.err = f.b.take(); f.err != nil {
			f.b.tokens.ReleaseCx(cx, 1) // for the next one who comes too late
		}
	}
	return future.Ready
}

// Result returns what [Buffers.Get] would have.
func (f *BuffersGetFuture) Result() ([]byte, error) { return f.p, f.err }

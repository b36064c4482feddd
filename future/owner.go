package future

import (
	"sync"
	"sync/atomic"
)

// An owner is the part of a loop that other goroutines may touch: its headers,
// its inbox and its mailbox. Owners live as long as the process; a loop that
// ends gives its owner back, and the next loop goes on with its headers and
// their generations.
type owner struct {
	id   uint32
	loop atomic.Pointer[Loop] // the loop that has it now, or nil

	chunks atomic.Pointer[[]headerChunk] // append-only; replaced under growMu
	growMu sync.Mutex

	// What a loop does to its headers; the loop alone. Kept here, since it
	// outlives the loop.
	free       uint32 // first free header, linked through index; 0 for none
	bump, stop uint32 // headers never used yet

	_     [64]byte      // what others write, apart from what the loop reads all the time
	inbox atomic.Uint32 // first slot with signals, linked through link; 0 for none
	idle  atomic.Uint32 // whether the next signal must rouse the loop: awake, resting or asleep

	mail   mailbox
	remote remoteSlots
	grants grantList

	listed   atomic.Bool // it is on the list of a waitQueue, to be roused
	nextRest *owner      // on that list; of the goroutine that has set listed
}

const (
	chunkShift = 10
	chunkLen   = 1 << chunkShift
)

// headerChunk is chunkLen headers at a fixed address. Of a loop that serves Block the
// first chunk is shorter, since mostly it needs one header, and there is such a loop
// for each goroutine that waits.
type headerChunk []header

const blockChunkLen = 4

// header returns the header at slot, or nil when there is none. Any goroutine.
func (o *owner) header(slot uint32) *header {
	chunks := o.chunks.Load()
	if chunks == nil || slot == 0 || int(slot>>chunkShift) >= len(*chunks) {
		return nil
	}
	chunk := (*chunks)[slot>>chunkShift]
	i := slot & (chunkLen - 1)
	if i >= uint32(len(chunk)) {
		return nil
	}
	return &chunk[i]
}

// push puts a header whose first signal the caller has just set into the inbox,
// and wakes the loop if it sleeps, see signal. Any goroutine.
func (o *owner) push(slot uint32, h *header, q *waitQueue) {
	for {
		head := o.inbox.Load()
		h.link = head
		if o.inbox.CompareAndSwap(head, slot) {
			break
		}
	}
	if q == nil {
		o.rouse()
	} else if o.idle.Load() != awake {
		q.rouseLater(o)
	}
}

// What a loop is doing, in owner.idle.
const (
	awake   = iota // it will look at its inbox before it sleeps
	resting        // nobody is stepping it
	asleep         // its goroutine waits in the driver
)

// rouse wakes the loop if it sleeps. Of a burst of signals only the first finds
// it asleep, so that a burst costs one system call.
func (o *owner) rouse() {
	was := o.idle.Load()
	if was == awake || !o.idle.CompareAndSwap(was, awake) {
		return
	}
	if l := o.loop.Load(); l != nil {
		l.roused(was)
	}
}

// grow adds a chunk of n headers with the given flags and returns its slots. Any
// goroutine.
func (o *owner) grow(n uint32, f flags) (first, stop uint32) {
	o.growMu.Lock()
	defer o.growMu.Unlock()
	var chunks []headerChunk
	if old := o.chunks.Load(); old != nil {
		chunks = *old
	}
	first = uint32(len(chunks)) << chunkShift
	if len(chunks) >= 1<<(32-chunkShift)-1 {
		panic("future: a loop has more than 4 billion task headers")
	}
	// Readers see either slice header; the new element lies beyond the old
	// one's length, so that appending in place is safe.
	chunk := make(headerChunk, n)
	for i := range chunk {
		chunk[i].flags = f           // now: once others see the chunk, the flags are the loop's
		chunk[i].word.Store(1 << 32) // generation 0 is always stale
	}
	chunks = append(chunks, chunk)
	o.chunks.Store(&chunks)
	stop = first + n
	if first == 0 {
		first = 1 // slot 0 is nobody: the zero Waker's
	}
	return first, stop
}

// alloc returns a free header with its generation set.
func (l *Loop) alloc() (uint32, *header) {
	o := l.own
	if slot := o.free; slot != 0 {
		h := l.header(slot)
		o.free = h.index
		return slot, h
	}
	if o.bump == o.stop {
		n := uint32(chunkLen)
		if l.block && o.chunks.Load() == nil {
			n = blockChunkLen
		}
		o.bump, o.stop = o.grow(n, 0)
	}
	slot := o.bump
	o.bump++
	return slot, l.header(slot)
}

// recycle advances the header's generation, so that every waker and handle of
// its old tenant is stale, and frees it. It reports false, having done nothing,
// while signals are set: the drain of the inbox calls again. The loop alone.
func (o *owner) recycle(slot uint32, h *header) bool {
	last := h.gen() == lastGen
	if !h.advance() {
		return false
	}
	if last {
		return true // retired: a generation that wraps would revive old wakers
	}
	if h.flags&flagRemote != 0 {
		o.remote.put(slot)
		return true
	}
	h.index, o.free = o.free, slot
	return true
}

// lastGen is the last generation a header is used with.
const lastGen = 1<<32 - 2

// directory maps owner ids to owners. It only grows.
var directory struct {
	owners atomic.Pointer[[]*owner]
	mu     sync.Mutex
	spare  []*owner // of loops that have ended
}

func ownerOf(id uint32) *owner {
	owners := directory.owners.Load()
	if owners == nil || int(id) >= len(*owners) {
		return nil
	}
	return (*owners)[id]
}

func acquireOwner(l *Loop) *owner {
	directory.mu.Lock()
	defer directory.mu.Unlock()
	if n := len(directory.spare); n > 0 {
		o := directory.spare[n-1]
		directory.spare = directory.spare[:n-1]
		o.loop.Store(l)
		return o
	}
	var owners []*owner
	if old := directory.owners.Load(); old != nil {
		owners = *old
	}
	o := &owner{id: uint32(len(owners))}
	o.mail.init()
	o.loop.Store(l)
	owners = append(owners, o)
	directory.owners.Store(&owners)
	return o
}

func releaseOwner(o *owner) {
	o.loop.Store(nil)
	directory.mu.Lock()
	directory.spare = append(directory.spare, o)
	directory.mu.Unlock()
}

// remoteSlots are headers for tasks spawned by other goroutines, which need a
// handle before the loop has seen the task.
type remoteSlots struct {
	mu         sync.Mutex
	free       []uint32
	bump, stop uint32
}

// get returns a header for a task of the given owner. Any goroutine.
func (r *remoteSlots) get(o *owner) (uint32, *header) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.free); n > 0 {
		slot := r.free[n-1]
		r.free = r.free[:n-1]
		return slot, o.header(slot)
	}
	if r.bump == r.stop {
		r.bump, r.stop = o.grow(chunkLen, flagRemote)
	}
	slot := r.bump
	r.bump++
	return slot, o.header(slot)
}

func (r *remoteSlots) put(slot uint32) {
	r.mu.Lock()
	r.free = append(r.free, slot)
	r.mu.Unlock()
}

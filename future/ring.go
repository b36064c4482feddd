package future

// ring is a first-in first-out queue of slots that grows by doubling and never
// shrinks. Each slot is in it at most once, so that it is bounded by the number
// of tasks.
type ring struct {
	buf        []uint32 // len is 0 or a power of two
	head, tail uint32   // entries ever popped and pushed; they may wrap
}

func (r *ring) len() int { return int(r.tail - r.head) }

func (r *ring) push(v uint32) {
	if r.full() {
		r.grow()
	}
	r.buf[r.tail&uint32(len(r.buf)-1)] = v
	r.tail++
}

func (r *ring) full() bool { return r.len() == len(r.buf) }

// pop removes and returns the oldest entry of a ring that is not empty.
func (r *ring) pop() uint32 {
	v := r.buf[r.head&uint32(len(r.buf)-1)]
	r.head++
	return v
}

// unpop puts v, which was the oldest entry, back.
func (r *ring) unpop(v uint32) {
	if r.full() {
		r.grow()
	}
	r.head--
	r.buf[r.head&uint32(len(r.buf)-1)] = v
}

// toFront makes the i-th oldest entry, 0 <= i < len, the oldest. It is O(n): only
// a loop that is being explored takes entries out of order.
func (r *ring) toFront(i int) {
	mask := uint32(len(r.buf) - 1)
	at := r.head + uint32(i)
	v := r.buf[at&mask]
	for ; at != r.head; at-- {
		r.buf[at&mask] = r.buf[(at-1)&mask]
	}
	r.buf[r.head&mask] = v
}

// clear empties the ring.
func (r *ring) clear() { r.head = r.tail }

//go:noinline
func (r *ring) grow() {
	next := make([]uint32, max(16, 2*len(r.buf)))
	n := r.tail - r.head
	for i := range n {
		next[i] = r.buf[(r.head+i)&uint32(len(r.buf)-1)]
	}
	r.buf, r.head, r.tail = next, 0, n
}

package future

// ring is a first-in first-out queue of slots that grows by doubling and never
// shrinks. Each slot is in it at most once, so that it is bounded by the number
// of tasks.
type ring struct {
	buf  []uint32 // len is 0 or a power of two
	head uint32
	n    uint32
}

func (r *ring) push(v uint32) {
	if int(r.n) == len(r.buf) {
		r.grow()
	}
	r.buf[(r.head+r.n)&uint32(len(r.buf)-1)] = v
	r.n++
}

func (r *ring) pop() (v uint32, ok bool) {
	if r.n == 0 {
		return 0, false
	}
	v = r.buf[r.head&uint32(len(r.buf)-1)]
	r.head++
	r.n--
	return v, true
}

// take removes and returns the i-th oldest entry, 0 <= i < n. It is O(n): only
// a loop that is being explored takes entries out of order.
func (r *ring) take(i int) uint32 {
	mask := uint32(len(r.buf) - 1)
	at := r.head + uint32(i)
	v := r.buf[at&mask]
	for ; at != r.head; at-- {
		r.buf[at&mask] = r.buf[(at-1)&mask]
	}
	r.head++
	r.n--
	return v
}

func (r *ring) grow() {
	next := make([]uint32, max(16, 2*len(r.buf)))
	for i := range r.n {
		next[i] = r.buf[(r.head+i)&uint32(len(r.buf)-1)]
	}
	r.buf, r.head = next, 0
}

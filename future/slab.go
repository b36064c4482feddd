package future

import (
	"fmt"
	"reflect"
	"sync"
	"unsafe"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// A slab holds the futures of one type that run on one loop, at fixed addresses:
// chunks of a fixed number of them, each chunk one pinned object on the Go heap,
// which the collector does not scan when the type holds no pointers. This file is
// the only one of the package that computes with addresses.
type slab struct {
	itab   itab   // of the future's pointer type as a Future
	name   string // of the future's type
	id     uint16 // index into Loop.slabs
	drops  bool   // it is a pin.Dropper
	scan   bool   // it holds Go pointers
	stride uintptr
	shift  uint32 // log2 of the futures in a chunk
	chunks []unsafe.Pointer
	pins   []closer // the chunks' pins, released when the loop ends
	grow   func(n int) (unsafe.Pointer, closer, error)
	wipe   func(p frameAddr) // makes a used slot like new
	free   []uint32
	next   uint32 // slots never used yet begin here
	// The chunk that at looked at last: elements [first, first+count).
	first, count uint32
	base         unsafe.Pointer
}

type closer interface{ Close() }

// A frameAddr is where a future lies: in a slab, or in a block of its own.
type frameAddr unsafe.Pointer

// as returns the future at p, which is an F.
func as[F any](p frameAddr) *F {
	// SAFETY: p came from a slab of F: slabs are found by the type's itab, and a
	// typed handle exists only for what was spawned as that type.
	return (*F)(p)
}

// An itab tells apart the types of futures.
type itab unsafe.Pointer

// iface is the layout of a non-empty interface value, checked by checkIface.
type iface struct {
	itab itab
	data frameAddr
}

// itabOf returns the itab word of f, which is the same for every future of the
// same type.
func itabOf(f Future) itab {
	// SAFETY: a non-empty interface is two words, itab and data (runtime.iface);
	// checkIface has verified it before the first slab was made.
	return (*iface)(unsafe.Pointer(&f)).itab
}

// dataOf returns the data word of f: the address of the future.
func dataOf(f Future) frameAddr {
	// SAFETY: as in itabOf. The futures passed here are pointers, whose data word
	// is the pointer itself.
	return (*iface)(unsafe.Pointer(&f)).data
}

// future returns the future at p as the interface value that a conversion would
// give, without needing its type.
func (s *slab) future(p frameAddr) (f Future) {
	// SAFETY: the itab came from a pointer of the type that this slab's chunks
	// hold, and p is an element of such a chunk; see itabOf for the layout.
	*(*iface)(unsafe.Pointer(&f)) = iface{s.itab, p}
	return f
}

// at returns the address of element i, which is in use or being built.
func (s *slab) at(i uint32) frameAddr {
	d := i - s.first
	if d >= s.count {
		d = s.visit(i)
	}
	// SAFETY: i was handed out by take, so its chunk exists, holds count elements
	// of stride bytes, and begins at base; d < count.
	return frameAddr(unsafe.Add(s.base, uintptr(d)*s.stride))
}

// owns reports whether b lies within element i.
func (s *slab) owns(i uint32, b []byte) bool {
	// SAFETY: only the numbers are used; an address below the element wraps round.
	off := uintptr(unsafe.Pointer(unsafe.SliceData(b))) - uintptr(s.at(i))
	return off < s.stride && uintptr(len(b)) <= s.stride-off
}

// visit makes the chunk of element i the one that at tries first.
func (s *slab) visit(i uint32) uint32 {
	s.count = 1 << s.shift
	s.first = i &^ (s.count - 1)
	s.base = s.chunks[i>>s.shift]
	return i - s.first
}

// take returns an element that is not in use. It panics if no memory can be pinned.
func (s *slab) take() uint32 {
	if n := len(s.free); n > 0 {
		i := s.free[n-1]
		s.free = s.free[:n-1]
		return i
	}
	i, err := s.extend()
	if err != nil {
		panic(err)
	}
	return i
}

// extend returns an element that was never used.
func (s *slab) extend() (uint32, error) {
	if s.next == uint32(len(s.chunks))<<s.shift {
		if uint64(s.next)+1<<s.shift > 1<<32-1 {
			return 0, fmt.Errorf("future: a loop holds more than 4 billion futures of type %s", s.name)
		}
		chunk, pin, err := s.grow(1 << s.shift)
		if err != nil {
			return 0, err
		}
		s.chunks, s.pins = append(s.chunks, chunk), append(s.pins, pin)
	}
	s.next++
	return s.next - 1, nil
}

// put frees element i. What it points at is let go of.
func (s *slab) put(i uint32) {
	if s.scan {
		s.wipe(s.at(i))
	}
	s.free = append(s.free, i)
}

// blank makes a new element zero, but for its buffers.
func (s *slab) blank(i uint32) {
	if !s.scan {
		s.wipe(s.at(i)) // else put did it
	}
}

func (s *slab) close() {
	for _, p := range s.pins {
		p.Close()
	}
}

// chunkBytes is the size that chunks aim at: large enough that a pin per chunk
// costs nothing, small enough that a rare type wastes little. Untouched pages of
// a chunk take no memory.
const chunkBytes = 64 << 10

func newSlab[F any, P Ptr[F]]() *slab {
	layout := unsafeptr.LayoutOf[F]()
	_, drops := any(P(nil)).(pin.Dropper)
	s := &slab{
		drops:  drops,
		scan:   layout.HasPointers(),
		itab:   itabOf(P(nil)),
		name:   layout.Type.String(),
		stride: layout.Size,
		wipe:   wiper[F](layout),
		grow: func(n int) (unsafe.Pointer, closer, error) {
			b, err := pin.NewBlock[F](n)
			if err != nil {
				return nil, nil, err
			}
			// SAFETY: the block is one pinned object of n values of F; the slab
			// keeps both its base and its pin until the loop ends.
			return unsafe.Pointer(b.At(0)), b, nil
		},
	}
	for s.shift = 3; s.shift < 13 && layout.Size<<(s.shift+1) <= chunkBytes; s.shift++ {
	}
	return s
}

// bufferMin is the size from which a pointer-free array inside a future counts
// as a buffer, whose old contents are left in place when the slot is reused.
const bufferMin = 256

// wiper returns a function that makes a used F like new: zero, except for its
// buffers. Without buffers it is one typed store. With them, the rest is cleared
// piece by piece; words that hold pointers are stored one at a time as pointers,
// since the collector must see them go.
func wiper[F any](layout *unsafeptr.Layout) func(frameAddr) {
	whole := func(p frameAddr) {
		var zero F
		// SAFETY: p is an element of a chunk of F.
		*(*F)(p) = zero
	}
	buffers := layout.ScalarRuns(bufferMin)
	var kept uintptr
	for _, b := range buffers {
		kept += b.Size
	}
	pointers := make([]uintptr, 0, 64)
	for off := range layout.Pointers {
		if len(pointers) == cap(pointers) {
			return whole // a typed clear of so many pointers is cheaper
		}
		pointers = append(pointers, off)
	}
	if kept == 0 {
		return whole
	}
	// The runs between pointers and buffers hold no pointers: plain bytes.
	const word = unsafe.Sizeof(uintptr(0))
	type run struct{ off, size uintptr }
	var runs []run
	off := uintptr(0)
	upTo := func(end, next uintptr) {
		if end > off {
			runs = append(runs, run{off, end - off})
		}
		off = max(off, next)
	}
	ptrs, bufs := pointers, buffers
	for len(ptrs) > 0 || len(bufs) > 0 {
		if len(bufs) == 0 || len(ptrs) > 0 && ptrs[0] < bufs[0].Off {
			upTo(ptrs[0], ptrs[0]+word)
			ptrs = ptrs[1:]
		} else {
			upTo(bufs[0].Off, bufs[0].Off+bufs[0].Size)
			bufs = bufs[1:]
		}
	}
	upTo(layout.Size, layout.Size)
	return func(p frameAddr) {
		for _, off := range pointers {
			// SAFETY: off is the offset of a pointer-sized word that holds a
			// pointer in F, by F's layout; storing it as one gives the collector
			// its write barrier.
			*(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(p), off)) = nil
		}
		for _, r := range runs {
			// SAFETY: [off, off+size) lies within F and overlaps no pointer word.
			clear(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(p), r.off)), r.size))
		}
	}
}

// checkIface verifies the one assumption of this file that the language does not
// promise: how an interface value is laid out.
var checkIface = sync.OnceValue(func() error {
	probe := new(probeFuture)
	f := Future(probe)
	if unsafe.Sizeof(f) != unsafe.Sizeof(iface{}) {
		return fmt.Errorf("future: an interface value is %d bytes in this Go release, not two words; this version of pinion does not support it", unsafe.Sizeof(f))
	}
	// SAFETY: the sizes agree, so that reading two words is in bounds.
	w := *(*iface)(unsafe.Pointer(&f))
	s := slab{itab: w.itab}
	if w.data != frameAddr(probe) || s.future(frameAddr(probe)) != f {
		return fmt.Errorf("future: an interface value is not an itab and a pointer in this Go release; this version of pinion does not support it")
	}
	return nil
})

type probeFuture struct{ _ byte }

func (*probeFuture) Poll(*Context) Poll { return Ready }

func (h *header) assertSize() {
	// A header is half a cache line; more would show in every parked task.
	const _ = uint(32-unsafe.Sizeof(header{})) + uint(unsafe.Sizeof(header{})-32)
}

func typeName(f Future) string {
	t := reflect.TypeOf(f)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.String()
}

package pin

import (
	"reflect"

	"github.com/pinion-go/pinion/unsafeptr"
)

// A Block is a fixed number of values of type T in one object on the Go heap, pinned
// from [NewBlock] to [Block.Close]. Between them the values keep their addresses and stay alive even when
// nothing points at them, and C may hold pointers to them. It is the bare memory
// from which an allocator of one's own is built; [Arena] is the one with handles and checks.
//
// The collector scans the block only if T holds pointers. The block is pinned, what
// its values point at is not. The values are zero at first, and are nobody's to
// drop: a Block calls no [Dropper].
//
// At and Len may be called from any goroutine, Close from one, and what the values
// need in the way of synchronisation is up to the caller.
type Block[T any] struct {
	values []T
	pins   *pinner // nil after Close
}

// NewBlock returns n zero values. A negative n, or one of which the bytes exceed
// the address space, is a [*CapacityError]. As with make, the process
// dies if there is just not enough memory. See [CheckRuntime] for [*RuntimeError].
func NewBlock[T any](n int) (*Block[T], error) {
	if err := CheckRuntime(); err != nil {
		return nil, err
	}
	values, ok := makeValues[T](n)
	if !ok {
		t := reflect.TypeFor[T]()
		return nil, &CapacityError{Op: "NewBlock", Capacity: n, Size: t.Size(), Type: t.String()}
	}
	b := &Block[T]{values: values, pins: newPinner()}
	if n > 0 {
		b.pins.pin(&b.values[0])
	}
	return b, nil
}

// At returns the value with index i, which is the same pointer at every call. It
// panics as indexing a slice does if i is not in [0, Len()). After Close the
// memory is an ordinary Go object: alive while something points at it, no longer pinned.
func (b *Block[T]) At(i int) *T { return &b.values[i] }

// Len returns the number of values.
func (b *Block[T]) Len() int { return len(b.values) }

// Range returns the memory of all the values.
func (b *Block[T]) Range() unsafeptr.Range { return unsafeptr.RangeOfSlice(b.values) }

// Close unpins the block and forgets it, and leaves its memory to the collector.
// Closing it again does nothing. A block that is never closed lives as long as the process.
func (b *Block[T]) Close() {
	if b.pins == nil {
		return
	}
	b.pins.release()
	b.pins = nil
}

// makeValues is make, but reports false where make panics: for a negative n, and for more
// bytes than the runtime has addresses for.
func makeValues[T any](n int) (values []T, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return make([]T, n), true
}

// Slice returns the values from index i up to, not including, j, as a slice with that
// capacity. It panics as slicing does. What is said of [Block.At] about Close holds here too.
func (b *Block[T]) Slice(i, j int) []T { return b.values[i:j:j] }

package pin_test

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

func newBlock[T any](t testing.TB, n int) *pin.Block[T] {
	t.Helper()
	b, err := pin.NewBlock[T](n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

type node struct {
	self *node
	n    int
}

func TestBlockKeepsAddressesAndContents(t *testing.T) {
	const n = 1000
	b := newBlock[node](t, n)
	if b.Len() != n {
		t.Fatalf("Len is %d", b.Len())
	}
	addrs := make([]uintptr, n)
	for i := range n {
		p := b.At(i)
		if p.self != nil || p.n != 0 {
			t.Fatalf("value %d is not zero: %+v", i, p)
		}
		p.self, p.n = p, i
		addrs[i] = unsafeptr.Addr(p)
	}
	for range 3 {
		runtime.GC()
		deep(64)
		for i := range n {
			if p := b.At(i); p.self != p || p.n != i || unsafeptr.Addr(p) != addrs[i] {
				t.Fatalf("value %d at %#x was %#x and holds %+v", i, unsafeptr.Addr(p), addrs[i], p)
			}
		}
	}
}

func TestBlockIsOneObject(t *testing.T) {
	b := newBlock[[24]byte](t, 100)
	r := b.Range()
	if r.Size() != 2400 {
		t.Errorf("its memory is %v", r)
	}
	for i := range b.Len() {
		if off, ok := unsafeptr.OffsetOf(r, b.At(i)); !ok || off != uintptr(i)*24 {
			t.Errorf("value %d is at offset %d, %t", i, off, ok)
		}
	}
}

func TestBlockClosedTwiceUnpinsOnce(t *testing.T) {
	b := newBlock[int](t, 4)
	p := b.At(3)
	*p = 7
	b.Close()
	b.Close()
	runtime.GC()
	if *b.At(3) != 7 || b.At(3) != p || b.Len() != 4 {
		t.Error("Close took the memory of a block that is still used")
	}
}

func TestBlockRefusesImpossibleNumbers(t *testing.T) {
	for _, n := range []int{-1, math.MinInt, math.MaxInt, math.MaxInt / 8} {
		b, err := pin.NewBlock[[64]byte](n)
		var e *pin.CapacityError
		if b != nil || !errors.As(err, &e) {
			t.Fatalf("NewBlock(%d) is %v, %v", n, b, err)
		}
		if e.Capacity != n || e.Size != 64 || e.Type != "[64]uint8" || e.Op != "NewBlock" {
			t.Errorf("%+v", e)
		}
	}
}

func TestBlockOfNothing(t *testing.T) {
	empty := newBlock[int](t, 0)
	if empty.Len() != 0 || empty.Range().Size() != 0 {
		t.Errorf("an empty block has %d values in %v", empty.Len(), empty.Range())
	}
	sizeless := newBlock[struct{}](t, 1000)
	if sizeless.Len() != 1000 || sizeless.At(999) == nil {
		t.Error("a block of values without size")
	}
}

func TestBlockIndexOutOfRangePanics(t *testing.T) {
	b := newBlock[int](t, 3)
	for _, i := range []int{-1, 3} {
		func() {
			defer func() {
				if _, ok := recover().(runtime.Error); !ok {
					t.Errorf("At(%d) of 3 does not panic as a slice does", i)
				}
			}()
			b.At(i)
		}()
	}
}

func TestBlockAtAllocatesNothing(t *testing.T) {
	b := newBlock[[64]byte](t, 16)
	if n := testing.AllocsPerRun(100, func() { b.At(7)[3]++ }); n != 0 {
		t.Errorf("At allocates %v times", n)
	}
}

func ExampleBlock() {
	b, err := pin.NewBlock[[512]byte](8) // eight buffers, say for the kernel
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Close()
	buf := b.At(3)
	copy(buf[:], "it stays here")
	fmt.Printf("%s, %d of %d\n", buf[:13], 3, b.Len())
	// Output: it stays here, 3 of 8
}

func ExampleCapacityError() {
	_, err := pin.NewBlock[int32](-1)
	fmt.Println(err)
	// Output: pin: NewBlock of -1 values of type int32, 4 bytes each: the number must not be negative
}

package unsafeptr_test

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"testing"

	"github.com/pinion-go/pinion/unsafeptr"
)

func TestBytesAreTheMemoryOfTheValue(t *testing.T) {
	v := struct {
		a uint32
		b [4]byte
	}{0x01020304, [4]byte{5, 6, 7, 8}}
	b := unsafeptr.Bytes(&v)
	if len(b) != 8 || cap(b) != 8 {
		t.Fatalf("length %d, capacity %d, want 8", len(b), cap(b))
	}
	if binary.NativeEndian.Uint32(b) != v.a || !bytes.Equal(b[4:], v.b[:]) {
		t.Errorf("bytes %x of %x", b, v)
	}
	b[7] = 99
	v.b[0] = 55
	if v.b[3] != 99 || b[4] != 55 {
		t.Errorf("value and bytes are not the same memory: %v, %v", v, b)
	}
}

func TestBytesCoverExactlyTheObject(t *testing.T) {
	v := new([3]uint64)
	for i := range unsafeptr.Bytes(&v[1]) {
		unsafeptr.Bytes(&v[1])[i] = 0xff
	}
	if *v != [3]uint64{0, ^uint64(0), 0} {
		t.Errorf("got %x", *v)
	}
}

func TestBytesOfNothing(t *testing.T) {
	if b := unsafeptr.Bytes[int](nil); b != nil {
		t.Errorf("bytes of nil: %v", b)
	}
	if b := unsafeptr.Bytes[struct{}](nil); b != nil {
		t.Errorf("bytes of nil to a zero size: %v", b)
	}
	if b := unsafeptr.Bytes(new(struct{})); b == nil || len(b) != 0 {
		t.Errorf("bytes of a zero size: %v, want an empty slice", b)
	}
	if b := unsafeptr.BytesOf[int](nil); b != nil {
		t.Errorf("bytes of a nil slice: %v", b)
	}
	if b := unsafeptr.BytesOf(make([]int, 0, 3)); b == nil || len(b) != 0 || cap(b) != 0 {
		t.Errorf("bytes of an empty slice: %v, capacity %d", b, cap(b))
	}
	if b := unsafeptr.BytesOf(make([]struct{}, 1000)); len(b) != 0 {
		t.Errorf("bytes of zero-size elements: %d", len(b))
	}
}

func TestBytesOfASliceEndsAtItsLength(t *testing.T) {
	s := make([]uint16, 2, 8)
	b := unsafeptr.BytesOf(s)
	if len(b) != 4 || cap(b) != 4 {
		t.Fatalf("length %d, capacity %d, want 4", len(b), cap(b))
	}
	_ = append(b, 0xff)
	if s[:3][2] != 0 {
		t.Error("an append to the bytes wrote behind the slice's length")
	}
	b[2], b[3] = 0xff, 0xff
	if s[1] != 0xffff {
		t.Error("value and bytes are not the same memory")
	}
}

func TestBytesKeepTheirObjectAlive(t *testing.T) {
	o, gone := tracked()
	b := unsafeptr.Bytes(o)[100:]
	o = nil
	churn()
	if gone() {
		t.Fatal("collected while its bytes were held")
	}
	b[0]++
	waitGone(t, gone)
}

// What poisoning does: scalar runs are overwritten, pointers live on.
func TestPoisonedRunsLeavePointersAlone(t *testing.T) {
	type pair struct {
		p   *object
		buf [40]byte
		err error
		s   string
		n   [3]uint16
	}
	vs := make([]pair, 50)
	for i := range vs {
		o, _ := tracked()
		vs[i] = pair{p: o, err: &unsafeptr.TagError{Type: reflect.TypeFor[int]()}, s: string(make([]byte, 20))}
		for _, s := range unsafeptr.LayoutOf[pair]().ScalarRuns(1) {
			b := unsafeptr.Bytes(&vs[i])[s.Off:][:s.Size]
			for j := range b {
				b[j] = 0xdb
			}
		}
	}
	churn()
	for i, v := range vs {
		if v.p.id != 0x1d || v.err == nil || v.err.Error() == "" || v.s != string(make([]byte, 20)) {
			t.Fatalf("value %d lost a pointer", i)
		}
		if v.buf != [40]byte(bytes.Repeat([]byte{0xdb}, 40)) || v.n != [3]uint16{0xdbdb, 0xdbdb, 0xdbdb} {
			t.Fatalf("value %d is not poisoned: %x %x", i, v.buf, v.n)
		}
	}
}

func BenchmarkBytes(b *testing.B) {
	v := new([4096]byte)
	b.Run("poison Bytes", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			clear(unsafeptr.Bytes(v))
		}
	})
	b.Run("assign zero", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			*v = [4096]byte{}
		}
	})
}

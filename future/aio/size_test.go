package aio

import (
	"math/bits"
	"reflect"
	"testing"
)

// An idle connection with a straight-line handler is a Conn, an op that receives, and the
// futures of what the handler does one after the other: these sizes are what README promises.
func TestSizesOfAnIdleConnection(t *testing.T) {
	if bits.UintSize != 64 {
		t.Skip("the sizes are those of 64-bit machines")
	}
	for _, s := range []struct {
		what      string
		size, max uintptr
	}{
		{"Conn", reflect.TypeFor[Conn]().Size(), 48},
		{"op", reflect.TypeFor[op]().Size(), 24},
		{"ConnNextFuture", reflect.TypeFor[ConnNextFuture]().Size(), 32},
		{"ConnWriteFuture", reflect.TypeFor[ConnWriteFuture]().Size(), 56},
		{"Buf", reflect.TypeFor[Buf]().Size(), 16},
	} {
		if s.size > s.max {
			t.Errorf("%s has %d bytes, more than %d", s.what, s.size, s.max)
		}
	}
}

package unsafeptr

import (
	"math/big"
	"testing"
)

// Sums of address and size that leave the address space must not wrap into the range.
func TestContainsDoesNotWrapAround(t *testing.T) {
	const top = ^uintptr(0)
	v := new([64]byte)
	r := RangeOf(v)
	base := r.Base()
	around := []uintptr{0, 1, 63, 64, 65, base - 1, base, base + 1, base + 63, base + 64, base + 65,
		top - base, -base, top / 2, top/2 + 1, top - 64, top - 63, top - 1, top}

	num := func(n uintptr) *big.Int { return new(big.Int).SetUint64(uint64(n)) }
	end := num(base + 64)
	for _, addr := range around {
		for _, size := range around {
			stop := new(big.Int).Add(num(addr), num(size))
			want := addr >= base && addr < base+64 && stop.Cmp(end) <= 0
			if got := r.contains(addr, size); got != want {
				t.Errorf("%v contains %d bytes at %#x: %t, want %t", r, size, addr, got, want)
			}
		}
	}
}

package unsafeptr

import (
	"reflect"
	"testing"
)

// An alignment of 8 by luck of the linker would not do: 386 aligns a plain uint64 to 4.
func TestNilTargetHasRoomForEveryTag(t *testing.T) {
	l := LayoutFor(reflect.TypeOf(&nilTarget).Elem())
	if want := uintptr(1) << maxTagBits; l.Align < want || l.Size < want {
		t.Errorf("nilTarget has size %d and alignment %d, want at least %d", l.Size, l.Align, want)
	}
}

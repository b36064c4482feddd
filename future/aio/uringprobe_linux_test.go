package aio

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/internal/uring"
)

// TestTheProbeReceivesAsAnEngineDoes: a kernel that does not know a flag of the op says so, as those before
// 6.0 do of the one that an engine uses. One that would receive once only is found out too.
func TestTheProbeReceivesAsAnEngineDoes(t *testing.T) {
	if r, err := uring.New(4, false); err != nil {
		t.Skip(err)
	} else {
		r.Close()
	}
	for _, bound := range []bool{false, true} {
		if err := tryReceive(1<<15, bound); !errors.Is(err, unix.EINVAL) {
			t.Errorf("with a flag that there is not: %v", err)
		}
		if tryReceive(0, bound) == nil {
			t.Error("it is content with one buffer at a time")
		}
		if err := tryReceive(uring.RecvMultishot, bound); err != nil {
			t.Error(err)
		}
	}
}

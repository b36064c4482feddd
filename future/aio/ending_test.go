package aio

import (
	"syscall"
	"testing"
)

// TestEndingsKeepErrnos: two bytes are enough for every errno, and for those that package
// syscall has invented for Windows.
func TestEndingsKeepErrnos(t *testing.T) {
	for _, first := range []syscall.Errno{1, 10000, invented, invented + 1, invented + 400} {
		for errno := first; errno < first+2000; errno++ {
			e := failed(errno)
			if e <= 0 || e.plain() != errno {
				t.Fatalf("errno %d ends as %d, which is %v", uint(errno), e, e.plain())
			}
		}
	}
	for e := endInvalid; e < endOK; e++ {
		if _, is := e.plain().(syscall.Errno); is {
			t.Errorf("ending %d is an errno", e)
		}
	}
}

package pin

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

func TestThisRuntimeKeepsTheAssumptions(t *testing.T) {
	if err := CheckRuntime(); err != nil {
		t.Fatal(err)
	}
	for _, c := range runtimeChecks {
		for range 3 { // each check leaves things as they were
			if found := runCheck(c); found != "" {
				t.Errorf("%s: %s", c.assumption, found)
			}
		}
	}
}

func TestRuntimeChecksForceNoCollection(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := checkAll(runtimeChecks[:]); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if before.NumForcedGC != after.NumForcedGC {
		t.Errorf("%d forced collections", after.NumForcedGC-before.NumForcedGC)
	}
}

func TestRuntimeChecksLeaveNothingPinned(t *testing.T) {
	before := pinnersLive()
	if err := checkAll(runtimeChecks[:]); err != nil {
		t.Fatal(err)
	}
	if after := pinnersLive(); after != before {
		t.Errorf("%d pinners before, %d after", before, after)
	}
}

func pinnersLive() int {
	pinners.Lock()
	defer pinners.Unlock()
	return len(pinners.live)
}

func TestCheckThatFailsIsNamed(t *testing.T) {
	failing := []runtimeCheck{
		{"the good one", func() string { return "" }},
		{"the moon stays up", func() string { return "it came down" }},
		{"unreached", func() string { panic("reached") }},
	}
	var e *RuntimeError
	if err := checkAll(failing); !errors.As(err, &e) {
		t.Fatalf("%v", err)
	}
	if e.Assumption != "the moon stays up" || e.Found != "it came down" || !strings.Contains(e.Version, runtime.Version()) {
		t.Errorf("%+v", e)
	}
	for _, want := range []string{"the moon stays up", "it came down", runtime.GOARCH} {
		if !strings.Contains(e.Error(), want) {
			t.Errorf("%q lacks %q", e.Error(), want)
		}
	}
}

func TestCheckThatPanicsHasFailed(t *testing.T) {
	err := checkAll([]runtimeCheck{{"calm", func() string { panic("found a bad thing") }}})
	if err == nil || !strings.Contains(err.Error(), "found a bad thing") {
		t.Errorf("%v", err)
	}
}

// breakRuntime makes CheckRuntime fail for the rest of the test.
func breakRuntime(t *testing.T) *RuntimeError {
	t.Helper()
	broken := &RuntimeError{Assumption: "objects stay", Found: "they fly", Version: "go9"}
	old := runtimeVerdict
	runtimeVerdict = func() error { return broken }
	t.Cleanup(func() { runtimeVerdict = old })
	return broken
}

func TestNothingIsPinnedOnABrokenRuntime(t *testing.T) {
	broken := breakRuntime(t)
	before := pinnersLive()
	if b, err := NewBlock[int](4); b != nil || err != broken {
		t.Errorf("NewBlock: %v, %v", b, err)
	}
	if after := pinnersLive(); after != before {
		t.Errorf("%d pinners before, %d after", before, after)
	}
}

func ExampleCheckRuntime() {
	fmt.Println(CheckRuntime())
	// Output: <nil>
}

func ExampleRuntimeError() {
	fmt.Println(&RuntimeError{Assumption: "objects stay", Found: "they fly", Version: "go9 plan9/mips"})
	// Output: pin: this Go runtime (go9 plan9/mips) breaks an assumption without which pinned memory could be corrupted: objects stay; found that they fly; build with a Go release that this version of pinion supports
}

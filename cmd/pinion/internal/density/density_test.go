package density

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

func TestSleeperIsAsLargeAsItClaims(t *testing.T) {
	whole := unsafeptr.LayoutOf[sleeper]()
	rest := unsafeptr.LayoutOf[struct {
		anchor pin.Anchor
		self   pin.Self[uint64]
	}]()
	if own := whole.Size - rest.Size; math.MaxUint > math.MaxUint32 && (whole.Size != 48 || own != 32 || whole.Padding != 0) {
		t.Errorf("a sleeper has %d bytes, %d of them its own, and %d of padding; want 48, 32 and 0", whole.Size, own, whole.Padding)
	}
}

func TestTasksFinishAsTheyWereParked(t *testing.T) {
	for _, n := range []int{1, 2, batch - 1, batch, batch + 1, 3*batch + 7} {
		var faults fault.Ledger
		var stages []string
		parked := 0
		var loop *future.Loop
		f, err := Tasks(t.Context(), Config{
			N: n, Faults: &faults,
			Stage: func(what string) { stages = append(stages, what) },
			Began: func(l *future.Loop) { loop = l },
			Parked: func() {
				tasks, err := loop.Tasks(t.Context())
				if err != nil {
					t.Error(err)
				}
				parked = len(tasks)
			},
		})
		if err != nil || !f.Done || f.N != n || f.GC <= 0 || f.How == "" {
			t.Errorf("%d tasks: %+v, error %v", n, f, err)
		}
		if parked != n {
			t.Errorf("%d of %d tasks were parked", parked, n)
		}
		if faults.Total() > 0 {
			t.Errorf("%d tasks: %v", n, faults.List())
		}
		if want := "[giving back memory before the tasks parking tasks collecting parked tasks waking tasks]"; fmt.Sprint(stages) != want {
			t.Errorf("stages %v, want %v", stages, want)
		}
		if tasks, err := loop.Tasks(t.Context()); err != nil || len(tasks) > 0 {
			t.Errorf("the loop still has tasks %v, error %v", tasks, err)
		}
	}
}

func TestEveryPlantedFaultIsFound(t *testing.T) {
	const n = 1001
	for k := fault.Mismatch; k <= fault.Panicked; k++ {
		t.Run(k.String(), func(t *testing.T) {
			var faults fault.Ledger
			if _, err := Tasks(t.Context(), Config{N: n, Faults: &faults, Plant: k}); err != nil {
				t.Fatal(err)
			}
			list := faults.List()
			if len(list) != 1 || list[0].Kind != k.String() {
				t.Fatalf("found %v, want one %v", list, k)
			}
			where := "sleeper 500" // in the middle
			switch k {
			case fault.LostWake:
				where = "sleeper 499" // which was to be woken by that
			case fault.Leaked:
				where = "density.sleeper" // the runtime knows it by its type
			}
			if list[0].Where != where {
				t.Errorf("the fault is said to be at %s, it was planted at %s", list[0].Where, where)
			}
		})
	}
}

func TestTasksStopAndDrainWithTheirContext(t *testing.T) {
	for _, stage := range []string{"parking tasks", "collecting parked tasks"} {
		ctx, cancel := context.WithCancel(t.Context())
		var faults fault.Ledger
		f, err := Tasks(ctx, Config{N: 3 * batch, Faults: &faults, Stage: func(what string) {
			if what == stage {
				cancel()
			}
		}})
		if err != nil || f.Done || faults.Total() > 0 || (f.N == 3*batch) != (stage != "parking tasks") {
			t.Errorf("ended while %s: %+v, error %v, faults %v", stage, f, err, faults.List())
		}
		cancel()
	}
}

func TestGoroutinesFinishAsTheyWereParked(t *testing.T) {
	before := runtime.NumGoroutine()
	var faults fault.Ledger
	f, err := Goroutines(t.Context(), Config{N: 2*batch + 1, Faults: &faults})
	if err != nil || !f.Done || f.GC <= 0 || faults.Total() > 0 {
		t.Errorf("%+v, error %v, faults %v", f, err, faults.List())
	}
	for runtime.NumGoroutine() > before { // those that are done have yet to be gone
		runtime.Gosched()
	}
}

func TestGoroutinesStopWithTheirContext(t *testing.T) {
	for _, stage := range []string{"parking goroutines", "collecting parked goroutines"} {
		ctx, cancel := context.WithCancel(t.Context())
		var faults fault.Ledger
		f, err := Goroutines(ctx, Config{N: 3 * batch, Faults: &faults, Stage: func(what string) {
			if what == stage {
				cancel()
			}
		}})
		if err != nil || f.Done || faults.Total() > 0 || (f.N == 3*batch) != (stage != "parking goroutines") {
			t.Errorf("ended while %s: %+v, error %v", stage, f, err)
		}
		cancel()
	}
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		n          int
		goroutines bool
		each, room uint64
		fits       bool
	}{
		{0, false, 112, 0, true},
		{1, false, 112, spareBytes, false},
		{1, false, 112, spareBytes + 112, true},
		{1000, false, 1024, spareBytes + 1024*1000, true},
		{1000, false, 1024, spareBytes + 1024*1000 - 1, false},
		{MaxN, true, 3072, math.MaxUint64, true},
		{math.MaxInt, true, math.MaxUint64, math.MaxUint64 - 1, true}, // it is cut off, beyond any memory
		{math.MaxInt, true, math.MaxUint64, 1 << 61, false},
	} {
		err := fits(c.n, c.goroutines, c.each, c.room, "a limit")
		if (err == nil) != c.fits {
			t.Errorf("%d of %d bytes in %d: %v", c.n, c.each, c.room, err)
		}
		if fe, ok := errors.AsType[*FitError](err); err != nil && (!ok || fe.Need <= fe.Room || fe.N != c.n || fe.Goroutines != c.goroutines) {
			t.Errorf("%d of %d bytes in %d: error %#v", c.n, c.each, c.room, err)
		}
	}
	err := fits(1000, true, mib, 5*mib, "a limit")
	for _, want := range []string{"1000 parked goroutines", "about 1064 MiB", "there are 5 MiB", "by a limit", "-no-goroutines"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	if err := Fits(1, true); err != nil {
		t.Errorf("not even one fits: %v", err)
	}
}

func TestMemoryThatDidNotGrowIsNothingEach(t *testing.T) {
	if got := each(4096, 4000, 7); got != 0 {
		t.Errorf("each = %v, want 0", got)
	}
	if got := each(4096, 8192, 4); got != 1024 {
		t.Errorf("each = %v, want 1024", got)
	}
}

func ExampleTasks() {
	var faults fault.Ledger
	f, err := Tasks(context.Background(), Config{N: 10_000, Faults: &faults})
	fmt.Println(f.N, f.Done, faults.Total(), err)
	// Output: 10000 true 0 <nil>
}

func ExampleFigures() {
	var faults fault.Ledger
	f, _ := Goroutines(context.Background(), Config{N: 1000, Faults: &faults})
	fmt.Println(f.N, f.Done, f.GC > 0)
	// Output: 1000 true true
}

func ExampleConfig() {
	var b bytes.Buffer
	var faults fault.Ledger
	Tasks(context.Background(), Config{N: 5, Faults: &faults, Stage: func(what string) { fmt.Fprintln(&b, what) }})
	fmt.Print(b.String())
	// Output:
	// giving back memory before the tasks
	// parking tasks
	// collecting parked tasks
	// waking tasks
}

func ExampleFitError() {
	err := &FitError{N: 10_000_000, Goroutines: true, Need: 30 << 30, Room: 16 << 30, Limit: "GOMEMLIMIT"}
	fmt.Println(err)
	// Output: 10000000 parked goroutines need about 30720 MiB, and there are 16384 MiB, by GOMEMLIMIT; use a smaller -tasks, or -no-goroutines
}

package measure

import (
	"context"
	"fmt"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	RunTime = 200 * time.Microsecond
	m.Run()
}

func TestPerOpRunsEveryFunctionAsOften(t *testing.T) {
	type call struct{ f, n int }
	var calls []call
	f := func(i int, each time.Duration) func(int) {
		return func(n int) {
			calls = append(calls, call{i, n})
			for begin := time.Now(); time.Since(begin) < time.Duration(n)*each; {
			}
		}
	}
	v := PerOp(t.Context(), f(0, 10*time.Microsecond), f(1, 100*time.Microsecond))
	if len(v) != 2 || v[0] < 10_000 || v[1] < 100_000 {
		t.Errorf("PerOp = %v, want at least 10,000 and 100,000 ns", v)
	}
	if len(calls) < 2*runs {
		t.Fatalf("%d calls, want at least %d", len(calls), 2*runs)
	}
	for i, c := range calls[len(calls)-2*runs:] {
		if c.f != i%2 {
			t.Fatalf("the functions do not take turns: %v", calls)
		}
		if first := calls[len(calls)-2*runs+c.f]; c.n != first.n {
			t.Errorf("function %d was run with %d and with %d", c.f, first.n, c.n)
		}
	}
}

func TestPerOpStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	v := PerOp(ctx, func(n int) {
		if calls++; calls == 3 {
			cancel()
		}
		time.Sleep(RunTime)
	})
	if v != nil || calls != 3 {
		t.Errorf("PerOp = %v after %d calls, want nil after 3", v, calls)
	}
}

func TestPerOpEndsForAFunctionThatTakesNoTime(t *testing.T) {
	most := 0
	if v := PerOp(t.Context(), func(n int) { most = max(most, n) }); len(v) != 1 || most != maxOps {
		t.Errorf("PerOp = %v, with up to %d ops; want one figure, and %d", v, most, int(maxOps))
	}
}

func TestCollectionTakesTime(t *testing.T) {
	if ms := Collection(); ms <= 0 {
		t.Errorf("a collection takes %v ms", ms)
	}
}

func TestPairsMeasureAll(t *testing.T) {
	times, err := Pairs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []float64{
		times.WakePoll, times.PingPong, times.GoroutinePingPong, times.SpawnJoin, times.GoroutineSpawnJoin, times.Pin, times.Pinner,
	} {
		if v <= 0 {
			t.Errorf("something takes %v ns: %+v", v, times)
		}
	}
}

func TestPairsStopWithTheirContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if times, err := Pairs(ctx); err != nil || times != (Times{}) {
		t.Errorf("Pairs = %+v, %v; want nothing", times, err)
	}
}

func ExampleMedian() {
	fmt.Println(Median([]float64{30, 10, 1000}))
	// Output: 30
}

func ExamplePerOp() {
	v := PerOp(context.Background(), func(n int) {
		for range n {
			time.Now()
		}
	})
	fmt.Println(len(v), v[0] > 0)
	// Output: 1 true
}

func ExampleTimes() {
	t := Times{PingPong: 20, GoroutinePingPong: 500}
	fmt.Println(t.GoroutinePingPong / t.PingPong)
	// Output: 25
}

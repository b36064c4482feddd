package streams

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/future"
)

func TestStreamsCountWhatIsThere(t *testing.T) {
	for _, c := range []struct {
		chunk, atOnce int
		seed          uint64
	}{{1, 1000, 1}, {2, 7, 2}, {3, 1, 3}, {64, 1000, 4}, {1 << 10, 1000, 5}, {1 << 30, 1000, 6}} {
		t.Run(fmt.Sprintf("chunks of %d", c.chunk), func(t *testing.T) {
			all := texts()
			if c.chunk < 64 { // small chunks are for small texts
				all = slices.DeleteFunc(all, func(text []byte) bool { return len(text) > 4*bufferSize })
			}
			var want Tally
			for _, text := range all {
				s := simpleTally(text)
				want.Lines += s.Lines
				want.Words += s.Words
				want.Bytes += s.Bytes
			}
			res := mustRun(t, Config{Sources: sources(all), AtOnce: c.atOnce, Chunk: c.chunk, Seed: c.seed})
			if res.Tally != want {
				t.Errorf("%+v, want %+v", res.Tally, want)
			}
			if c.chunk == 1 && res.Chunks < want.Bytes {
				t.Errorf("%d chunks of a byte for %d bytes", res.Chunks, want.Bytes)
			}
			if res.Collections < 1 {
				t.Error("no collection was forced")
			}
		})
	}
}

func TestSampleIsRead(t *testing.T) {
	res := mustRun(t, Config{Sources: Sample(), AtOnce: 4096, Chunk: 1024, Seed: 1})
	if res.AtOnce < 1000 {
		t.Errorf("%d streams at once, want thousands", res.AtOnce)
	}
}

func TestAllStreamsAreSuspendedBeforeTheFirstChunk(t *testing.T) {
	const n = 300
	var texts [][]byte
	for range n {
		texts = append(texts, []byte("some words\n"))
	}
	var waiting []string // what the streams' tasks are, for each form
	mustRun(t, Config{Sources: sources(texts), AtOnce: n, Chunk: 1, Suspended: func(rt *future.Runtime) {
		tasks, err := rt.Tasks(t.Context())
		if err != nil {
			t.Error(err)
		}
		states := map[string]int{}
		for _, task := range tasks {
			states[task.Type+" "+task.State+" at "+task.Suspended]++
		}
		lanes := "streams.lane waiting at its stream"
		for state, many := range states {
			if many != n {
				t.Errorf("%d tasks are %s, want %d", many, state, n)
			}
			if state != lanes {
				waiting = append(waiting, state)
			}
		}
		if states[lanes] != n || len(states) != 2 {
			t.Errorf("the tasks are %v", states)
		}
	}})
	if len(waiting) != 2 || waiting[0] != "streams.reader waiting at the next chunk" ||
		!strings.HasPrefix(waiting[1], "streams.compiled waiting at straight.go:") {
		t.Errorf("the streams' tasks are %q", waiting)
	}
}

func TestStacksMoveMeanwhile(t *testing.T) {
	var texts [][]byte
	for range 50 {
		texts = append(texts, slices.Repeat([]byte("some words\n"), 1000))
	}
	if res := mustRun(t, Config{Sources: sources(texts), AtOnce: 50, Chunk: 16}); res.StackMoves == 0 {
		t.Error("no stack has moved")
	}
}

func TestEveryPlantedFaultIsFoundAndTheOthersGoOn(t *testing.T) {
	texts := [][]byte{[]byte("small"), slices.Repeat([]byte("large\n"), 1000), []byte("small too")}
	for k := fault.Mismatch; k <= fault.Panicked; k++ {
		t.Run(k.String(), func(t *testing.T) {
			before := runtime.NumGoroutine()
			var faults fault.Ledger
			res, err := Run(t.Context(), Config{Sources: sources(texts), AtOnce: 3, Chunk: 100, Faults: &faults, Plant: k})
			if err != nil {
				t.Fatal(err)
			}
			list := faults.List()
			slices.SortFunc(list, func(a, b fault.Finding) int { return strings.Compare(a.Where, b.Where) })
			if len(list) != 2 || list[0].Kind != k.String() || list[0].Where != "text 1" ||
				list[1].Kind != k.String() || list[1].Where != "text 1 (async)" {
				t.Errorf("found %v, want one %v at text 1 of each form", list, k)
			}
			if k != fault.LostWake && (res.Streams < 2 || res.Async.Streams < 2) {
				t.Errorf("%d and %d streams were read", res.Streams, res.Async.Streams)
			}
			if res.Interrupted {
				t.Error("a fault is said to be an interrupt")
			}
			goroutinesGone(before)
		})
	}
}

func TestCancelDrainsEveryStream(t *testing.T) {
	var texts [][]byte
	for range 500 {
		texts = append(texts, slices.Repeat([]byte("some words\n"), 100))
	}
	// The context ends before, in the middle of, and after the suspension.
	for _, when := range []string{"before", "suspended", "reading"} {
		t.Run(when, func(t *testing.T) {
			before := runtime.NumGoroutine()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var faults fault.Ledger
			r := newRun(ctx, Config{Sources: sources(texts), AtOnce: 100, Chunk: 8, Faults: &faults}, byHand)
			defer r.cancel()
			switch when {
			case "before":
				cancel()
			case "suspended":
				r.cfg.Suspended = func(*future.Runtime) { cancel() }
			case "reading":
				go func() {
					for r.chunks.Load() < 1000 {
						runtime.Gosched()
					}
					cancel()
				}()
			}
			res, err := r.all(ctx)
			if err != nil || faults.Total() > 0 || !res.Interrupted {
				t.Errorf("interrupted %v, error %v, faults %v", res.Interrupted, err, faults.List())
			}
			if when != "reading" && res.Chunks > 0 {
				t.Errorf("%d chunks were delivered after the end", res.Chunks)
			}
			goroutinesGone(before)
		})
	}
}

func TestAnInterruptedRunSaysWhatWasReadAndWhatWasCompared(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var faults fault.Ledger
	r := newRun(ctx, Config{AtOnce: 2, Chunk: 8, Faults: &faults, Sources: []Source{
		BytesSource("whole", []byte("one line\n")),
		ReaderSource("endless", readerFunc(func(p []byte) (int, error) { return copy(p, "y\n"), nil })),
	}}, byHand)
	defer r.cancel()
	go func() {
		for r.finished.Load() == 0 {
			runtime.Gosched()
		}
		cancel()
	}()
	res, err := r.all(ctx)
	if err != nil || faults.Total() > 0 || !res.Interrupted {
		t.Errorf("interrupted %v, error %v, faults %v", res.Interrupted, err, faults.List())
	}
	if want := (Tally{Lines: 1, Words: 2, Bytes: 9}); res.Streams != 1 || res.Tally != want || res.Compared != 0 {
		t.Errorf("%d streams with %+v were read, %d compared; want 1 with %+v, and 0", res.Streams, res.Tally, res.Compared, want)
	}
}

func TestProgressIsReported(t *testing.T) {
	// A source that blocks until progress was reported.
	progress := make(chan struct{})
	once := sync.OnceFunc(func() { close(progress) })
	src := []Source{ReaderSource("slow", readerFunc(func(p []byte) (int, error) {
		<-progress
		return strings.NewReader("").Read(p)
	}))}
	mustRun(t, Config{Sources: src, AtOnce: 1, Chunk: 1, Progress: func(p Progress) {
		if p.Total != 1 {
			t.Errorf("progress %+v, want a total of 1", p)
		}
		once()
	}})
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func ExampleRun() {
	var faults fault.Ledger
	res, err := Run(context.Background(), Config{
		Sources: []Source{
			BytesSource("a", []byte("one two\nthree\n")),
			BytesSource("b", []byte("four")),
		},
		AtOnce: 2,
		Chunk:  3,
		Faults: &faults,
	})
	fmt.Println(res.Streams, res.Tally.Lines, res.Tally.Words, res.Tally.Bytes, faults.Total(), err)
	// Output: 2 3 4 18 0 <nil>
}

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/pinion-go/pinion/cmd/pinion/internal/density"
	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/cmd/pinion/internal/measure"
	"github.com/pinion-go/pinion/cmd/pinion/internal/streams"
)

// example is a report with a figure in every place.
func example() *report {
	return &report{
		input:  "some/dir",
		seed:   7,
		faults: &fault.Ledger{},
		streams: streams.Result{
			AtOnce: 4096, Loops: 2, Plain: time.Second,
			Reading: streams.Reading{
				Streams: 11478, Compared: 11478,
				Tally:  streams.Tally{Lines: 3341450, Words: 14078942, Bytes: 127562029},
				Chunks: 1066219, Collections: 84, StackMoves: 179, Elapsed: 1420 * time.Millisecond,
			},
			Async: streams.Reading{
				Streams: 11477, Compared: 11476,
				Tally:  streams.Tally{Lines: 3341449, Words: 14078941, Bytes: 127562028},
				Chunks: 1066218, Collections: 83, StackMoves: 178, Elapsed: 1400 * time.Millisecond,
			},
		},
		times: measure.Times{
			WakePoll: 9.24, PingPong: 19, GoroutinePingPong: 271.1, SpawnJoin: 50, GoroutineSpawnJoin: 560, Pin: 5.3, Pinner: 119.9,
		},
		tasks:      density.Figures{N: 1000000, BytesEach: 80.1, How: "RSS", GC: 20, Start: 200 * time.Millisecond, Finish: 81300 * time.Microsecond, Done: true},
		goroutines: density.Figures{N: 1000000, BytesEach: 2713, How: "RSS", GC: 800, Start: 800 * time.Millisecond, Finish: time.Second, Done: true},
	}
}

func TestTableIsAlignedAndHasUnits(t *testing.T) {
	var b strings.Builder
	if err := example().table(&b); err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(b.String(), "\n\n") // behind the heading, which names the Go release
	if got != wantTable {
		t.Errorf("the table is\n%s\nwant\n%s", got, wantTable)
	}
}

const wantTable = `                                          by hand     async func      ratio

streams, each read by a self-referential future
  files                                    11,478         11,477
  compared                                 11,478         11,476
  at once                                   4,096          4,096
  lines                                 3,341,450      3,341,449
  words                                14,078,942     14,078,941
  bytes                               127,562,029    127,562,028
  chunks they came in                   1,066,219      1,066,218
  collections meanwhile                        84             83
  stacks moved meanwhile                      179            178
  time                         s             1.42           1.40
  read                         MB/s          89.8           91.1     1.01 x

                                           pinion     goroutines      ratio

found wrong
  results that differ                           0
  futures that moved                            0
  pointers gone stale                           0
  wakes lost                                    0
  leaks                                         0
  panics                                        0

1,000,000 parked, each with 32 bytes of state and a pointer to itself
  memory for each, by RSS      B             80.1        2,713.0     33.9 x
  full collection              ms            20.0          800.0     40.0 x
  start all                    ms           200.0          800.0      4.0 x
  wake and finish all          ms            81.3        1,000.0     12.3 x

one at a time
  wake and poll                ns             9.2
  ping-pong, there and back    ns            19.0          271.1     14.3 x
  spawn, wait, release         ns            50.0          560.0     11.2 x
  pin 64 B; runtime.Pinner     ns             5.3          119.9     22.6 x

Every stream agrees with a plain reading; nothing moved, went stale, was lost or leaked.
`

func TestTableHasADashForWhatWasNotMeasured(t *testing.T) {
	r := example()
	r.goroutines = density.Figures{}
	r.times = measure.Times{}
	r.interrupted = true
	var b strings.Builder
	if err := r.table(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"  full collection              ms            20.0              -          -\n",
		"  ping-pong, there and back    ns               -              -          -\n",
		"\nInterrupted.",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, b.String())
		}
	}
	r.tasks = density.Figures{}
	r.streams.Async = streams.Reading{}
	b.Reset()
	r.table(&b)
	if want := "  read                         MB/s          89.8              -          -\n"; !strings.Contains(b.String(), want) {
		t.Errorf("the table lacks %q:\n%s", want, b.String())
	}
	if strings.Contains(b.String(), "parked") {
		t.Errorf("the table has a section for tasks that were not parked:\n%s", b.String())
	}
}

func TestNumbersHaveCommas(t *testing.T) {
	for v, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1: "-1", -999: "-999", -1000: "-1,000", 1234567: "1,234,567"} {
		if got := count(v); got != want {
			t.Errorf("count(%d) = %s, want %s", v, got, want)
		}
	}
	for _, c := range []struct {
		v      float64
		digits int
		want   string
	}{{0, 1, "0.0"}, {999.96, 1, "1,000.0"}, {1234.5, 0, "1,234"}, {-1234.56, 2, "-1,234.56"}, {0.05, 1, "0.1"}} {
		if got := decimal(c.v, c.digits); got != c.want {
			t.Errorf("decimal(%v, %d) = %s, want %s", c.v, c.digits, got, c.want)
		}
	}
}

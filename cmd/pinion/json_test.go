package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// runJSON carries out pinion run -json with args, checks the status, and returns
// the object.
func runJSON(t *testing.T, want int, args ...string) map[string]any {
	t.Helper()
	status, out, err := pinion(t, "", append([]string{"run", "-json", "-tasks", "0"}, args...)...)
	if status != want {
		t.Errorf("status %d, want %d; standard error:\n%s", status, want, err)
	}
	return parse(t, out)
}

// parse returns the one JSON object that out consists of.
func parse(t *testing.T, out string) map[string]any {
	t.Helper()
	o := map[string]any{}
	d := json.NewDecoder(strings.NewReader(out))
	if err := d.Decode(&o); err != nil {
		t.Fatalf("%v in:\n%s", err, out)
	}
	if d.More() {
		t.Errorf("there is something behind the object:\n%s", out)
	}
	return o
}

// promised are the fields that others may rely on.
var promised = strings.Fields(`streams bytes lines seconds mismatches moved stale leaked tasks
	bytes_per_task goroutine_bytes gc_ms goroutine_gc_ms wake_poll_ns pingpong_ns
	goroutine_pingpong_ns spawn_join_ns goroutine_spawn_join_ns pin_ns pinner_ns`)

func TestJSONHasTheFieldsThatArePromised(t *testing.T) {
	dir := tree(t, map[string]string{"a": "one two\nthree\n", "b": "four"})
	o := runJSON(t, exitOK, "-tasks", "20000", dir)
	for _, f := range promised {
		if _, ok := o[f].(float64); !ok {
			t.Errorf("%s is %v, want a number", f, o[f])
		}
	}
	for f, want := range map[string]float64{
		"streams": 2, "bytes": 18, "lines": 3, "words": 4, "tasks": 20000, "seed": 1,
		"async_streams": 2, "async_streams_compared": 2, "async_bytes": 18, "async_lines": 3, "async_words": 4,
		"mismatches": 0, "moved": 0, "stale": 0, "leaked": 0, "lost_wakes": 0, "panicked": 0,
	} {
		if o[f] != want {
			t.Errorf("%s = %v, want %v", f, o[f], want)
		}
	}
	for _, f := range promised {
		if v, _ := o[f].(float64); v < 0 {
			t.Errorf("%s = %v, want no less than 0", f, v)
		}
	}
	if s, ok := o["async_seconds"].(float64); !ok || s <= 0 || o["async_chunks"] != o["chunks"] {
		t.Errorf("async_seconds = %v, async_chunks = %v of %v", o["async_seconds"], o["async_chunks"], o["chunks"])
	}
	if f, ok := o["findings"].([]any); !ok || len(f) != 0 {
		t.Errorf("findings = %v, want an empty list", o["findings"])
	}
	if o["interrupted"] != false {
		t.Errorf("interrupted = %v, want false", o["interrupted"])
	}
}

func TestWhatWasNotMeasuredIsNull(t *testing.T) {
	dir := tree(t, map[string]string{"a": "x"})
	nulls := func(o map[string]any) string {
		var names []string
		for _, f := range slices.Sorted(maps.Keys(o)) {
			if o[f] == nil {
				names = append(names, f)
			}
		}
		return fmt.Sprint(names)
	}
	if got, want := nulls(runJSON(t, exitOK, dir)), "[bytes_per_task gc_ms goroutine_bytes goroutine_gc_ms memory]"; got != want {
		t.Errorf("without tasks: %s, want %s", got, want)
	}
	if got, want := nulls(runJSON(t, exitOK, "-tasks", "20000", "-no-goroutines", dir)), "[goroutine_bytes goroutine_gc_ms]"; got != want {
		t.Errorf("without goroutines: %s, want %s", got, want)
	}
}

func TestTheSameSeedGivesTheSameChunks(t *testing.T) {
	dir := tree(t, nasty)
	chunks := func(seed string) any { return runJSON(t, exitOK, "-seed", seed, dir)["chunks"] }
	if a, b := chunks("5"), chunks("5"); a != b {
		t.Errorf("%v and %v chunks", a, b)
	}
	if a, b := chunks("5"), chunks("6"); a == b {
		t.Errorf("%v chunks for either seed", a)
	}
}

package main

import (
	"encoding/json"
	"io"
	"runtime"

	"github.com/pinion-go/pinion/cmd/pinion/internal/density"
	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/cmd/pinion/internal/measure"
	"github.com/pinion-go/pinion/cmd/pinion/internal/streams"
)

// report is what a run has found. What was not measured is zero.
type report struct {
	input       string
	seed        uint64
	faults      *fault.Ledger
	streams     streams.Result
	times       measure.Times
	tasks       density.Figures
	goroutines  density.Figures
	interrupted bool
}

// object is the report in JSON. A figure that was not measured, because it was
// not asked for or the run was interrupted, is null.
type object struct {
	Input   string `json:"input"`
	Seed    uint64 `json:"seed"`
	Go      string `json:"go"`
	System  string `json:"system"`
	Loops   int    `json:"loops"`
	Streams int    `json:"streams"` // read to their end
	AtOnce  int    `json:"streams_at_once"`

	Compared int `json:"streams_compared"` // of those read, with a plain reading

	Bytes        int64   `json:"bytes"`
	Lines        int64   `json:"lines"`
	Words        int64   `json:"words"`
	Chunks       int64   `json:"chunks"`
	Seconds      float64 `json:"seconds"`
	PlainSeconds float64 `json:"plain_seconds"`
	Collections  int     `json:"collections"`
	StackMoves   int64   `json:"stack_moves"`

	// The same streams, read by the future that is compiled of a function: all but
	// those that can be read only once. Null if it was not reached or had none.
	AsyncStreams     *int     `json:"async_streams"`
	AsyncCompared    *int     `json:"async_streams_compared"`
	AsyncBytes       *int64   `json:"async_bytes"`
	AsyncLines       *int64   `json:"async_lines"`
	AsyncWords       *int64   `json:"async_words"`
	AsyncChunks      *int64   `json:"async_chunks"`
	AsyncSeconds     *float64 `json:"async_seconds"`
	AsyncCollections *int     `json:"async_collections"`
	AsyncStackMoves  *int64   `json:"async_stack_moves"`

	Mismatches int             `json:"mismatches"`
	Moved      int             `json:"moved"`
	Stale      int             `json:"stale"`
	LostWakes  int             `json:"lost_wakes"`
	Leaked     int             `json:"leaked"`
	Panicked   int             `json:"panicked"`
	Findings   []fault.Finding `json:"findings"`

	Tasks          int      `json:"tasks"`
	Memory         *string  `json:"memory"` // how it was measured
	BytesPerTask   *float64 `json:"bytes_per_task"`
	GoroutineBytes *float64 `json:"goroutine_bytes"`
	GC             *float64 `json:"gc_ms"`
	GoroutineGC    *float64 `json:"goroutine_gc_ms"`

	WakePoll           *float64 `json:"wake_poll_ns"`
	PingPong           *float64 `json:"pingpong_ns"`
	GoroutinePingPong  *float64 `json:"goroutine_pingpong_ns"`
	SpawnJoin          *float64 `json:"spawn_join_ns"`
	GoroutineSpawnJoin *float64 `json:"goroutine_spawn_join_ns"`
	Pin                *float64 `json:"pin_ns"`
	Pinner             *float64 `json:"pinner_ns"`

	Interrupted bool `json:"interrupted"`
}

// orNull returns nil for a figure that was not measured.
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// json prints the report as one JSON object.
func (r *report) json(w io.Writer) error {
	s, t := &r.streams, &r.times
	o := object{
		Input: r.input, Seed: r.seed, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Loops: s.Loops, Streams: s.Streams, AtOnce: s.AtOnce, Compared: s.Compared,
		Bytes: s.Tally.Bytes, Lines: s.Tally.Lines, Words: s.Tally.Words, Chunks: s.Chunks,
		Seconds: s.Elapsed.Seconds(), PlainSeconds: s.Plain.Seconds(),
		Collections: s.Collections, StackMoves: s.StackMoves,
		Mismatches: r.faults.Count(fault.Mismatch), Moved: r.faults.Count(fault.Moved), Stale: r.faults.Count(fault.Stale),
		LostWakes: r.faults.Count(fault.LostWake), Leaked: r.faults.Count(fault.Leaked), Panicked: r.faults.Count(fault.Panicked),
		Findings: append([]fault.Finding{}, r.faults.List()...),
		Tasks:    r.tasks.N, Memory: orNull(r.tasks.How),
		BytesPerTask: orNull(r.tasks.BytesEach), GoroutineBytes: orNull(r.goroutines.BytesEach),
		GC: orNull(r.tasks.GC), GoroutineGC: orNull(r.goroutines.GC),
		WakePoll: orNull(t.WakePoll), PingPong: orNull(t.PingPong), GoroutinePingPong: orNull(t.GoroutinePingPong),
		SpawnJoin: orNull(t.SpawnJoin), GoroutineSpawnJoin: orNull(t.GoroutineSpawnJoin),
		Pin: orNull(t.Pin), Pinner: orNull(t.Pinner),
		Interrupted: r.interrupted,
	}
	if a := &s.Async; a.Streams > 0 {
		seconds := a.Elapsed.Seconds()
		o.AsyncStreams, o.AsyncCompared = &a.Streams, &a.Compared
		o.AsyncBytes, o.AsyncLines, o.AsyncWords = &a.Tally.Bytes, &a.Tally.Lines, &a.Tally.Words
		o.AsyncChunks, o.AsyncSeconds = &a.Chunks, &seconds
		o.AsyncCollections, o.AsyncStackMoves = &a.Collections, &a.StackMoves
	}
	b, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

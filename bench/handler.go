package bench

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/pinion-go/pinion/bench/compiled"
	"github.com/pinion-go/pinion/future"
)

// handlerPairs compare one source, [compiled.Serve], in its two forms: a future, and
// what blocks in a goroutine; and with the same written with Go's channels, since
// that is what a program without pinion would have.
func handlerPairs() []Pair {
	const handlers = 100_000
	waiting := func(what, kind string) Side { return Side{what, childMetric(kind, handlers, "B/task")} }
	return []Pair{{
		Name: "HandlerMemory", What: "compiled handler with a 512 B buffer, waiting for a message, by RSS; the same function in a goroutine",
		Ours: waiting("future", "waiting-futures"), Theirs: waiting("goroutine", "waiting-goroutines"),
		Unit: "B/task",
	}, {
		Name: "HandlerMemoryChannels", What: "the same, beside a goroutine on Go's channels",
		Ours: waiting("future", "waiting-futures"), Theirs: waiting("goroutine, Go's channels", "waiting-channels"),
		Unit: "B/task",
	}, {
		Name: "HandlerMessage", What: "message of 64 B to such a handler and back, two compiled futures on one loop; the same functions in goroutines",
		Ours: Side{"futures", messageFutures}, Theirs: Side{"goroutines", messageGoroutines},
		Unit: "ns/op", Allocs: true,
	}, {
		Name: "HandlerMessageChannels", What: "the same, beside goroutines on Go's channels",
		Ours: Side{"futures", messageFutures}, Theirs: Side{"goroutines, Go's channels", messageChannels},
		Unit: "ns/op", Allocs: true,
	}}
}

func pipes(n int) (asking, serving []compiled.Conn) {
	asking, serving = make([]compiled.Conn, n), make([]compiled.Conn, n)
	for i := range n {
		asking[i], serving[i] = compiled.Pipe(1)
	}
	return asking, serving
}

func waitingFutures(n int) (map[string]float64, error) {
	asking, serving := pipes(n)
	l, err := future.NewLoop(future.Config{})
	if err != nil {
		return nil, err
	}
	live := func() int {
		s, _ := l.Stats(context.Background())
		return s.Live
	}
	before := settledRSS()
	for _, c := range serving {
		t, err := future.SpawnInit(l, func(f *compiled.ServeFuture) error {
			f.Init(c)
			return nil
		})
		if err != nil {
			return nil, err
		}
		t.Release()
	}
	if err := l.RunUntilIdle(); err != nil {
		return nil, err
	}
	m := parkedMetrics(n, before)
	if live() != n {
		return nil, fmt.Errorf("%d of %d handlers wait", live(), n)
	}
	for _, c := range asking {
		c.Close()
	}
	if err := l.RunUntilIdle(); err != nil {
		return nil, err
	}
	if live() != 0 {
		return nil, fmt.Errorf("%d of %d handlers wait after the close", live(), n)
	}
	return m, l.Shutdown(context.Background())
}

func waitingGoroutines(n int) (map[string]float64, error) {
	asking, serving := pipes(n)
	m := waitingInGoroutines(n, func(i int) { compiled.Serve(serving[i]) }, func(i int) { asking[i].Close() })
	return m, nil
}

func waitingChannels(n int) (map[string]float64, error) {
	in, out := make([]chan compiled.Message, n), make([]chan compiled.Message, n)
	for i := range n {
		in[i], out[i] = make(chan compiled.Message, 1), make(chan compiled.Message, 1)
	}
	m := waitingInGoroutines(n, func(i int) { compiled.ServeChannels(in[i], out[i]) }, func(i int) { close(in[i]) })
	return m, nil
}

func waitingInGoroutines(n int, serve, end func(i int)) map[string]float64 {
	before := settledRSS()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { serve(i) })
	}
	for range 1000 {
		runtime.Gosched()
	}
	m := parkedMetrics(n, before)
	for i := range n {
		end(i)
	}
	all.Wait()
	return m
}

func messageFutures(b *testing.B) {
	l := newLoop(b)
	defer shutdown(b, l)
	b.ReportAllocs()
	client, server := compiled.Pipe(1)
	serve, ask := future.Spawn(l, compiled.ServeAsync(server)), future.Spawn(l, compiled.AskAsync(client, b.N))
	defer serve.Release()
	defer ask.Release()
	b.ResetTimer()
	if err := l.RunUntilIdle(); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	f, err := ask.Wait()
	if err != nil {
		b.Fatal(err)
	}
	if err := f.Result(); err != nil {
		b.Fatal(err)
	}
}

func messageGoroutines(b *testing.B) {
	b.ReportAllocs()
	client, server := compiled.Pipe(1)
	go compiled.Serve(server)
	b.ResetTimer()
	if err := compiled.Ask(client, b.N); err != nil {
		b.Fatal(err)
	}
}

func messageChannels(b *testing.B) {
	b.ReportAllocs()
	in, out := make(chan compiled.Message, 1), make(chan compiled.Message, 1)
	go compiled.ServeChannels(out, in)
	b.ResetTimer()
	compiled.AskChannels(in, out, b.N)
}

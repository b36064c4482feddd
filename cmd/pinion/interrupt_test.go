package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
)

// buffer is a bytes.Buffer for several goroutines, which tells of each write.
type buffer struct {
	mu    sync.Mutex
	b     bytes.Buffer
	wrote chan struct{}
}

func newBuffer() *buffer { return &buffer{wrote: make(chan struct{}, 1)} }

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case b.wrote <- struct{}{}:
	default:
	}
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// waitFor returns when the buffer contains s.
func (b *buffer) waitFor(s string) {
	for !strings.Contains(b.String(), s) {
		<-b.wrote
	}
}

// started is a run whose standard input has been opened, read once, and blocks.
type started struct {
	cancel   context.CancelFunc
	out, err *buffer
	stdin    *io.PipeWriter
	status   chan int
}

// start starts a run that reads args and standard input, and returns when it waits
// for more of that.
func start(t *testing.T, args ...string) *started {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	s := &started{cancel: cancel, out: newBuffer(), err: newBuffer(), stdin: w, status: make(chan int, 1)}
	go func() { s.status <- run(ctx, append(append([]string{"run"}, args...), "-"), r, s.out, s.err) }()
	// A write to the pipe returns when it has been read.
	if _, err := io.WriteString(w, "to begin with\n"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); w.Close() })
	return s
}

func TestAnInterruptDrainsAndReports(t *testing.T) {
	dir := tree(t, nasty)
	for _, flag := range []string{"-json=true", "-json=false"} {
		s := start(t, flag, dir)
		s.cancel()
		if status := <-s.status; status != exitInterrupted {
			t.Errorf("status %d, want %d; standard error:\n%s", status, exitInterrupted, s.err)
		}
		if s.err.String() != "" {
			t.Errorf("an interrupt is an error:\n%s", s.err)
		}
		if flag == "-json=false" {
			if !strings.Contains(s.out.String(), "Interrupted.") {
				t.Errorf("the table does not say that the run was interrupted:\n%s", s.out)
			}
			continue
		}
		o := parse(t, s.out.String())
		if o["interrupted"] != true || o["leaked"] != 0.0 || o["wake_poll_ns"] != nil {
			t.Errorf("interrupted %v, leaked %v, wake_poll_ns %v; want true, 0, null", o["interrupted"], o["leaked"], o["wake_poll_ns"])
		}
	}
}

func TestAnInterruptBeforeTheBeginningReportsNothingDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, err strings.Builder
	status := run(ctx, []string{"run", "-json", tree(t, nasty)}, nil, &out, &err)
	if status != exitInterrupted || err.String() != "" {
		t.Errorf("status %d, standard error %q", status, err.String())
	}
	if o := parse(t, out.String()); o["streams"] != 0.0 || o["interrupted"] != true {
		t.Errorf("streams %v, interrupted %v", o["streams"], o["interrupted"])
	}
}

func TestDumpShowsTheLiveTasks(t *testing.T) {
	status, out, err := pinion(t, "", "run", "-dump", "-json", "-tasks", "1000", "-no-goroutines", tree(t, map[string]string{"file": "x"}))
	if status != exitOK {
		t.Errorf("status %d, want 0", status)
	}
	parse(t, out) // the dump is not in the way
	for _, want := range []string{
		"2 tasks\n",
		"  lane (streams.lane), waiting at its stream, age ",
		"file (streams.reader), waiting at the next chunk, age ",
		"file (async) (streams.compiled), waiting at straight.go:",
		"1000 tasks\n  1000 x density.sleeper, waiting at the wake of its neighbour, age",
	} {
		if !strings.Contains(err, want) {
			t.Errorf("the dump lacks %q:\n%s", want, err)
		}
	}
}

func TestDumpOfManyStreamsIsGrouped(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // so that the sample is read
	_, _, err := pinion(t, "", "run", "-dump", "-streams", "1000", "-tasks", "0")
	for _, want := range []string{"2000 tasks\n", "  1000 x streams.lane, waiting", "  1000 x streams.reader, waiting at the next chunk", "  1000 x streams.compiled, waiting at straight.go:"} {
		if !strings.Contains(err, want) {
			t.Errorf("the dump lacks %q:\n%s", want, err)
		}
	}
	if n := strings.Count(err, "\n"); n != 6 { // three for each form
		t.Errorf("the dump has %d lines, want 6:\n%s", n, err)
	}
}

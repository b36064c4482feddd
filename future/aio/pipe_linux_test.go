package aio_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

func newPipe(t testing.TB) (r, w *aio.File) {
	t.Helper()
	r, w, err := aio.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

func TestPipeWaitsAndEnds(t *testing.T) {
	rt := newRuntime(t, 1)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	r, w := newPipe(t)
	sent := bytes.Repeat([]byte("pipe "), 100_000) // more than a pipe holds
	task := future.Spawn(rt, w.WriteAsync(sent))
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, sent) {
		t.Fatal(err)
	}
	if n, err := ended(task).Result(); n != len(sent) || err != nil {
		t.Fatal(n, err)
	}
	w.Close()
	if n, err := r.Read(got); n != 0 || err != io.EOF {
		t.Fatal(n, err)
	}
	r.Close()
}

// A pipe whose descriptor does not block, as package os makes them, is waited for as well.
func TestPipeOfPackageOSIsWaitedFor(t *testing.T) {
	defer nothingLeft(t)()
	or, ow, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r, err := aio.WrapFile(or)
	if err != nil {
		t.Fatal(err)
	}
	w, err := aio.WrapFile(ow)
	if err != nil {
		t.Fatal(err)
	}
	sent := bytes.Repeat([]byte("x"), 300_000)
	go func() {
		time.Sleep(5 * time.Millisecond)
		w.Write(sent)
		w.Close()
	}()
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, sent) {
		t.Fatal(len(got), err)
	}
	r.Close()
}

func TestCloseEndsReadsOfAPipe(t *testing.T) {
	rt := newRuntime(t, 2)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	r, w := newPipe(t)
	var tasks []future.Task[aio.FileIOFuture]
	for range 5 {
		tasks = append(tasks, future.Spawn(rt, r.ReadAsync(make([]byte, 10))))
	}
	time.Sleep(5 * time.Millisecond)
	r.Close()
	for _, task := range tasks {
		if _, err := ended(task).Result(); !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	}
	w.Close()
}

// What a cancelled Read of a pipe has got is handed over: no byte is lost or twice.
func TestCancelledReadsOfAPipeLoseNothing(t *testing.T) {
	rt := newRuntime(t, 2)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	r, w := newPipe(t)
	const total = 5_000
	go func() {
		for i := range total {
			w.Write([]byte{byte(i)})
		}
		w.Close()
	}()
	next, canceled := 0, 0
	for attempt := 0; ; attempt++ {
		task := future.Spawn(rt, r.ReadAsync(make([]byte, 7)))
		if attempt%4 != 0 { // one that is left alone brings some bytes: else luck alone would
			task.Cancel()
		}
		p := ended(task)
		n, err := p.Result()
		for _, b := range ioBytes(p)[:n] {
			if b != byte(next) {
				t.Fatalf("byte %d is %d", next, b)
			}
			next++
		}
		if errors.Is(err, future.ErrCanceled) {
			canceled++
			continue
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if next != total {
		t.Errorf("%d bytes of %d", next, total)
	}
	if canceled == 0 {
		t.Error("no read was cancelled")
	}
	t.Logf("%d reads were cancelled", canceled)
	r.Close()
}

func TestShutdownEndsReadsOfAPipe(t *testing.T) {
	defer nothingLeft(t)()
	rt := newRuntime(t, 1)
	r, w := newPipe(t)
	future.Go(rt, r.ReadAsync(make([]byte, 10)))
	future.Go(rt, r.ReadAsync(make([]byte, 10)))
	time.Sleep(5 * time.Millisecond)
	shutdown(t, rt)
	if _, err := r.Read(make([]byte, 1)); err == nil {
		t.Error("a Read on an engine that is gone")
	}
	r.Close()
	w.Close()
}

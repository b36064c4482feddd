package aio_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"syscall"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// eachPipe runs f with each driver, and with portable on a pipe in memory as well.
func eachPipe(t *testing.T, f func(t *testing.T, w *world, r, pw *aio.File)) {
	eachDriver(t, func(t *testing.T, w *world) {
		r, pw := w.pipe(t)
		f(t, w, aio.HomeFile(r, w.rt.Loop(0)), aio.HomeFile(pw, w.rt.Loop(0)))
		if w.driver == "portable" {
			r, pw := aio.MemoryPipe()
			t.Cleanup(func() { r.Close(); pw.Close() })
			f(t, w, aio.HomeFile(r, w.rt.Loop(0)), aio.HomeFile(pw, w.rt.Loop(1)))
		}
	})
}

func TestAPipeOfEveryDriverWaitsAndEnds(t *testing.T) {
	eachPipe(t, func(t *testing.T, w *world, r, pw *aio.File) {
		sent := stretch(200_000) // more than a pipe holds
		task := future.Spawn(w.rt, pw.WriteAsync(sent))
		got := make([]byte, len(sent))
		if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, sent) {
			t.Fatal(err)
		}
		if n, err := ended(task).Result(); n != len(sent) || err != nil {
			t.Fatal(n, err)
		}
		pw.Close()
		if n, err := r.Read(got); n != 0 || err != io.EOF {
			t.Fatal(n, err)
		}
		if info, err := r.Stat(); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
			t.Error(info, err)
		}
		if _, err := r.Seek(0, io.SeekStart); !errors.Is(err, syscall.ESPIPE) {
			t.Error(err)
		}
	})
}

func TestAPipeNobodyReadsIsBroken(t *testing.T) {
	eachPipe(t, func(t *testing.T, w *world, r, pw *aio.File) {
		task := future.Spawn(w.rt, r.ReadAsync(make([]byte, 1)))
		task.Cancel()
		if _, err := ended(task).Result(); !errors.Is(err, future.ErrCanceled) {
			t.Error(err)
		}
		full := future.Spawn(w.rt, pw.WriteAsync(stretch(2<<20)))
		if n, err := r.Read(make([]byte, 100)); n == 0 || err != nil {
			t.Error(n, err)
		}
		r.Close()
		if n, err := ended(full).Result(); n == 0 || !errors.Is(err, syscall.EPIPE) {
			t.Error(n, err)
		}
	})
}

package aio_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// TestFilesThatAreNone: directories and FIFOs, and offsets that are negative.
func TestFilesThatAreNone(t *testing.T) {
	if null, err := aio.Open(os.DevNull); err == nil { // the default runtime is begun, and stays
		null.Read(make([]byte, 1))
		null.Close()
	}
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			t.Skip("it has neither")
		}
		dir, err := aio.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer dir.Close()
		for name, op := range map[string]func(*aio.File) error{
			"Read":     func(f *aio.File) error { _, err := f.Read(make([]byte, 1)); return err },
			"ReadAt":   func(f *aio.File) error { _, err := f.ReadAt(make([]byte, 1), 0); return err },
			"negative": func(f *aio.File) error { _, err := f.ReadAt(make([]byte, 1), -1); return err },
			"WriteAt":  func(f *aio.File) error { _, err := f.WriteAt(make([]byte, 1), -1<<63); return err },
		} {
			if _, ok := op(dir).(*os.PathError); !ok {
				t.Errorf("%s of a directory: %v", name, op(dir))
			}
		}
		path := filepath.Join(t.TempDir(), "fifo")
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := aio.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		read := future.Spawn(w.rt.Loop(0), f.ReadAsync(make([]byte, 8)))
		time.Sleep(5 * time.Millisecond)
		if _, err := f.Write([]byte("through")); err != nil {
			t.Error(err)
		}
		if n, err := ended(read).Result(); n != 7 || err != nil {
			t.Error(n, err)
		}
		within(t, "ReadAt of a FIFO fails, which has no offsets", func() {
			if _, err := f.ReadAt(make([]byte, 1), 0); !errors.Is(err, syscall.ESPIPE) {
				t.Error("ReadAt of a FIFO: ", err)
			}
		})
		f.Close()
	})
}

// TestCanceledDialsLeaveNothing cancels them at any time.
func TestCanceledDialsLeaveNothing(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			t.Skip("it does not wait")
		}
		l := w.listen(t)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				c.Close()
			}
		}()
		for i := range 100 {
			task := future.Spawn(w.rt.Loop(0), aio.DialAsync("tcp", l.Addr().String()))
			time.Sleep(time.Duration(i) * 3 * time.Microsecond)
			task.Cancel()
			f, err := task.Wait()
			if err != nil {
				t.Fatal(err)
			}
			if c, err := f.Result(); err == nil {
				c.Close()
			}
			task.Release()
		}
		l.Close()
	})
}

// TestDeadlinesThatAreSetAgain while operations are under way, from everywhere.
func TestDeadlinesThatAreSetAgain(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		a, b := w.twins(t)
		ctx, cancel := context.WithCancel(context.Background())
		var setters, wg sync.WaitGroup
		for _, c := range []*aio.Conn{a, b} {
			setters.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					c.SetDeadline([]time.Time{{}, time.Unix(1, 0), time.Now().Add(200 * time.Microsecond)}[i%3])
					time.Sleep(50 * time.Microsecond)
				}
			})
		}
		sent := stretch(4 << 20)
		wg.Go(func() {
			for p := sent; len(p) > 0; {
				n, err := a.Write(p[:min(len(p), 100_000)])
				if p = p[n:]; err != nil && !timedOut(err) {
					t.Error(err)
					return
				}
			}
			a.CloseWrite()
		})
		var got []byte
		wg.Go(func() {
			p := make([]byte, 50_000)
			for {
				n, err := b.Read(p)
				got = append(got, p[:n]...)
				if err == io.EOF {
					return
				}
				if err != nil && !timedOut(err) {
					t.Error(err)
					return
				}
			}
		})
		within(t, "all was sent", wg.Wait)
		cancel()
		setters.Wait()
		if !bytes.Equal(got, sent) {
			t.Errorf("%d of %d bytes", len(got), len(sent))
		}
	})
}

package aio_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// create returns a file of the world with these bytes, to be read from the beginning.
func (w *world) create(t testing.TB, data []byte) *aio.File {
	t.Helper()
	open := aio.OpenFile
	if w.sim != nil {
		open = w.sim.OpenFile
	}
	f, err := open(filepath.Join(t.TempDir(), "file"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if n, err := f.WriteAt(data, 0); n != len(data) || err != nil {
		t.Fatal(n, err)
	}
	return f
}

func TestBuffersAndFilesAreSentWhole(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		c, peer := w.pair(t)
		all := stretch(400_000)
		f := w.create(t, all)
		bufs := make(net.Buffers, 1100) // more empty ones than one sendmsg takes
		for rest := all; len(rest) > 0; {
			n := min(len(rest), 1+len(bufs)%700)
			bufs, rest = append(bufs, rest[:n], nil), rest[n:]
		}
		first := future.Spawn(w.rt, c.WriteBuffersAsync(bufs))
		second := future.Spawn(w.rt, c.SendFileAsync(f, -1))
		got := make([]byte, 2*len(all))
		if _, err := io.ReadFull(peer, got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got[:len(all)], all) || !bytes.Equal(got[len(all):], all) {
			t.Error("other bytes")
		}
		for _, task := range []future.Task[aio.ConnSendFuture]{first, second} {
			if n, err := ended(task).Result(); n != int64(len(all)) || err != nil {
				t.Error(n, err)
			}
		}
		f.Seek(100, io.SeekStart)
		if n, err := io.CopyN(c, f, 1000); n != 1000 || err != nil {
			t.Fatal(n, err)
		}
		if _, err := io.ReadFull(peer, got[:1000]); err != nil || !bytes.Equal(got[:1000], all[100:1100]) {
			t.Error("not what is at the position", err)
		}
	})
}

// TestACancelledSendOfAFileSaysHowMuchItWas: the position is after the last byte that was sent.
func TestACancelledSendOfAFileSaysHowMuchItWas(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		for _, kind := range []string{"file", "buffers"} {
			c, peer := w.pair(t)
			all := stretch(8 << 20) // more than the buffers of both hold
			f := w.create(t, all)
			send := c.SendFileAsync(f, -1)
			if kind == "buffers" {
				send = c.WriteBuffersAsync(net.Buffers{all[:1000], all[1000:]})
			}
			task := future.Spawn(w.rt, send)
			head := make([]byte, 100)
			if _, err := io.ReadFull(peer, head); err != nil {
				t.Fatal(err)
			}
			task.Cancel()
			n, err := ended(task).Result()
			if n < 100 || !errors.Is(err, future.ErrCanceled) {
				t.Error(kind, n, err)
			}
			if pos, err := f.Seek(0, io.SeekCurrent); kind == "file" && pos != n || err != nil {
				t.Errorf("%d bytes were sent, and the position is %d, %v", n, pos, err)
			}
			c.Close()
			rest, err := io.ReadAll(peer)
			if err != nil || !bytes.Equal(append(head, rest...), all[:n]) {
				t.Errorf("%s: %d bytes were sent, it says, and %d received: %v", kind, n, 100+len(rest), err)
			}
		}
	})
}

// TestCopiesOfWhateverIsRead: files of package os too, of which the position advances, and those from which
// the system cannot send.
func TestCopiesOfWhateverIsRead(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		c, peer := w.pair(t)
		var got []byte
		read := make(chan error, 1)
		go func() {
			var err error
			got, err = io.ReadAll(peer)
			read <- err
		}()
		all := stretch(100_000)
		name := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(name, all, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r, pw, err := os.Pipe()
		if errors.Is(err, errors.ErrUnsupported) {
			t.Skip("there are no pipes: ", err)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		pw.WriteString("from a pipe")
		pw.Close()
		want := append(all[10:len(all):len(all)], "from a pipe and from memory"...)
		f.Seek(10, io.SeekStart)
		for _, s := range []struct {
			r io.Reader
			n int
		}{
			{&io.LimitedReader{R: f, N: 0}, 0},
			{&io.LimitedReader{R: f, N: 30_000}, 30_000},
			{f, len(all) - 30_010},
			{f, 0},
			{r, 11},
			{bytes.NewReader([]byte(" and from memory")), 16},
		} {
			n, err := io.Copy(c, s.r)
			if l, ok := s.r.(*io.LimitedReader); n != int64(s.n) || err != nil || ok && l.N != 0 {
				t.Fatalf("%T: %d, want %d; %v", s.r, n, s.n, err)
			}
		}
		if info, err := os.Stat("/proc/self/status"); err == nil && info.Size() == 0 {
			made, err := os.Open("/proc/self/status")
			if err != nil {
				t.Fatal(err)
			}
			defer made.Close()
			n, err := io.Copy(c, &io.LimitedReader{R: made, N: 5})
			if n != 5 || err != nil {
				t.Error(n, err)
			}
			want = append(want, "Name:"...)
			if w.sim == nil {
				made, err := aio.Open("/proc/self/status")
				if err != nil {
					t.Fatal(err)
				}
				defer made.Close()
				if n, err = io.Copy(c, &io.LimitedReader{R: made, N: 5}); n != 5 || err != nil {
					t.Error(n, err)
				}
				want = append(want, "Name:"...)
			}
		}
		c.CloseWrite()
		if err := <-read; !bytes.Equal(got, want) || err != nil {
			t.Errorf("%d bytes of %d, the same: %v; %v", len(got), len(want), bytes.Equal(got, want), err)
		}
	})
}

package aio_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// TestNobodySendsAFileAfterTheShutdown: a goroutine that goes on to use a descriptor after its
// loop has ended may find another connection's under the number.
func TestNobodySendsAFileAfterTheShutdown(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, stretch(16<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, d := range aio.Drivers() {
		if d == "sim" {
			continue // which sends by itself
		}
		t.Run(d, func(t *testing.T) {
			rt, err := aio.NewRuntime(aio.Options{Loops: 1, Driver: d})
			if err != nil {
				t.Skip(err)
			}
			a, b, err := netPair("tcp")
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			c, err := aio.Wrap(a)
			if err != nil {
				t.Fatal(err)
			}
			aio.Home(c, rt.Loop(0))
			f, err := aio.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			type result struct {
				n   int64
				err error
			}
			sent := make(chan result, 1)
			go func() {
				n, err := c.SendFile(f, -1) // to a peer that does not read
				sent <- result{n, err}
			}()
			time.Sleep(120 * time.Millisecond) // the peer's buffers are full
			shutdown(t, rt)
			buf := make([]byte, 1<<20)
			buf = buf[:runtime.Stack(buf, true)]
			if bytes.Contains(buf, []byte("aio.sendSome")) {
				t.Errorf("a goroutine still sends:\n%s", buf)
			}
			c.Close()
			r := <-sent
			if r.err == nil {
				t.Error("all was sent to a peer that does not read")
			}
			var got int64
			for p := make([]byte, 1<<20); ; {
				n, err := b.Read(p)
				got += int64(n)
				if err != nil {
					break
				}
			}
			if got != r.n {
				t.Errorf("%d bytes came, and SendFile says %d: %v", got, r.n, r.err)
			}
		})
	}
}

// TestACancelledSendFileEndsThoughThePeerReadsOn: a sendfile(2) for all of a file waits anew for each
// part of it, so that a peer that is slow but not too slow kept it to the end.
func TestACancelledSendFileEndsThoughThePeerReadsOn(t *testing.T) {
	const size = 128 << 20 // far more than the buffers of both sides hold
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, size); err != nil {
		t.Fatal(err)
	}
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			return // which has no files of the system
		}
		c, peer := w.pair(t)
		f, err := aio.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		task := future.Spawn(w.rt.Loop(0), c.SendFileAsync(f, -1))
		got := int64(0)
		p := make([]byte, 64<<10)
		read := func() bool {
			n, err := peer.Read(p)
			got += int64(n)
			return err == nil
		}
		for range 64 {
			read()
		}
		task.Cancel()
		over := make(chan struct{})
		go func() {
			defer close(over)
			task.Wait()
		}()
		for slow := true; slow; {
			select {
			case <-over:
				slow = false
			case <-time.After(5 * time.Millisecond):
				read()
			}
		}
		n, err := ended(task).Result()
		if n == size || !errors.Is(err, future.ErrCanceled) {
			t.Errorf("%d bytes of %d were sent, %v", n, int64(size), err)
		}
		c.Close()
		for read() {
		}
		if got != n {
			t.Errorf("%d bytes came, and %d were sent", got, n)
		}
	})
}

// TestAStalledPeerOfASendFileHasNoThread, and no goroutine that tries again and again: on every driver
// the kernel is asked when there is room.
func TestAStalledPeerOfASendFileHasNoThread(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	const size = 256 << 20 // more than the kernel has room for
	head := stretch(4 << 20)
	if err := os.WriteFile(name, head, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, size); err != nil {
		t.Fatal(err)
	}
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			return // which has no files of the system
		}
		c, peer := w.pair(t)
		f, err := aio.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		// On portable it is the Read that has the socket not block.
		read := future.Spawn(w.rt.Loop(0), c.ReadAsync(make([]byte, 1)))
		if _, err := peer.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		ended(read)
		task := future.Spawn(w.rt.Loop(0), c.SendFileAsync(f, -1))
		buf := make([]byte, 1<<20)
		rest := func() {
			t.Helper()
			for none, tries := 0, 0; none < 40; none++ {
				if tries++; tries > 4000 {
					t.Fatal("a goroutine sends to a peer that takes nothing")
				}
				if bytes.Contains(buf[:runtime.Stack(buf, true)], []byte("aio.sendSome")) {
					none = 0
				}
				time.Sleep(time.Millisecond)
			}
		}
		rest()
		// It goes on when there is room, and rests again.
		got := make([]byte, len(head))
		if _, err := io.ReadFull(peer, got); err != nil {
			t.Fatal(err)
		}
		rest()
		// Of a file that has nothing left there is nothing to wait for.
		if n, err := c.SendFile(f, 0); n != 0 || err != nil {
			t.Error(n, err)
		}
		task.Cancel()
		n, err := ended(task).Result()
		if n == size || !errors.Is(err, future.ErrCanceled) {
			t.Errorf("%d bytes of %d were sent, %v", n, int64(size), err)
		}
		c.Close()
		more, err := io.Copy(io.Discard, peer)
		if err != nil || more+int64(len(got)) != n || !bytes.Equal(got, head) {
			t.Errorf("%d bytes came, or others, and %d were sent: %v", more+int64(len(got)), n, err)
		}
	})
}

// TestNobodySendsAFileThatWasGivenUp: in a poll io.Copy returns before the loop has begun to send, and
// what has the number of the file's descriptor then may be anybody's.
func TestNobodySendsAFileThatWasGivenUp(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	given, other := file("given", "what was to be sent"), file("other", "another file's")
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			return // which has no files of the system
		}
		for home := range 2 { // the loop itself, and the other
			c, peer := w.pair(t)
			aio.Home(c, w.rt.Loop(home))
			future.Go(w.rt.Loop(0), pollFunc(func(*future.Context) future.Poll {
				f, err := os.Open(given)
				if err != nil {
					t.Error(err)
					return future.Ready
				}
				if n, err := io.Copy(c, f); n != 0 || !errors.Is(err, future.ErrBlockedPoll) {
					t.Errorf("%d bytes, %v", n, err)
				}
				f.Close()
				if f, err = os.Open(other); err != nil {
					t.Error(err)
					return future.Ready
				}
				time.AfterFunc(20*time.Millisecond, func() {
					f.Close()
					c.Close()
				})
				return future.Ready
			}))
			got, err := io.ReadAll(peer)
			if s := string(got); err != nil || s != "" && s != "what was to be sent" {
				t.Errorf("%q came, %v", s, err)
			}
		}
	})
}

package aio_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// openDescriptors counts the descriptors of this process.
func openDescriptors(t testing.TB) int {
	t.Helper()
	es, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(es)
}

// nothingLeft waits until earlier tests have ended, and returns a check that the ledger is zero
// and that there are as many descriptors as now.
func nothingLeft(t testing.TB) func() {
	t.Helper()
	// The default runtime, which lives as long as the process, has descriptors of its own.
	if f, err := aio.Open("/dev/null"); err == nil {
		f.Read(make([]byte, 1))
		f.Close()
	}
	zero := func() (l aio.Ledger, ok bool) {
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			l = aio.ReadLedger()
			if l.Descriptors == 0 && l.Operations == 0 && l.Pins == 0 && l.Buffers == 0 {
				return l, true
			}
			if time.Now().After(end) {
				return l, false
			}
		}
	}
	if l, ok := zero(); !ok {
		t.Fatalf("an earlier test has left %+v", l)
	}
	fds := openDescriptors(t)
	return func() {
		t.Helper()
		if l, ok := zero(); !ok {
			t.Errorf("left: %+v", l)
		}
		n := openDescriptors(t)
		for end := time.Now().Add(10 * time.Second); n != fds && time.Now().Before(end); n = openDescriptors(t) {
			time.Sleep(time.Millisecond)
		}
		if n != fds {
			t.Errorf("%d descriptors, %d before", n, fds)
		}
	}
}

// waits runs a future on a runtime as a task, and gives it back.
func waits[F any, P interface {
	*F
	future.Future
}](t testing.TB, rt *future.Runtime, f F) *F {
	t.Helper()
	task := future.Spawn[F, P](rt, f)
	p, err := task.Wait()
	if err != nil {
		t.Fatal(err)
	}
	got := *p
	task.Release()
	return &got
}

func TestFileKeepsWhatIsWrittenOnEveryKindOfLoop(t *testing.T) {
	rt := newRuntime(t, 2)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	name := filepath.Join(t.TempDir(), "file")
	f, err := aio.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	model := make([]byte, 300_000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		off, n := r.IntN(len(model)), r.IntN(20_000)
		part := model[off:min(off+n, len(model))]
		for j := range part {
			part[j] = byte(i + j)
		}
		var m int
		if i%2 == 0 {
			m, err = waits(t, rt, f.WriteAtAsync(part, int64(off))).Result()
		} else {
			m, err = f.WriteAt(part, int64(off))
		}
		if m != len(part) || err != nil {
			t.Fatal(m, err)
		}
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if err := waits(t, rt, f.SyncAsync()).Result(); err != nil {
		t.Fatal(err)
	}
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	model = model[:st.Size()]
	if st, err := waits(t, rt, f.StatAsync()).Result(); err != nil || st.Size() != int64(len(model)) {
		t.Fatal(st, err)
	}
	if err := iotest.TestReader(io.NewSectionReader(f, 100, 2000), model[100:2100]); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(model)+10)
	if n, err := waits(t, rt, f.ReadAtAsync(got, 0)).Result(); n != len(model) || err != io.EOF || !bytes.Equal(got[:n], model) {
		t.Fatal(n, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); !errors.Is(err, os.ErrClosed) {
		t.Fatal(err)
	}
	onDisk, err := os.ReadFile(name)
	if err != nil || !bytes.Equal(onDisk, model) {
		t.Fatal(err, "not what was written")
	}
}

func TestFileHasAPosition(t *testing.T) {
	defer nothingLeft(t)()
	f, err := aio.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, s := range []string{"one ", "two ", "three"} {
		if _, err := io.WriteString(f, s); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Seek(4, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err != nil || string(got) != "two three" {
		t.Fatalf("%q, %v", got, err)
	}
	if n, err := f.Read(nil); n != 0 || err != nil {
		t.Fatal(n, err)
	}
}

// Each Write of many at once is whole, and none is lost: they share a position.
func TestWritesAtTheSamePositionFollowEachOther(t *testing.T) {
	rt := newRuntime(t, 2)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	f, err := aio.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const writers, size = 50, 10_000
	var tasks []future.Task[aio.FileIOFuture]
	for i := range writers {
		tasks = append(tasks, future.Spawn(rt, f.WriteAsync(bytes.Repeat([]byte{byte(i)}, size))))
	}
	for _, task := range tasks {
		w, err := task.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if n, err := w.Result(); n != size || err != nil {
			t.Fatal(n, err)
		}
		task.Release()
	}
	all := make([]byte, writers*size)
	if n, err := f.ReadAt(all, 0); n != len(all) || err != nil {
		t.Fatal(n, err)
	}
	seen := make(map[byte]bool)
	for i := 0; i < len(all); i += size {
		if b := all[i]; seen[b] || !bytes.Equal(all[i:i+size], bytes.Repeat([]byte{b}, size)) {
			t.Fatalf("the block at %d is torn or twice", i)
		}
		seen[all[i]] = true
	}
}

func TestFileErrorsAreThoseOfPackageOS(t *testing.T) {
	defer nothingLeft(t)()
	dir := t.TempDir()
	name := filepath.Join(dir, "file")
	pathError := func(what string, err error, op string, is error) {
		t.Helper()
		var pe *os.PathError
		if !errors.As(err, &pe) || pe.Op != op || !errors.Is(err, is) {
			t.Errorf("%s: %#v, want a *PathError of %s with %v", what, err, op, is)
		}
	}
	_, err := aio.Open(name)
	pathError("Open of none", err, "open", fs.ErrNotExist)
	f, err := aio.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.ReadAt(make([]byte, 1), 0)
	pathError("ReadAt of a file for writing", err, "read", syscall.EBADF)
	if _, err = f.WriteAt([]byte("x"), 0); err == nil {
		t.Error("WriteAt of a file that appends")
	}
	if _, err = f.ReadAt([]byte("x"), -1); err == nil {
		t.Error("ReadAt of a negative offset")
	}
	f.Close()
	_, err = f.Write([]byte("x"))
	pathError("Write after Close", err, "write", os.ErrClosed)
	_, err = f.ReadAt([]byte("x"), 0)
	pathError("ReadAt after Close", err, "read", os.ErrClosed)
	pathError("Sync after Close", f.Sync(), "sync", os.ErrClosed)
	d, err := aio.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Read(make([]byte, 10))
	pathError("Read of a directory", err, "read", syscall.EISDIR)
	d.Close()
}

// A read may go into the frame of the future itself, which is pinned already.
type frameRead struct {
	f   *aio.File
	buf [4096]byte
	r   aio.FileIOFuture
	on  bool
}

func (f *frameRead) Poll(cx *future.Context) future.Poll {
	if !f.on {
		f.r, f.on = f.f.ReadAsync(f.buf[:]), true
	}
	return f.r.Poll(cx)
}

func TestBuffersInTheFrameAreNotPinned(t *testing.T) {
	rt := newRuntime(t, 1)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	r, w := newPipe(t)
	before := atRest(t)
	task := future.Spawn(rt, frameRead{f: r})
	var l aio.Ledger
	for end := time.Now().Add(10 * time.Second); l.Operations != before.Operations+1 && time.Now().Before(end); {
		future.Go(rt, pollFunc(func(*future.Context) future.Poll { return future.Ready })) // a turn, so that the counts are shown
		time.Sleep(time.Millisecond)
		l = aio.ReadLedger()
	}
	if l.Pins != before.Pins || l.Operations != before.Operations+1 {
		t.Errorf("%+v, before %+v", l, before)
	}
	io.WriteString(w, "into the frame")
	p, err := task.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := p.r.Result(); err != nil || string(p.buf[:n]) != "into the frame" {
		t.Error(n, err)
	}
	task.Release()
	r.Close()
	w.Close()
}

func TestBlockingReadInAPollSaysSo(t *testing.T) {
	rt := newRuntime(t, 1)
	defer shutdown(t, rt)
	r, w := newPipe(t)
	defer r.Close()
	defer w.Close()
	got := make(chan error, 1)
	future.Go(rt, pollFunc(func(*future.Context) future.Poll {
		_, err := r.Read(make([]byte, 1))
		got <- err
		return future.Ready
	}))
	select {
	case err := <-got:
		if !errors.Is(err, future.ErrBlockedPoll) {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it blocks")
	}
}

func ioBytes(f *aio.FileIOFuture) []byte { return aio.BufferOf(f) }

// pollFunc is a future of which Poll is the function.
type pollFunc func(*future.Context) future.Poll

func (f *pollFunc) Poll(cx *future.Context) future.Poll { return (*f)(cx) }

// Whoever closes a file while others use it takes the descriptor from none of them: each
// reads what is there or is told that it is closed.
func TestCloseRacesWithReads(t *testing.T) {
	rt := newRuntime(t, 2)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	name := filepath.Join(t.TempDir(), "file")
	all := pattern(100_000)
	if err := os.WriteFile(name, all, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		f, err := aio.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		var tasks []future.Task[aio.FileIOFuture]
		for i := range 20 {
			if i%2 == 0 {
				tasks = append(tasks, future.Spawn(rt, f.ReadAsync(make([]byte, 1000))))
			} else {
				tasks = append(tasks, future.Spawn(rt, f.ReadAtAsync(make([]byte, 1000), int64(i)*1000)))
			}
			if i == 10 {
				go f.Close()
			}
		}
		at := 0
		for i, task := range tasks {
			p, err := task.Wait()
			if err != nil {
				t.Fatal(err)
			}
			n, err := p.Result()
			if err != nil && !errors.Is(err, os.ErrClosed) || err == nil && n != 1000 {
				t.Fatal(n, err)
			}
			if got := aio.BufferOf(p)[:n]; i%2 == 1 && !bytes.Equal(got, all[i*1000:i*1000+n]) {
				t.Fatal("another file's bytes")
			} else if i%2 == 0 {
				at += n
			}
			task.Release()
		}
		if at > 10_000 {
			t.Fatal("it was read twice")
		}
	}
}

package aio_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

func lend(t testing.TB, n, size int) *aio.Buffers {
	t.Helper()
	b, err := aio.NewBuffers(n, size)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBuffersSayWhatIsWrong(t *testing.T) {
	for _, c := range [][2]int{{0, 1}, {1, 0}, {-1, 5}, {1, -5}, {1, math.MaxInt}, {math.MaxInt, 1}, {math.MaxInt, math.MaxInt}, {1 << 15, 1<<15 + 1}} {
		if _, err := aio.NewBuffers(c[0], c[1]); err == nil || !strings.Contains(err.Error(), "1 GiB at most") {
			t.Errorf("%d buffers of %d bytes: %v", c[0], c[1], err)
		}
	}
	b := lend(t, 2, 100)
	p, err := b.Get()
	if err != nil || len(p) != 100 || cap(p) != 100 {
		t.Fatal(len(p), cap(p), err)
	}
	for name, q := range map[string][]byte{"nil": nil, "another's": make([]byte, 100), "in the middle": p[1:], "at the end": p[100:]} {
		if err := b.Put(q); err == nil || !strings.Contains(err.Error(), "do not begin where") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := b.Close(); err == nil || !strings.Contains(err.Error(), "1 of 2 buffers are in use") {
		t.Error(err)
	}
	if err := b.Put(p[:0]); err != nil {
		t.Error(err)
	}
	if err := b.Put(p); err == nil || !strings.Contains(err.Error(), "free already") {
		t.Error(err)
	}
	for range 2 {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	for range 5 { // which is more than there were
		within(t, "a Get after the Close", func() {
			if _, err := b.Get(); !errors.Is(err, os.ErrClosed) {
				t.Error(err)
			}
		})
	}
}

func TestBuffersGoToThoseWhoWaitInOrder(t *testing.T) {
	rt := future.Default()
	b := lend(t, 1, 10)
	p, err := b.Get()
	if err != nil {
		t.Fatal(err)
	}
	first, second, third := future.Spawn(rt, b.GetAsync()), future.Spawn(rt, b.GetAsync()), future.Spawn(rt, b.GetAsync())
	ended(future.Spawn(rt, yieldOnce{}))
	second.Cancel()
	if p, err := ended(second).Result(); p != nil || !errors.Is(err, future.ErrCanceled) {
		t.Error(p, err)
	}
	b.Put(p)
	for _, task := range []future.Task[aio.BuffersGetFuture]{first, third} {
		q, err := ended(task).Result()
		if err != nil || &q[0] != &p[0] {
			t.Fatal(err)
		}
		if err := b.Put(q); err != nil {
			t.Error(err)
		}
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestBuffersAreOnesAtATime(t *testing.T) {
	const n, users = 3, 8
	b := lend(t, n, 8)
	var out atomic.Int32
	var all sync.WaitGroup
	for i := range users {
		all.Go(func() {
			for range 500 {
				p, err := b.Get()
				if err != nil {
					t.Error(err)
					return
				}
				if now := out.Add(1); now > n {
					t.Errorf("%d of %d are out", now, n)
				}
				for j := range p {
					p[j] = byte(i)
				}
				runtime.Gosched()
				if !bytes.Equal(p, bytes.Repeat([]byte{byte(i)}, len(p))) {
					t.Errorf("%d has %v", i, p)
				}
				out.Add(-1)
				b.Put(p)
			}
		})
	}
	within(t, "all have had theirs", all.Wait)
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

// TestBuffersAreReadIntoAndWrittenFrom: nothing of them is pinned again, by the loop itself, for other loops and for goroutines.
func TestBuffersAreReadIntoAndWrittenFrom(t *testing.T) {
	eachRing(t, func(t *testing.T, w *world) {
		b := lend(t, 4, 4096)
		data := stretch(100_000)
		f := w.create(t, data)
		pool := func() []byte {
			p, err := b.Get()
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		p, q := pool(), pool()
		at := int64(50_001)
		if n, err := ended(future.Spawn(w.rt, f.ReadAtAsync(p[7:], at))).Result(); n != 4089 || err != nil || !bytes.Equal(p[7:], data[at:at+4089]) {
			t.Error(n, err)
		}
		copy(q, "instead of what was there")
		if n, err := ended(future.Spawn(w.rt, f.WriteAtAsync(q[:25], 3))).Result(); n != 25 || err != nil {
			t.Error(n, err)
		}
		if n, err := f.ReadAt(p[:25], 3); n != 25 || err != nil || string(p[:25]) != "instead of what was there" {
			t.Errorf("%q, %v", p[:n], err)
		}

		r0, pw0 := w.pipe(t)
		r1, pw1 := w.pipe(t)
		before := atRest(t) // a loop shows that an operation has ended only when it has told so
		here, there := future.Spawn(w.rt.Loop(0), r0.ReadAsync(p)), future.Spawn(w.rt.Loop(1), r1.ReadAsync(q))
		eventually(t, "they wait", func() (any, bool) { l := aio.ReadLedger(); return l, l.Operations >= before.Operations+2 })
		if l := aio.ReadLedger(); l.Pins != before.Pins {
			t.Errorf("%d were pinned", l.Pins-before.Pins)
		}
		for _, pw := range []*aio.File{pw0, pw1} {
			if _, err := pw.Write([]byte("xxxxx")); err != nil {
				t.Fatal(err)
			}
		}
		for i, task := range []future.Task[aio.FileIOFuture]{here, there} {
			n, err := ended(task).Result()
			if got := [...][]byte{p, q}[i][:n]; n == 0 || err != nil || strings.Trim(string(got), "x") != "" {
				t.Errorf("read %d: %q, %v", i, got, err)
			}
		}
		copy(p, "hello")

		c, peer := w.pair(t)
		sent := future.Spawn(w.rt, c.WriteAsync(p[:5]))
		got := make([]byte, 5)
		if _, err := io.ReadFull(peer, got); err != nil || string(got) != "hello" {
			t.Errorf("%q, %v", got, err)
		}
		if n, err := ended(sent).Result(); n != 5 || err != nil {
			t.Error(n, err)
		}
		b.Put(p)
		b.Put(q)
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestBuffersOfClosedPoolsAreForgotten: their memory goes back to the system, and comes back as that
// of others at the same addresses.
func TestBuffersOfClosedPoolsAreForgotten(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		data := stretch(1 << 20)
		f := w.create(t, data)
		rounds := 100
		if testing.Short() {
			rounds = 10
		}
		for i := range rounds {
			var pools []*aio.Buffers
			for range 70 { // which is more than a ring is told of
				pools = append(pools, lend(t, 1, 64<<10))
			}
			for j, b := range pools {
				p, err := b.Get()
				if err != nil {
					t.Fatal(err)
				}
				at := int64(i*100 + j)
				if n, err := ended(future.Spawn(w.rt.Loop(j%2), f.ReadAtAsync(p, at))).Result(); n != len(p) || err != nil || !bytes.Equal(p, data[at:int(at)+n]) {
					t.Fatalf("round %d, pool %d: %d bytes, the same: %v; %v", i, j, n, bytes.Equal(p, data[at:int(at)+n]), err)
				}
				b.Put(p)
				if err := b.Close(); err != nil {
					t.Fatal(err)
				}
			}
			debug.FreeOSMemory()
		}
	})
}

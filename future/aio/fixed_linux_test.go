package aio_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// TestARingKnowsThePoolsThatAreUsedOnIt, until they are closed, also if it has nothing else to do.
func TestARingKnowsThePoolsThatAreUsedOnIt(t *testing.T) {
	rt, err := aio.NewRuntime(aio.Options{Loops: 2, Driver: "uring"})
	if err != nil {
		t.Skip(err)
	}
	defer shutdown(t, rt)
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, pattern(1000), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := aio.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var pools []*aio.Buffers
	for i := range 70 {
		b := lend(t, 1, 1000)
		pools = append(pools, b)
		p, err := b.Get()
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if n, err := ended(future.Spawn(rt.Loop(0), f.ReadAtAsync(p, 0))).Result(); n != 1000 || err != nil {
				t.Fatal(n, err)
			}
		}
		b.Put(p)
		if here, there := aio.FixedPools(rt.Loop(0)), aio.FixedPools(rt.Loop(1)); here != min(i+1, 64) || there != 0 {
			t.Errorf("%d pools were used on loop 0, which knows %d, and none on loop 1, which knows %d", i+1, here, there)
		}
	}
	for i, b := range pools {
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if n := aio.FixedPools(rt.Loop(0)); n != max(0, 64-1-i) {
			t.Errorf("%d pools were closed, and it knows %d", i+1, n)
		}
	}
}

// TestACopyOfAFileLeavesItsLocks: who closes any descriptor of a file gives up the locks that the
// process has on it.
func TestACopyOfAFileLeavesItsLocks(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, pattern(1000), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(f.Fd(), unix.F_SETLK, &lock); err != nil {
		t.Skip(err)
	}
	c, peer := connected(t)
	defer c.Close()
	defer peer.Close()
	if n, err := io.Copy(c, f); n != 1000 || err != nil {
		t.Fatal(n, err)
	}
	other, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	lock = unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(other.Fd(), unix.F_OFD_GETLK, &lock); err != nil {
		t.Skip(err)
	}
	if lock.Type == unix.F_UNLCK {
		t.Error("the lock is gone")
	}
	other.Close()
}

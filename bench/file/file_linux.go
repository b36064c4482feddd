// Package file measures random reads of a file that is in the page cache: futures on the ring
// of one loop against goroutines with os.File.ReadAt.
package file

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

const (
	block = 4 << 10
	size  = 64 << 20
	// Depth is how many reads are under way at once.
	Depth = 64
)

// Result is one measurement.
type Result struct {
	Reads float64       // per second
	CPU   time.Duration // of the process, per read
}

// Prepare makes a file of 64 MiB and has it cached.
func Prepare(name string) error {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte{1}).Read(b)
	if err := os.WriteFile(name, b, 0o600); err != nil {
		return err
	}
	_, err := os.ReadFile(name)
	return err
}

// reader reads one block after the other, into a buffer of a pool, or in its frame, which is pinned.
type reader struct {
	f    *aio.File
	r    *rand.PCG
	n    int64
	stop *atomic.Bool
	sum  *atomic.Int64
	read aio.FileIOFuture
	on   bool
	p    []byte
	buf  [block]byte
}

func (r *reader) Poll(cx *future.Context) future.Poll {
	for {
		if !r.on {
			if r.stop.Load() {
				r.sum.Add(r.n)
				return future.Ready
			}
			r.read, r.on = r.f.ReadAtAsync(r.p, int64(r.r.Uint64()%(size/block))*block), true
		}
		if r.read.Poll(cx) == future.Pending {
			return future.Pending
		}
		r.on = false
		if n, err := r.read.Result(); n != block || err != nil {
			panic(fmt.Sprint(n, err))
		}
		r.n++
	}
}

// Futures measures Depth futures on one loop, each with a buffer in its frame.
func Futures(name string, d time.Duration) (Result, error) { return futures(name, d, nil) }

// Pooled is Futures with buffers of an [aio.Buffers].
func Pooled(name string, d time.Duration) (Result, error) {
	b, err := aio.NewBuffers(Depth, block)
	if err != nil {
		return Result{}, err
	}
	r, err := futures(name, d, b)
	return r, errors.Join(err, b.Close())
}

func futures(name string, d time.Duration, pool *aio.Buffers) (Result, error) {
	rt, err := aio.NewRuntime(aio.Options{Loops: 1})
	if err != nil {
		return Result{}, err
	}
	f, err := aio.Open(name)
	if err != nil {
		return Result{}, err
	}
	var stop atomic.Bool
	var sum atomic.Int64
	var tasks []future.Task[reader]
	start, cpu := time.Now(), cpuTime()
	for i := range Depth {
		t, err := future.SpawnInit(rt, func(r *reader) error {
			r.f, r.r, r.stop, r.sum = f, rand.NewPCG(uint64(i), 1), &stop, &sum
			if r.p = r.buf[:]; pool == nil {
				return nil
			}
			var err error
			r.p, err = pool.Get()
			return err
		})
		if err != nil {
			return Result{}, err
		}
		tasks = append(tasks, t)
	}
	time.Sleep(d)
	stop.Store(true)
	for _, t := range tasks {
		got, err := t.Wait()
		if err != nil {
			return Result{}, err
		}
		if pool != nil {
			pool.Put(got.p)
		}
		t.Release()
	}
	r := result(sum.Load(), start, cpu)
	f.Close()
	return r, rt.Shutdown(context.Background())
}

// Goroutines measures Depth goroutines on cores cores.
func Goroutines(name string, d time.Duration, cores int) (Result, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	f, err := os.Open(name)
	if err != nil {
		return Result{}, err
	}
	defer f.Close()
	var stop atomic.Bool
	var sum atomic.Int64
	var wg sync.WaitGroup
	start, cpu := time.Now(), cpuTime()
	for i := range Depth {
		wg.Go(func() {
			r, buf, n := rand.NewPCG(uint64(i), 1), make([]byte, block), int64(0)
			for ; !stop.Load(); n++ {
				if _, err := f.ReadAt(buf, int64(r.Uint64()%(size/block))*block); err != nil {
					panic(err)
				}
			}
			sum.Add(n)
		})
	}
	time.Sleep(d)
	stop.Store(true)
	wg.Wait()
	return result(sum.Load(), start, cpu), nil
}

func result(n int64, start time.Time, cpu time.Duration) Result {
	return Result{
		Reads: float64(n) / time.Since(start).Seconds(),
		CPU:   (cpuTime() - cpu) / time.Duration(max(n, 1)),
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

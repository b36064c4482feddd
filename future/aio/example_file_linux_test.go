package aio_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

func ExampleFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	f, err := aio.Create(filepath.Join(dir, "greeting"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte("hello, disk"), 0); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Sync())
	buf := make([]byte, 20)
	n, err := f.ReadAt(buf, 7)
	fmt.Printf("%q %v\n", buf[:n], err)
	// Output:
	// <nil>
	// "disk" EOF
}

func ExampleFileIOFuture() {
	rt, err := aio.NewRuntime(aio.Options{Loops: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, w, err := aio.Pipe()
	if err != nil {
		fmt.Println(err)
		return
	}
	buf := make([]byte, 20)
	task := future.Spawn(rt, r.ReadAsync(buf)) // it waits in the kernel
	w.Write([]byte("through a pipe"))
	read, err := task.Wait()
	if err != nil {
		fmt.Println(err)
		return
	}
	n, err := read.Result()
	fmt.Printf("%q %v\n", buf[:n], err)
	task.Release()
	r.Close()
	w.Close()
	// Output: "through a pipe" <nil>
}

func ExampleFileSyncFuture() {
	f, err := aio.Open(os.DevNull)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	sync := f.SyncAsync()
	fmt.Println(future.Block(&sync))
	fmt.Println(sync.Result()) // a device has nothing to bring to a disk
	// Output:
	// <nil>
	// sync /dev/null: invalid argument
}

// However many goroutines and tasks read blocks of the file, two of them are in memory.
func ExampleBuffers() {
	pool, err := aio.NewBuffers(2, 4096)
	if err != nil {
		fmt.Println(err)
		return
	}
	name, err := os.Executable()
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := aio.Open(name)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	var all sync.WaitGroup
	var read atomic.Int64
	for i := range int64(5) {
		all.Go(func() {
			p, err := pool.Get() // pool.GetAsync() in a future
			if err != nil {
				return
			}
			defer pool.Put(p)
			n, _ := f.ReadAt(p, i*4096)
			read.Add(int64(n))
		})
	}
	all.Wait()
	fmt.Println(read.Load(), pool.Close())
	// Output: 20480 <nil>
}

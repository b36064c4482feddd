package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls f for each program, on as many goroutines as there are
// processors. It returns the first error of a call; after one, no more begin.
func inParallel(programs []program, f func(program) error) error {
	var (
		wg     sync.WaitGroup
		next   atomic.Int64
		failed sync.Once
		err    error
	)
	for range min(runtime.GOMAXPROCS(0), len(programs)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(programs)); i = next.Add(1) - 1 {
				if e := f(programs[i]); e != nil {
					failed.Do(func() { err = e })
					next.Store(int64(len(programs)))
				}
			}
		})
	}
	wg.Wait()
	return err
}

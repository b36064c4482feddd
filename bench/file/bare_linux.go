package file

import (
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/pinion-go/pinion/internal/uring"
	"github.com/pinion-go/pinion/pin"
)

// Bare measures Depth reads on a ring without futures: what the kernel does at most.
func Bare(name string, d time.Duration) (Result, error) {
	f, err := os.Open(name)
	if err != nil {
		return Result{}, err
	}
	defer f.Close()
	mem, err := pin.NewBlock[byte](Depth * block)
	if err != nil {
		return Result{}, err
	}
	defer mem.Close()
	done := make(chan error, 1)
	var r Result
	go func() { // the ring belongs to this goroutine's thread, which ends with it
		done <- func() error {
			ring, err := uring.New(Depth, true)
			if err != nil {
				return err
			}
			defer ring.Close()
			if err := ring.Enable(); err != nil {
				return err
			}
			random := rand.NewPCG(1, 1)
			read := func(i uint64) {
				s := ring.Next()
				s.Opcode, s.FD, s.UserData = uring.OpcodeRead, int32(f.Fd()), i
				s.Addr, s.Len = uring.Addr(mem.Slice(int(i)*block, int(i+1)*block)), block
				s.Off = random.Uint64() % (size / block) * block
			}
			start, cpu, n := time.Now(), cpuTime(), int64(0)
			for i := range uint64(Depth) {
				read(i)
			}
			for time.Since(start) < d {
				if err := ring.Enter(1, -1); err != nil {
					return err
				}
				ring.Reap(func(c uring.CQE) {
					if c.Res != block {
						err = fmt.Errorf("a read: %d", c.Res)
					}
					n++
					read(c.UserData)
				})
				if err != nil {
					return err
				}
			}
			r = result(n, start, cpu)
			for left := Depth; left > 0; { // the kernel writes into mem until then
				if err := ring.Enter(1, -1); err != nil {
					return err
				}
				ring.Reap(func(uring.CQE) { left-- })
			}
			return nil
		}()
	}()
	err = <-done
	return r, err
}

package aio_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// frameReader reads into its own frame, and panics when it is woken. A tenant only fills its
// frame, and finds it as it was when it is woken.
type frameReader struct {
	c      *aio.Conn
	tenant bool
	polled chan future.Waker
	begun  bool
	read   aio.ConnReadFuture
	buf    [64]byte
}

var tenants = bytes.Repeat([]byte{0xdb}, 64)

func (f *frameReader) Poll(cx *future.Context) future.Poll {
	switch {
	case f.begun && !f.tenant:
		panic("on purpose")
	case f.begun && !bytes.Equal(f.buf[:], tenants):
		panic(errors.New("another's bytes are in the frame: " + string(f.buf[:])))
	case f.begun:
		return future.Ready
	case f.tenant:
		copy(f.buf[:], tenants)
	default:
		f.read = f.c.ReadAsync(f.buf[:])
		f.read.Poll(cx)
	}
	f.begun = true
	f.polled <- cx.Waker()
	return future.Pending
}

// TestAFrameIsNotReusedWhileALoopMayWriteIntoIt, be it its own or another's, after the poll has
// panicked that has begun the operation.
func TestAFrameIsNotReusedWhileALoopMayWriteIntoIt(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		for loop := range 2 { // the connection's own, and another
			c, peer := w.pair(t)
			polled := make(chan future.Waker, 1)
			task := future.Spawn(w.rt.Loop(loop), frameReader{c: c, polled: polled})
			(<-polled).Wake()
			var pe *future.PanicError
			if _, err := task.Wait(); !errors.As(err, &pe) || pe.Value != "on purpose" {
				t.Fatal(err)
			}
			task.Release()
			var others [4]future.Task[frameReader]
			var wakers [len(others)]future.Waker
			for i := range others {
				others[i] = future.Spawn(w.rt.Loop(loop), frameReader{tenant: true, polled: polled})
				wakers[i] = <-polled
			}
			sent := stretch(200)
			if _, err := peer.Write(sent); err != nil {
				t.Fatal(err)
			}
			for n := 0; n < len(sent)-64; { // what is left, if the first Read has taken its share
				m, err := ended(future.Spawn(w.rt.Loop(0), c.ReadAsync(make([]byte, len(sent)-64-n)))).Result()
				if err != nil {
					t.Fatal(err)
				}
				n += m
			}
			for i, o := range others {
				wakers[i].Wake()
				if _, err := o.Wait(); err != nil {
					t.Error(err)
				}
				o.Release()
			}
			c.Close()
		}
	})
}

// TestANextIsOverWithItsBuffer, also for a second one who asks for the result: the memory is the
// kernel's, or another connection's.
func TestANextIsOverWithItsBuffer(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		for loop := range 2 { // the connection's own, and another
			c, peer := w.pair(t)
			buffers := aio.ReadLedger().Buffers
			if _, err := peer.Write([]byte("h")); err != nil {
				t.Fatal(err)
			}
			next := ended(future.Spawn(w.rt.Loop(loop), c.NextAsync()))
			first, err := next.Result()
			if second, _ := next.Result(); err != nil || second != first {
				t.Fatal(first, second, err)
			}
			eventually(t, "it is on the books", func() (any, bool) { n := aio.ReadLedger().Buffers; return n, n == buffers+1 })
			first.Release()
			eventually(t, "it is released", func() (any, bool) { n := aio.ReadLedger().Buffers; return n, n == buffers })
			again, err := next.Result()
			if again.Len() != 0 || err != nil {
				t.Errorf("after Release the result is %q, %v", again.Bytes(), err)
			}
			again.Release()
			c.Close()
			eventually(t, "nothing is left", func() (any, bool) { n := aio.ReadLedger().Buffers; return n, n == buffers })
		}
	})
}

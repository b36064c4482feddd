package aio_test

import (
	"bytes"
	"io"
	"net"
	"testing"

	"github.com/pinion-go/pinion/future"
)

// TestWriteBuffersWaitsForAPeer that has not read yet: portable took the end of the wait for a Write
// of nothing, which was EIO.
func TestWriteBuffersWaitsForAPeer(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			return // whose sizes are small ones
		}
		c, peer := w.pair(t)
		all := stretch(8 << 20)
		f := c.WriteBuffersAsync(net.Buffers{all[:1<<20], all[1<<20:]})
		task := future.Spawn(w.rt.Loop(0), f)
		ended(future.Spawn(w.rt.Loop(0), yieldOnce{})) // the other was begun before, and waits now
		got := make([]byte, len(all))
		if _, err := io.ReadFull(peer, got); err != nil || !bytes.Equal(got, all) {
			t.Error("other bytes came:", err)
		}
		if n, err := ended(task).Result(); n != int64(len(all)) || err != nil {
			t.Error(n, err)
		}
	})
}

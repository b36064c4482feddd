package aio_test

import (
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// TestBuffersAreBounded has more connections receive than there may be buffers. Those for which
// there is none wait for one that is released.
func TestBuffersAreBounded(t *testing.T) {
	future.Default()
	warm(t)
	const most, more = 128, 20
	for _, d := range aio.Drivers() {
		eachWorld(t, d, d, runtimeOf(aio.Options{Loops: 1, Driver: d, Buffers: most}), func(t *testing.T, w *world) {
			before := aio.ReadLedger().Buffers
			got := make(chan *aio.ConnNextFuture)
			for i := range most + more {
				c, peer := w.pair(t)
				next := future.Spawn(w.rt, c.NextAsync())
				go func() { got <- ended(next) }()
				if _, err := peer.Write([]byte{byte(i)}); err != nil {
					t.Fatal(err)
				}
			}
			seen := make(map[byte]bool)
			var held []aio.Buf
			for range most {
				b, err := (<-got).Result()
				if err != nil || b.Len() != 1 {
					t.Fatal(b.Len(), err)
				}
				held, seen[b.Bytes()[0]] = append(held, b), true
			}
			time.Sleep(20 * time.Millisecond) // in which others could come
			if n := aio.ReadLedger().Buffers - before; n > most {
				t.Errorf("%d buffers of %d", n, most)
			}
			select {
			case f := <-got:
				_, err := f.Result()
				t.Fatalf("there is one more: %v", err)
			default:
			}
			for range more {
				held[0].Release()
				b, err := (<-got).Result()
				if err != nil || b.Len() != 1 {
					t.Fatal(b.Len(), err)
				}
				held, seen[b.Bytes()[0]] = append(held[1:], b), true
			}
			for _, b := range held {
				b.Release()
			}
			if len(seen) != most+more {
				t.Errorf("%d of %d messages came", len(seen), most+more)
			}
		})
	}
	for _, n := range []int{-1, 1, 127, 4097} {
		if _, err := aio.NewRuntime(aio.Options{Buffers: n}); err == nil {
			t.Errorf("%d buffers are no error", n)
		}
	}
}

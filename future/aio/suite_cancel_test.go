package aio_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
)

// canceled spawns f, cancels it a moment later, and returns it as it has ended.
func canceled[F any, P future.Ptr[F]](w *world, rng *rand.Rand, f F) *F {
	task := future.Spawn[F, P](w.rt.Loop(rng.IntN(2)), f) // on its own loop or on another
	if d := rng.IntN(60); d > 0 {
		time.Sleep(time.Duration(d) * time.Microsecond)
	}
	task.Cancel()
	return ended(task)
}

func TestCanceledReadsLoseNothing(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		c, peer := w.pair(t)
		want := stretch(1 << 20)
		rng := rand.New(rand.NewPCG(1, 2))
		go func() {
			for p := want; len(p) > 0; {
				n := min(len(p), 1+rand.IntN(4000))
				peer.Write(p[:n])
				p = p[n:]
				time.Sleep(20 * time.Microsecond)
			}
			peer.CloseWrite()
		}()
		var got []byte
		cancels := 0
		for over := false; !over; {
			var err error
			if rng.IntN(2) == 0 {
				p := make([]byte, 1+rng.IntN(3000))
				n := 0
				n, err = canceled(w, rng, c.ReadAsync(p)).Result()
				got = append(got, p[:n]...)
			} else {
				b, e := canceled(w, rng, c.NextAsync()).Result()
				got = append(got, b.Bytes()...)
				b.Release()
				err = e
			}
			switch {
			case err == io.EOF:
				over = true
			case errors.Is(err, future.ErrCanceled):
				cancels++
			case err != nil:
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%d bytes came of %d, or changed", len(got), len(want))
		}
		if cancels == 0 {
			t.Error("nothing was cancelled")
		}
	})
}

func TestCanceledAcceptsLoseNothing(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		const n = 300
		l := w.listen(t)
		rng := rand.New(rand.NewPCG(3, 4))
		go func() {
			for range n {
				c, err := w.dial(l)
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
			}
			time.Sleep(50 * time.Millisecond)
		}()
		for taken := 0; taken < n; {
			c, err := canceled(w, rng, l.AcceptConnAsync()).Result()
			switch {
			case err == nil:
				taken++
				c.Close()
			case !errors.Is(err, future.ErrCanceled):
				t.Fatal(err)
			}
		}
	})
}

// TestCanceledWritesSayHowMuchWasSent compares with what the peer has in the end.
func TestCanceledWritesSayHowMuchWasSent(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		rng := rand.New(rand.NewPCG(5, 6))
		p := stretch(16 << 20)
		for range 10 {
			c, peer := w.pair(t)
			var want []byte
			for range 3 { // the first fills what the kernel has room for
				f := c.WriteAsync(p)
				task := future.Spawn(w.rt.Loop(rng.IntN(2)), f)
				time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
				task.Cancel()
				n, err := ended(task).Result()
				if n == len(p) || !errors.Is(err, future.ErrCanceled) {
					t.Fatalf("%d, %v", n, err)
				}
				want = append(want, p[:n]...)
			}
			go c.Close()
			got, err := io.ReadAll(peer)
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%d bytes came, the Writes had said %d: %v", len(got), len(want), err)
			}
		}
	})
}

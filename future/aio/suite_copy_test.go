package aio_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// copyInPieces copies from src to dst, and gives each Copy a random short time, until the end of the stream.
//
//pinion:async
func copyInPieces(dst, src *aio.Conn, rng *rand.Rand, most time.Duration, canceled *int) (n int64, err error) {
	for {
		f := future.Await(future.Timeout(time.Duration(rng.Int64N(int64(most))), aio.CopyAsync(dst, src)))
		m, e := f.F().Result()
		n += m
		if errors.Is(e, future.ErrCanceled) {
			*canceled++
			continue
		}
		err = e
		break
	}
	dst.CloseWrite()
	return n, err
}

// TestCopiesThatAreCancelledLoseNothing, between connections of one loop, and of two.
func TestCopiesThatAreCancelledLoseNothing(t *testing.T) {
	total := 4 << 20
	if testing.Short() {
		total = 200 << 10
	}
	eachDriver(t, func(t *testing.T, w *world) {
		for on := range 2 {
			src, from := w.pair(t)
			dst, to := w.pair(t)
			sent, canceled := stretch(total), 0
			task := future.Spawn(w.rt.Loop(on), copyInPiecesAsync(dst, src, rand.New(rand.NewPCG(1, 2)), 300*time.Microsecond, &canceled))
			go func() {
				for p := sent; len(p) > 0; {
					n := min(len(p), 50_000)
					if _, err := from.Write(p[:n]); err != nil {
						t.Error(err)
					}
					p = p[n:]
					time.Sleep(100 * time.Microsecond)
				}
				from.CloseWrite()
			}()
			got, err := io.ReadAll(to)
			if err != nil || !bytes.Equal(got, sent) {
				t.Errorf("%d bytes came of %d, the same: %v; %v", len(got), len(sent), bytes.Equal(got, sent), err)
			}
			if n, err := ended(task).Result(); n != int64(len(sent)) || err != nil {
				t.Error(n, err)
			}
			if canceled == 0 {
				t.Error("none was cancelled")
			}
		}
	})
}

// TestWhatACopyCannotSendStays with the one who has received it.
func TestWhatACopyCannotSendStays(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		for on := range 2 {
			src, from := w.pair(t)
			dst, _ := w.pair(t)
			dst.CloseWrite()
			if _, err := from.Write([]byte("hello")); err != nil {
				t.Fatal(err)
			}
			n, err := ended(future.Spawn(w.rt.Loop(on), aio.CopyAsync(dst, src))).Result()
			if n != 0 || err == nil {
				t.Errorf("%d, %v", n, err)
			}
			got := make([]byte, 5)
			within(t, "what was received", func() {
				if _, err := io.ReadFull(src, got); err != nil || string(got) != "hello" {
					t.Errorf("%q, %v", got, err)
				}
			})
			from.Close()
			if n, err := aio.Copy(dst, src); n != 0 || err != nil {
				t.Errorf("at the end: %d, %v", n, err)
			}
		}
	})
}

// TestSimCopiesThatAreCancelledLoseNothing.
func TestSimCopiesThatAreCancelledLoseNothing(t *testing.T) {
	all, seeds := 0, 0
	eachSeed(t, 3, aio.SimConfig{Buffer: 400}, func(w *simWorld) {
		for i := range 3 {
			s := &stream{rng: rand.New(rand.NewPCG(w.seed, uint64(i))), n: 5000}
			a, src := w.pair()
			dst, b := w.pair()
			future.Go(w.loop(i), feedAsync(a, s))
			task := future.Spawn(w.loop(0), copyInPiecesAsync(dst, src, s.rng, 20*tick, &all))
			future.Go(w.loop(2*i), eatAsync(b, s))
			w.run()
			s.check(w)
			if n, err := ended(task).Result(); n != int64(s.n) || err != nil {
				w.Error(n, err)
			}
			src.Close()
			dst.Close()
		}
		w.run()
		seeds++
	})
	if all < 10*seeds {
		t.Errorf("%d were cancelled with %d seeds", all, seeds)
	}
}

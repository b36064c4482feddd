package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// A crowd is more clients than are admitted.
type crowd struct {
	sim      *aio.Sim
	addr     string
	left     int // of those that come
	admitted int
	refused  int
	pongs    int
	errs     []error
}

// come asks for a PONG, and has that or is told that there are too many.
//
//pinion:async
func (w *crowd) come(after time.Duration) {
	future.Sleep(after)
	c, err := w.sim.Dial("tcp", w.addr)
	if err != nil {
		w.errs = append(w.errs, err)
		w.left--
		return
	}
	c.Write([]byte("PING\n"))
	var got []byte
	for string(got) != "PONG\n" {
		b, err := c.Next()
		got = append(got, b.Bytes()...)
		b.Release()
		if err != nil {
			break
		}
	}
	switch string(got) {
	case "PONG\n":
		w.admitted++
		future.Sleep(100 * tick)
	case string(answerFull):
		w.refused++
	default:
		w.errs = append(w.errs, fmt.Errorf("a client was told %q", got))
	}
	c.Close()
	w.left--
}

// stay is there all the time, and is served all the time.
//
//pinion:async
func (w *crowd) stay(c *aio.Conn) {
	for w.left > 0 {
		if _, err := c.Write([]byte("PING\n")); err != nil {
			w.errs = append(w.errs, err)
			break
		}
		var got []byte
		for len(got) < len("PONG\n") {
			b, err := c.Next()
			got = append(got, b.Bytes()...)
			b.Release()
			if err != nil {
				w.errs = append(w.errs, err)
				break
			}
		}
		w.pongs++
	}
	c.Close()
}

func TestSimAFloodIsAnswered(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			const all, room = 400, 20
			rng := rand.New(rand.NewPCG(seed, 2))
			x := simulated(t, aio.SimConfig{Seed: seed, Buffer: 500}, 1, config{clients: room, queue: minQueue, grace: time.Hour})
			s, w := x.s, &crowd{left: all, sim: x.sim, addr: x.s.addr().String()}
			first, err := w.sim.Dial("tcp", w.addr)
			if err != nil {
				t.Fatal(err)
			}
			future.Go(x.loops[1], w.stayAsync(first))
			for range all {
				future.Go(x.loops[1], w.comeAsync(time.Duration(1+rng.IntN(500))*tick))
			}
			x.run()
			for _, err := range w.errs {
				t.Error(err)
			}
			if w.admitted+w.refused != all || w.admitted == 0 || w.refused == 0 || w.pongs == 0 || s.connections() != 0 {
				t.Errorf("%d were admitted and %d refused of %d, with %d answers to the one who was there; %d are left", w.admitted, w.refused, all, w.pongs, s.connections())
			}
			s.stop()
			x.run()
			x.shutdown()
			t.Logf("%d were admitted, %d refused, and one had %d answers", w.admitted, w.refused, w.pongs)
		})
	}
}

package aio_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// oneOfEach begins operations of all kinds in turn, each with the same buffer, until it is
// cancelled. Files and connections are its own.
//
//pinion:async
func oneOfEach(sim *aio.Sim, at net.Addr, a *aio.Conn, u *aio.PacketConn, f, r, w *aio.File, rng *rand.Rand, buf []byte) {
	n := 0
	for err := error(nil); !errors.Is(err, future.ErrCanceled); n++ {
		d := time.Duration(1+rng.IntN(20)) * tick
		p := buf[:1+rng.IntN(len(buf)-1)]
		switch rng.IntN(13) {
		case 0:
			_, err = a.Write(p)
		case 1:
			future.Await(future.Timeout(d, a.ReadAsync(p)))
		case 2:
			x := future.Await(future.Timeout(d, a.NextAsync()))
			got, _ := x.F().Result()
			got.Release()
		case 3:
			future.Await(future.Timeout(d, a.WriteBuffersAsync(net.Buffers{p, p, p})))
		case 4:
			_, err = f.WriteAt(p, int64(rng.IntN(100)))
		case 5:
			_, err = f.ReadAt(p, int64(rng.IntN(100)))
		case 6:
			err = f.Sync()
		case 7:
			future.Await(future.Timeout(d, w.WriteAsync(p)))
		case 8:
			future.Await(future.Timeout(d, r.ReadAsync(p)))
		case 9:
			_, err = u.WriteTo(p, u.LocalAddr())
		case 10:
			future.Await(future.Timeout(d, u.ReadFromAsync(p)))
		case 11:
			future.Await(future.Timeout(d, a.SendFileAsync(f, 50)))
		case 12:
			var c *aio.Conn
			if c, err = (aio.Dialer{Sim: sim}).Dial("tcp", at.String()); c != nil {
				c.Close()
			}
		}
	}
	a.Close()
	u.Close()
	f.Close()
	r.Close()
	w.Close()
}

// swallow reads slowly, until the end, and says something now and then.
//
//pinion:async
func swallow(c *aio.Conn, rng *rand.Rand) {
	for {
		b, err := c.Next()
		b.Release()
		if err != nil {
			break
		}
		future.Sleep(time.Duration(rng.IntN(20)) * tick)
		if rng.IntN(5) == 0 {
			future.Await(future.Timeout(tick, c.WriteAsync(make([]byte, 20))))
		}
	}
	c.Close()
}

// turnAway closes what it accepts.
//
//pinion:async
func turnAway(l *aio.Listener) {
	for {
		c, err := l.AcceptConn()
		if err != nil {
			break
		}
		c.Close()
	}
}

// TestSimShutdownDrainsOperationsOfEveryKind at any time, and nobody writes to their buffers
// afterwards.
func TestSimShutdownDrainsOperationsOfEveryKind(t *testing.T) {
	eachSeed(t, 1, aio.SimConfig{Buffer: 300}, func(w *simWorld) {
		w.shutdownInFlight(30, func(rng *rand.Rand) {
			for range 20 + rng.IntN(200) {
				w.step()
			}
		})
	})
}

// simOpKinds are those that there are.
var simOpKinds = []string{"accept", "receive", "send", "send without a copy", "connect", "pollin", "pollout", "read", "write", "read at a place", "write at a place", "fsync"}

// TestSimShutdownDrainsTenThousandOperations of every kind.
func TestSimShutdownDrainsTenThousandOperations(t *testing.T) {
	n := int64(10_000)
	if testing.Short() {
		n = 1000
	}
	inWorld(t, 1, 1, aio.SimConfig{Buffer: 300}, func(w *simWorld) {
		before, under, seen := aio.ReadLedger().Operations, int64(0), make(map[string]int)
		w.shutdownInFlight(int(n*3/4), func(*rand.Rand) {
			for range 100_000 {
				aio.CountSimKinds(w.loop(0), seen)
				under = aio.ReadLedger().Operations - before
				if under >= n && !slices.ContainsFunc(simOpKinds, func(kind string) bool { return seen[kind] == 0 }) {
					return
				}
				w.step()
			}
		})
		w.Logf("%d under way: at most %v", under, seen)
		if under < n || len(seen) < len(simOpKinds) {
			w.Errorf("%d operations are under way, and at most were %v", under, seen)
		}
	})
}

// shutdownInFlight ends the loops while n tasks begin operations of every kind and as many read, when
// they have done so until wait returns.
func (w *simWorld) shutdownInFlight(n int, wait func(*rand.Rand)) {
	w.Helper()
	rng := rand.New(rand.NewPCG(w.seed, 1))
	for _, l := range w.loops {
		aio.SetZeroCopy(l, 100)
	}
	l := w.listen()
	var bufs [][]byte
	for i := range n {
		a, b := w.pair()
		u, err := w.sim.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			w.Fatal(err)
		}
		f, err := w.sim.OpenFile(fmt.Sprint(i/3), os.O_CREATE|os.O_RDWR, 0)
		if err != nil {
			w.Fatal(err)
		}
		pr, pw, err := w.sim.Pipe()
		if err != nil {
			w.Fatal(err)
		}
		bufs = append(bufs, make([]byte, 200))
		future.Go(w.loop(i), oneOfEachAsync(w.sim, l.Addr(), a, u, f, pr, pw, rng, bufs[i]))
		future.Go(w.loop(i), swallowAsync(b, rng))
	}
	for i := range 10 {
		future.Go(w.loop(i), turnAwayAsync(l))
	}
	wait(rng)
	w.shutdown()
	l.Close()
	poison := bytes.Repeat([]byte{0xdb}, 200)
	for _, b := range bufs {
		copy(b, poison)
	}
	w.run()
	for _, b := range bufs {
		if !bytes.Equal(b, poison) {
			w.Error("a buffer was written to after the shutdown")
		}
	}
}

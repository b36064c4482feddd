package aio_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// answer is a server's handler.
//
//pinion:async
func answer(c *aio.Conn) {
	for {
		b, err := c.Next()
		if err != nil {
			break
		}
		_, err = c.Write(b.Bytes())
		b.Release()
		if err != nil {
			break
		}
	}
	c.Close()
}

// serve accepts in spite of errors that pass.
//
//pinion:async
func serve(l *aio.Listener, s *guests) {
	for {
		c, err := l.AcceptConn()
		if errors.Is(err, net.ErrClosed) || errors.Is(err, future.ErrCanceled) {
			return
		}
		if err != nil {
			s.refused++
			future.Sleep(5 * tick)
			continue
		}
		future.Go(s.on, answerAsync(c))
	}
}

// guests is what one test's clients have seen.
type guests struct {
	rng     *rand.Rand
	on      *future.Loop // for what serves them
	refused int
	whole   int
	partly  int
	wrong   []error

	hasty bool // they do not wait for ever
}

// visit sends a stream, maybe a byte at a time, maybe says that it has no more to say, maybe does not
// read for a while or at all, maybe resets; what comes back is what was sent, or the start of it.
//
//pinion:async
func visit(sim *aio.Sim, addr string, g *guests) {
	future.Sleep(time.Duration(g.rng.IntN(200)) * tick)
	c, err := sim.Dial("tcp", addr)
	for err != nil {
		if errors.Is(err, syscall.ECONNREFUSED) {
			g.partly++
			return // it is too late
		}
		future.Sleep(20 * tick)
		c, err = sim.Dial("tcp", addr)
	}
	how := g.rng.IntN(6)
	sent := make([]byte, 1+g.rng.IntN(1000))
	for i := range sent {
		sent[i] = byte(g.rng.Uint32())
	}
	t := future.Spawn(g.on, sendAllAsync(c, sent, how))
	var got []byte
	var buf [100]byte
	for how != 1 && len(got) < len(sent) {
		if g.rng.IntN(5) == 0 {
			future.Sleep(time.Duration(g.rng.IntN(50)) * tick)
		}
		if how == 2 && g.rng.IntN(10) == 0 {
			sim.Reset(c)
		}
		// It gives up where all descriptors are callers' and none is left for an Accept.
		if g.hasty {
			c.SetReadDeadline(future.Now().Add(5000 * tick))
		}
		var n int
		n, err = c.Read(buf[:1+g.rng.IntN(len(buf)-1)])
		got = append(got, buf[:n]...)
		if err != nil {
			break
		}
	}
	if how == 1 {
		future.Sleep(500 * tick) // it never reads
	}
	c.Close()
	t.Wait()
	t.Release()
	switch {
	case bytes.Equal(got, sent):
		g.whole++
	case !bytes.HasPrefix(sent, got) || (how == 0 || how == 5) && err == io.EOF:
		g.wrong = append(g.wrong, fmt.Errorf("%d bytes came of %d, and %w", len(got), len(sent), err))
	default:
		g.partly++
	}
}

// sendAll sends p in one piece, or a byte at a time.
//
//pinion:async
func sendAll(c *aio.Conn, p []byte, how int) error {
	if how != 3 {
		_, err := c.Write(p)
		if how == 5 {
			c.CloseWrite()
		}
		return err
	}
	for i := range p {
		if _, err := c.Write(p[i : i+1]); err != nil {
			return err
		}
	}
	return nil
}

// TestSimServersOutliveTheirPeers: they reset, send a byte at a time, never read, and are more
// than there are descriptors; and that loops are stopped for a second meanwhile, the peers' or the
// server's.
func TestSimServersOutliveTheirPeers(t *testing.T) {
	for _, cfg := range []aio.SimConfig{{Buffer: 200}, {Buffer: 2000, Descriptors: 12}, {Buffer: 300, Resets: 100}, {Buffer: 300, Stops: 100}} {
		t.Run(fmt.Sprintf("descriptors=%d,resets=%d,stops=%d", cfg.Descriptors, cfg.Resets, cfg.Stops), func(t *testing.T) {
			eachSeed(t, 1+min(cfg.Stops, 1), cfg, func(w *simWorld) {
				l := w.listen()
				g := &guests{rng: rand.New(rand.NewPCG(w.seed, 1)), on: w.loop(0), hasty: cfg.Descriptors > 0}
				future.Go(w.loop(0), serveAsync(l, g))
				const n = 20
				for range n {
					future.Go(w.loop(1), visitAsync(w.sim, l.Addr().String(), g))
				}
				for range 200_000 {
					if g.whole+g.partly+len(g.wrong) == n {
						break
					}
					w.step()
				}
				l.Close()
				w.run()
				if g.whole+g.partly != n || g.whole == 0 && cfg.Resets == 0 || len(g.wrong) > 0 {
					w.Errorf("%d of %d had all back, %d some: %v", g.whole, n, g.partly, g.wrong)
				}
			})
		})
	}
}

// copyInTime writes what was sent to a file through a pipe, reads it again, and gives each step
// a short time.
//
//pinion:async
func copyInTime(r, w, f *aio.File, s *stream) {
	t := future.Spawn(s.on, pourAsync(w, s))
	var buf [100]byte
	for {
		x := future.Await(future.Timeout(time.Duration(s.rng.IntN(20))*tick, r.ReadAsync(buf[:])))
		n, err := x.F().Result()
		if n > 0 {
			if m, err := f.Write(buf[:n]); m != n {
				s.err = err
			}
		}
		if errors.Is(err, future.ErrCanceled) {
			s.canceled++
		} else if err != nil {
			if err != io.EOF {
				s.err = err
			}
			break
		}
	}
	t.Wait()
	t.Release()
	f.Seek(0, io.SeekStart)
	s.got = make([]byte, s.n+1)
	n, err := f.ReadAt(s.got, 0)
	s.got = s.got[:n]
	if err != io.EOF {
		s.err = err
	}
	f.Close()
	r.Close()
}

// pour writes to a pipe; each Write says how much it has written.
//
//pinion:async
func pour(w *aio.File, s *stream) {
	for len(s.sent) < s.n {
		q := make([]byte, 1+s.rng.IntN(min(200, s.n-len(s.sent))))
		for i := range q {
			q[i] = byte(s.rng.Uint32())
		}
		x := future.Await(future.Timeout(time.Duration(s.rng.IntN(20))*tick, w.WriteAsync(q)))
		m, err := x.F().Result()
		s.sent = append(s.sent, q[:m]...)
		if err != nil && !errors.Is(err, future.ErrCanceled) {
			s.err = err
			break
		}
	}
	w.Close()
}

// TestSimCanceledReadsAndWritesOfFilesLoseNoByte.
func TestSimCanceledReadsAndWritesOfFilesLoseNoByte(t *testing.T) {
	eachSeed(t, 2, aio.SimConfig{Buffer: 150}, func(w *simWorld) {
		var all []*stream
		for i := range 3 {
			s := &stream{rng: rand.New(rand.NewPCG(w.seed, uint64(i))), n: 2000, on: w.loop(i / 2)}
			r, pw, err := w.sim.Pipe()
			if err != nil {
				w.Fatal(err)
			}
			f, err := w.sim.OpenFile(fmt.Sprint(i), os.O_CREATE|os.O_RDWR, 0)
			if err != nil {
				w.Fatal(err)
			}
			future.Go(w.loop(i), copyInTimeAsync(r, pw, f, s))
			all = append(all, s)
		}
		w.run()
		for _, s := range all {
			s.check(w)
		}
	})
}

// sendVectors sends several buffers at once, and then a file.
//
//pinion:async
func sendVectors(c *aio.Conn, f *aio.File, s *stream) {
	for len(s.sent) < s.n {
		var bufs net.Buffers
		for range 1 + s.rng.IntN(5) {
			q := make([]byte, s.rng.IntN(50))
			for i := range q {
				q[i] = byte(s.rng.Uint32())
			}
			bufs = append(bufs, q)
		}
		all := slices.Concat(bufs...)
		x := future.Await(future.Timeout(time.Duration(s.rng.IntN(30))*tick, c.WriteBuffersAsync(bufs)))
		n, err := x.F().Result()
		s.sent = append(s.sent, all[:n]...)
		if err != nil && !errors.Is(err, future.ErrCanceled) {
			s.err = err
			break
		}
	}
	data := make([]byte, 500)
	for i := range data {
		data[i] = byte(s.rng.Uint32())
	}
	if _, err := f.WriteAt(data, 0); err != nil {
		s.err = err
	}
	n, err := c.SendFile(f, -1)
	if n != int64(len(data)) || err != nil {
		s.err = fmt.Errorf("%d bytes of the file, and %v", n, err)
	}
	s.sent = append(s.sent, data...)
	s.n = len(s.sent)
	f.Close()
	c.Close()
}

func TestSimVectorsAndFilesAreSentWhole(t *testing.T) {
	eachSeed(t, 2, aio.SimConfig{Buffer: 200}, func(w *simWorld) {
		s := &stream{rng: rand.New(rand.NewPCG(w.seed, 1)), n: 2000}
		a, b := w.pair()
		f, err := w.sim.OpenFile("f", os.O_CREATE|os.O_RDWR, 0)
		if err != nil {
			w.Fatal(err)
		}
		future.Go(w.loop(0), sendVectorsAsync(a, f, s))
		future.Go(w.loop(1), eatAsync(b, s))
		w.run()
		s.check(w)
	})
}

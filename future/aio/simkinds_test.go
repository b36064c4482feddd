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

// TestSimWhatWasDoneAndNotPolledIsKept: see TestWhatWasDoneAndNotPolledIsKept.
func TestSimWhatWasDoneAndNotPolledIsKept(t *testing.T) {
	eachSeed(t, 1, aio.SimConfig{}, func(w *simWorld) {
		a, b := w.pair()
		l := w.listen()
		r, pw, err := w.sim.Pipe()
		if err != nil {
			w.Fatal(err)
		}
		u1, u2 := w.packets()
		dialled := w.listen()
		f, err := w.sim.OpenFile("f", os.O_CREATE|os.O_RDWR, 0)
		if err != nil {
			w.Fatal(err)
		}
		const n = 128
		var hits [8]int
		count := func(kind int, hit bool) {
			if hit {
				hits[kind]++
			}
		}
		for i := range n {
			sent := []byte{byte(i)}
			send := func() { future.Go(w.loop(0), a.WriteAsync(sent)) }
			next, hit := overtakeWhile(w.loop(0), b.NextAsync(), send, w.run)
			got, err := next.Result()
			onlyCanceled(w.T, err)
			buf := make([]byte, 2)
			m := copy(buf, got.Bytes())
			got.Release()
			count(0, hit)
			if m == 0 {
				m = w.read(b, buf)
			}
			w.is(buf[:m], sent)

			buf = make([]byte, 2)
			read, hit := overtakeWhile(w.loop(0), b.ReadAsync(buf), send, w.run)
			m, err = read.Result()
			onlyCanceled(w.T, err)
			count(1, hit)
			if m == 0 {
				m = w.read(b, buf)
			}
			w.is(buf[:m], sent)

			var callers []*aio.Conn
			accept, hit := overtakeWhile(w.loop(0), l.AcceptConnAsync(), func() {
				c, err := w.sim.Dial("tcp", l.Addr().String())
				if err != nil {
					w.Fatal(err)
				}
				callers = append(callers, c)
			}, w.run)
			c, err := accept.Result()
			onlyCanceled(w.T, err)
			count(2, hit)
			if c == nil {
				again := future.Spawn(w.loop(0), l.AcceptConnAsync())
				w.run()
				if c, err = ended(again).Result(); err != nil {
					w.Fatal(err)
				}
			}
			for _, c := range append(callers, c) {
				c.Close()
			}

			buf = make([]byte, 2)
			pipe, hit := overtakeWhile(w.loop(0), r.ReadAsync(buf), func() { future.Go(w.loop(0), pw.WriteAsync(sent)) }, w.run)
			m, err = pipe.Result()
			onlyCanceled(w.T, err)
			count(3, hit)
			if m == 0 {
				again := future.Spawn(w.loop(0), r.ReadAsync(buf))
				w.run()
				if m, err = ended(again).Result(); err != nil {
					w.Fatal(err)
				}
			}
			w.is(buf[:m], sent)

			x, y := w.pair()
			all, took := make([]byte, 100_000), []byte(nil) // more than there is room for
			write, hit := overtakeWhile(w.loop(0), x.WriteAsync(all), func() { future.Go(w.loop(0), takeAllAsync(y, &took)) }, w.run)
			m, err = write.Result()
			onlyCanceled(w.T, err)
			count(4, hit)
			x.Close()
			w.run()
			if len(took) != m {
				w.Fatalf("%d bytes were sent, it says, and %d came", m, len(took))
			}

			dial, hit := overtakeWhile(w.loop(0), aio.Dialer{Sim: w.sim}.DialAsync("tcp", dialled.Addr().String()), func() {}, w.run)
			c, err = dial.Result()
			onlyCanceled(w.T, err)
			count(5, hit)
			if c != nil {
				c.Close()
			}

			buf = make([]byte, 2)
			datagram, hit := overtakeWhile(w.loop(0), u2.ReadFromAsync(buf), func() { future.Go(w.loop(0), u1.WriteToAsync(sent, u2.LocalAddr())) }, w.run)
			m, _, err = datagram.Result()
			onlyCanceled(w.T, err)
			count(6, hit)
			if err != nil {
				again := future.Spawn(w.loop(0), u2.ReadFromAsync(buf))
				w.run()
				if m, _, err = ended(again).Result(); err != nil {
					w.Fatal(err)
				}
			}
			w.is(buf[:m], sent)

			put, hit := overtakeWhile(w.loop(0), f.WriteAtAsync([]byte{byte(i | 1)}, int64(i)), func() {}, w.run)
			m, err = put.Result()
			onlyCanceled(w.T, err)
			count(7, hit)
			buf = []byte{0}
			get := future.Spawn(w.loop(0), f.ReadAtAsync(buf, int64(i)))
			w.run()
			ended(get)
			if m == 1 && buf[0] != byte(i|1) || m == 0 && buf[0] != 0 {
				w.Fatalf("%d bytes were written, and then there is %v", m, buf)
			}
		}
		if slices.Min(hits[:]) < n {
			w.Errorf("%d of %d of each kind were cancelled when they had been done", hits, n)
		}
		for _, c := range []io.Closer{a, b, l, dialled, r, pw, u1, u2, f} {
			c.Close()
		}
		w.run()
	})
}

// takeAll reads until the end.
//
//pinion:async
func takeAll(c *aio.Conn, got *[]byte) {
	for {
		b, err := c.Next()
		*got = append(*got, b.Bytes()...)
		b.Release()
		if err != nil {
			break
		}
	}
	c.Close()
}

// read is a Read that succeeds.
func (w *simWorld) read(c *aio.Conn, p []byte) (n int) {
	w.Helper()
	task := future.Spawn(w.loop(0), c.ReadAsync(p))
	w.run()
	n, err := ended(task).Result()
	if err != nil {
		w.Fatal(err)
	}
	return n
}

func (w *simWorld) is(got, want []byte) {
	w.Helper()
	if !bytes.Equal(got, want) {
		w.Fatalf("received %v of %v", got, want)
	}
}

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

package aio_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

//go:generate go run github.com/pinion-go/pinion/future/async/internal/regen

// callers is what one test's tasks have seen.
type callers struct {
	rng      *rand.Rand
	sim      *aio.Sim
	seen     map[uint16]int // connections, by what they say
	canceled int
	errs     []error
}

// takeInTime accepts connections, and gives each Accept a short time. Of each it reads what
// it says.
//
//pinion:async
func takeInTime(l *aio.Listener, s *callers) {
	for {
		f := future.Await(future.Timeout(time.Duration(s.rng.IntN(30))*tick, l.AcceptConnAsync()))
		c, err := f.F().Result()
		if errors.Is(err, future.ErrCanceled) {
			s.canceled++
			continue
		}
		if err != nil {
			return
		}
		var buf [3]byte
		n := 0
		for n < 2 && err == nil {
			var m int
			m, err = c.Read(buf[n:])
			n += m
		}
		if n != 2 || err != nil {
			s.errs = append(s.errs, err)
		}
		s.seen[binary.BigEndian.Uint16(buf[:])]++
		c.Close()
	}
}

// call connects, says who it is, and waits for the end.
//
//pinion:async
func call(addr string, id uint16, s *callers) {
	future.Sleep(time.Duration(s.rng.IntN(4000)) * tick)
	c, err := s.sim.Dial("tcp", addr)
	if err != nil {
		s.errs = append(s.errs, err)
		return
	}
	var buf [2]byte
	binary.BigEndian.PutUint16(buf[:], id)
	if n, err := c.Write(buf[:]); n != 2 || err != nil {
		s.errs = append(s.errs, err)
	}
	if _, err := c.Read(buf[:]); err != io.EOF {
		s.errs = append(s.errs, err)
	}
	c.Close()
}

// TestSimAcceptsThatTimeOutLoseNoConnection: every connection that was made is served, once. With all
// seeds they are 20,000.
func TestSimAcceptsThatTimeOutLoseNoConnection(t *testing.T) {
	eachSeed(t, 2, aio.SimConfig{}, func(w *simWorld) {
		const n = 800
		s := &callers{rng: rand.New(rand.NewPCG(w.seed, 1)), sim: w.sim, seen: make(map[uint16]int)}
		l := w.listen()
		before := aio.ReadLedger()
		for i := range 3 {
			future.Go(w.loop(i), takeInTimeAsync(l, s))
		}
		for id := range uint16(n) {
			future.Go(w.loop(int(id)), callAsync(l.Addr().String(), id, s))
		}
		for range 1_000_000 {
			if len(s.seen) == n {
				break
			}
			w.step()
		}
		l.Close()
		w.run()
		now := aio.ReadLedger()
		if len(s.seen) != n || now.Accepted-before.Accepted != n || now.Orphans != before.Orphans {
			w.Errorf("%d of %d were served, %d accepted, %d closed", len(s.seen), n, now.Accepted-before.Accepted, now.Orphans-before.Orphans)
		}
		for id, times := range s.seen {
			if times != 1 {
				w.Errorf("%d was served %d times", id, times)
			}
		}
		if len(s.errs) > 0 || s.canceled == 0 {
			w.Errorf("%d were cancelled; %v", s.canceled, s.errs)
		}
	})
}

// step has every loop do one turn, and time pass if they all have nothing to do.
func (w *simWorld) step() {
	w.Helper()
	if _, err := aio.SimStep(w.sim); err != nil {
		w.Fatal(err)
	}
}

// TestSimConnectionsThatNobodyReapsAreClosed: a multishot accept is cancelled and its listener
// closed, or its loop shut down, at any point of its life.
func TestSimConnectionsThatNobodyReapsAreClosed(t *testing.T) {
	eachSeed(t, 1, aio.SimConfig{}, func(w *simWorld) {
		rng := rand.New(rand.NewPCG(w.seed, 1))
		l := w.listen()
		before := aio.ReadLedger()
		accept := future.Spawn(w.loop(0), l.AcceptConnAsync())
		var callers []*aio.Conn
		for range 20 {
			for range rng.IntN(3) {
				w.step()
			}
			c, err := w.sim.Dial("tcp", l.Addr().String())
			if err != nil {
				w.Fatal(err)
			}
			callers = append(callers, c)
		}
		for range rng.IntN(10) {
			w.step()
		}
		if rng.IntN(2) == 0 {
			l.Close()
		}
		accept.Cancel()
		taken := 0
		if rng.IntN(2) == 0 {
			w.run()
		}
		if f, err := accept.Wait(); err == nil {
			if c, err := f.Result(); err == nil {
				c.Close()
				taken = 1
			}
		}
		accept.Release()
		w.shutdown()
		l.Close()
		now := aio.ReadLedger()
		if accepted, orphans := now.Accepted-before.Accepted, now.Orphans-before.Orphans; accepted != orphans+int64(taken) {
			w.Errorf("%d accepted, %d closed, %d taken", accepted, orphans, taken)
		}
		for _, c := range callers {
			c.Close()
		}
	})
}

// stream is one direction of a connection, as both ends have seen it.
type stream struct {
	rng      *rand.Rand
	sent     []byte
	got      []byte
	canceled int
	err      error
	n        int // to be sent
	on       *future.Loop
}

// feed writes s.n bytes in pieces and gives each Write a short time, by its task or by the
// connection's deadline; what was sent of it is what the Write says.
//
//pinion:async
func feed(c *aio.Conn, s *stream) {
	p := make([]byte, 300)
	for len(s.sent) < s.n {
		q := p[:1+s.rng.IntN(min(len(p), s.n-len(s.sent)))]
		for i := range q {
			q[i] = byte(s.rng.Uint32())
		}
		d := time.Duration(s.rng.IntN(20)) * tick
		if s.rng.IntN(2) == 0 {
			c.SetWriteDeadline(future.Now().Add(d))
			d = time.Hour
		}
		f := future.Await(future.Timeout(d, c.WriteAsync(q)))
		m, err := f.F().Result()
		c.SetWriteDeadline(time.Time{})
		s.sent = append(s.sent, q[:m]...)
		for i := range q { // its buffer is ours again
			q[i] = 0xee
		}
		if isOver(err) {
			s.canceled++
		} else if err != nil || m < len(q) {
			s.err = err
			break
		}
	}
	c.Close()
}

// isOver says that somebody's time was over.
func isOver(err error) bool {
	return errors.Is(err, future.ErrCanceled) || errors.Is(err, os.ErrDeadlineExceeded)
}

// eat reads until the end, by Read and Next, and gives each a short time, or waits as long as it
// takes for what comes by the next deadline of the connection, whichever clock that is of.
//
//pinion:async
func eat(c *aio.Conn, s *stream) {
	var buf [200]byte
	for {
		d := time.Duration(s.rng.IntN(20)) * tick
		switch s.rng.IntN(4) {
		case 0:
			c.SetReadDeadline(future.Now().Add(d))
			d = time.Hour
		case 1:
			c.SetReadDeadline(time.Now().Add(time.Hour)) // and an hour passes at once if need be
		}
		var err error
		if s.rng.IntN(2) == 0 {
			f := future.Await(future.Timeout(d, c.ReadAsync(buf[:1+s.rng.IntN(len(buf)-1)])))
			var n int
			n, err = f.F().Result()
			s.got = append(s.got, buf[:n]...)
		} else {
			f := future.Await(future.Timeout(d, c.NextAsync()))
			var b aio.Buf
			b, err = f.F().Result()
			s.got = append(s.got, b.Bytes()...)
			b.Release()
		}
		c.SetReadDeadline(time.Time{})
		if isOver(err) {
			s.canceled++
			if s.rng.IntN(3) == 0 {
				future.Sleep(5 * tick) // and nobody waits
			}
		} else if err != nil {
			if err != io.EOF {
				s.err = err
			}
			break
		}
	}
	c.Close()
}

// newStream connects two tasks, maybe of two loops.
func (w *simWorld) newStream(i, n int) *stream {
	s := &stream{rng: rand.New(rand.NewPCG(w.seed, uint64(i))), n: n}
	a, b := w.pair()
	future.Go(w.loop(i), feedAsync(a, s))
	future.Go(w.loop(i/2), eatAsync(b, s))
	return s
}

func (s *stream) check(w *simWorld) {
	w.Helper()
	if s.err != nil || len(s.sent) != s.n || !bytes.Equal(s.sent, s.got) {
		w.Errorf("%d bytes of %d were sent, it says, and %d received, the same: %v; %v", len(s.sent), s.n, len(s.got), bytes.Equal(s.sent, s.got), s.err)
	}
}

// TestSimCanceledReadsAndWritesLoseNoByte: what was read is what the Writes say was sent. With all seeds
// 20,000 are cancelled.
func TestSimCanceledReadsAndWritesLoseNoByte(t *testing.T) {
	all, seeds := 0, 0
	eachSeed(t, 2, aio.SimConfig{Buffer: 400}, func(w *simWorld) {
		var streams []*stream
		for i := range 4 {
			streams = append(streams, w.newStream(i, 60_000))
		}
		w.run()
		for _, s := range streams {
			s.check(w)
			all += s.canceled
		}
		seeds++
	})
	if all < 800*seeds {
		t.Errorf("%d were cancelled with %d seeds", all, seeds)
	}
	t.Logf("%d were cancelled", all)
}

// TestSimZeroCopyHoldsTheBuffer: the same with sends that read from the buffer as late as the peer
// does, and a buffer that is overwritten as soon as the Write is over.
func TestSimZeroCopyHoldsTheBuffer(t *testing.T) {
	eachSeed(t, 1, aio.SimConfig{Buffer: 400}, func(w *simWorld) {
		aio.SetZeroCopy(w.loop(0), 50)
		var all []*stream
		for i := range 4 {
			all = append(all, w.newStream(i, 4000))
		}
		w.run()
		for _, s := range all {
			s.check(w)
		}
	})
}

// TestSimSmallPoolsStarveNobody: there are fewer buffers than connections.
func TestSimSmallPoolsStarveNobody(t *testing.T) {
	eachSeed(t, 2, aio.SmallPool(2), func(w *simWorld) {
		var all []*stream
		for i := range 6 {
			all = append(all, w.newStream(i, 1000))
		}
		w.run()
		for _, s := range all {
			s.check(w)
		}
	})
}

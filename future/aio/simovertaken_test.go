package aio_test

import (
	"bytes"
	"io"
	"os"
	"slices"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

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

package aio_test

import (
	"io"
	"testing"
	"time"
)

func TestReadDeadlines(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		c, peer := w.pair(t)
		p := make([]byte, 100)
		read := func() error {
			_, err := c.Read(p)
			return err
		}
		c.SetReadDeadline(time.Now().Add(-time.Second))
		if err := read(); !timedOut(err) {
			t.Errorf("a past one: %v", err)
		}
		if _, err := c.Next(); !timedOut(err) {
			t.Errorf("a past one, Next: %v", err)
		}
		if n, err := c.Write([]byte("x")); n != 1 || err != nil {
			t.Errorf("a write has none: %d, %v", n, err)
		}
		c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		if err := read(); !timedOut(err) {
			t.Errorf("a future one: %v", err)
		}
		if err := read(); !timedOut(err) {
			t.Errorf("and it stays: %v", err)
		}
		peer.Write([]byte("kept"))
		c.SetReadDeadline(time.Time{})
		if n, err := io.ReadFull(c, p[:4]); string(p[:n]) != "kept" || err != nil {
			t.Errorf("after none: %q, %v", p[:n], err)
		}

		// While one waits.
		end := make(chan error, 1)
		wait := func() { go func() { end <- read() }(); time.Sleep(5 * time.Millisecond) }
		wait()
		c.SetReadDeadline(time.Now().Add(-1))
		if err := <-end; !timedOut(err) {
			t.Errorf("set to the past while it waits: %v", err)
		}
		c.SetReadDeadline(time.Now().Add(time.Hour))
		wait()
		c.SetDeadline(time.Now().Add(5 * time.Millisecond))
		if err := <-end; !timedOut(err) {
			t.Errorf("shortened while it waits: %v", err)
		}
		for at := time.Now(); time.Until(at) < 10*time.Millisecond; { // or it was taken back too late
			at = time.Now().Add(40 * time.Millisecond)
			c.SetReadDeadline(at)
			wait()
			c.SetDeadline(time.Time{})
			if time.Until(at) < 10*time.Millisecond {
				peer.Write([]byte("!"))
				<-end
			}
		}
		select {
		case err := <-end:
			t.Errorf("taken back while it waits: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
		peer.Write([]byte("!"))
		if err := <-end; err != nil {
			t.Errorf("taken back: %v", err)
		}
	})
}

// TestWritesToOneWhoNeverReadsEnd wants the count of a Write that its deadline has ended to be
// what the peer finds in the end.
func TestWritesToOneWhoNeverReadsEnd(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		c, peer := w.pair(t)
		p := stretch(32 << 20)
		c.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		n, err := c.Write(p)
		if n == len(p) || !timedOut(err) {
			t.Errorf("%d, %v", n, err)
		}
		if m, err := c.Write(p); m != 0 || !timedOut(err) {
			t.Errorf("one that begins too late: %d, %v", m, err)
		}
		c.SetWriteDeadline(time.Time{})
		last := make(chan int, 1)
		go func() {
			m, _ := c.Write([]byte("end"))
			c.Close()
			last <- m
		}()
		got, err := io.ReadAll(peer)
		n += <-last
		if err != nil || len(got) != n || string(got[n-3:]) != "end" {
			t.Errorf("the peer has %d bytes, Write had said %d: %v", len(got), n, err)
		}
	})
}

func TestDeadlinesOfWritesInTheQueue(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		c, _ := w.pair(t)
		end := make(chan error, 3)
		for range cap(end) {
			go func() {
				_, err := c.Write(make([]byte, 32<<20))
				end <- err
			}()
		}
		time.Sleep(10 * time.Millisecond)
		c.SetWriteDeadline(time.Now().Add(time.Millisecond))
		for range cap(end) {
			if err := <-end; !timedOut(err) {
				t.Error(err)
			}
		}
	})
}

//go:build linux

package aio_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

func newRuntime(t testing.TB, loops int) *future.Runtime {
	t.Helper()
	rt, err := aio.NewRuntime(aio.Options{Loops: loops})
	if err != nil {
		t.Fatal(err)
	}
	return rt
}

func shutdown(t testing.TB, rt *future.Runtime) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := rt.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestEchoServesClientsOfPackageNet(t *testing.T) {
	rt := newRuntime(t, 1)
	l, err := aio.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	future.Go(rt, echoesFor{l: l})
	for range 3 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(10 * time.Second))
		sent := bytes.Repeat([]byte("hello, "), 10000)
		go c.Write(sent)
		got := make([]byte, len(sent))
		if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, sent) {
			t.Fatalf("%v; %d bytes, equal: %v", err, len(got), bytes.Equal(got, sent))
		}
		c.Close()
	}
	l.Close()
	shutdown(t, rt)
	if got := aio.ReadLedger(); got.Descriptors != 0 || got.Operations != 0 || got.Pins != 0 || got.Buffers != 0 {
		t.Errorf("%+v", got)
	}
}

func TestBlockingTwinsServeGoroutines(t *testing.T) {
	l, err := aio.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				io.Copy(c, c)
				c.Close()
			}()
		}
	}()
	c, err := aio.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	sent := bytes.Repeat([]byte("0123456789"), 20000)
	go c.Write(sent)
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("%v; equal: %v", err, bytes.Equal(got, sent))
	}
	c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if _, err := c.Read(got); !isTimeout(err) {
		t.Errorf("a read after the deadline: %v", err)
	}
	c.SetReadDeadline(time.Time{})
	closed := make(chan error)
	go func() {
		_, err := c.Read(got)
		closed <- err
	}()
	time.Sleep(10 * time.Millisecond)
	c.Close()
	if err := <-closed; !errors.Is(err, net.ErrClosed) {
		t.Errorf("a read of a connection that is closed: %v", err)
	}
	l.Close()
	for aio.ReadLedger().Descriptors > 0 { // the default runtime closes them in its own time
		time.Sleep(time.Millisecond)
	}
}

// Close of a connection that was never used leaves it without an engine.
func TestUseAfterCloseOfWhatWasNeverUsed(t *testing.T) {
	c, peer := connected(t)
	defer peer.Close()
	c.Close()
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if _, err := c.Write(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	l, err := aio.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

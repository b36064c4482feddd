package aio_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// connected returns a Conn and its peer of package net.
func connected(t testing.TB) (*aio.Conn, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := aio.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	nc, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	nc.SetDeadline(time.Now().Add(20 * time.Second))
	return c, nc.(*net.TCPConn)
}

func pattern(n int) []byte {
	r := rand.NewChaCha8([32]byte{byte(n)})
	b := make([]byte, n)
	r.Read(b)
	return b
}

func TestWriteBuffersSendsAllInOrder(t *testing.T) {
	rt := newRuntime(t, 1)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	for _, kind := range []string{"blocking", "future"} {
		c, peer := connected(t)
		all := pattern(3_000_000)
		var bufs net.Buffers
		for rest := all; len(rest) > 0; {
			n := min(len(rest), 1+len(bufs)%2000)
			bufs = append(bufs, rest[:n], nil)
			rest = rest[n:]
		}
		done := make(chan error, 1)
		go func() {
			got, err := io.ReadAll(peer)
			if err == nil && !bytes.Equal(got, all) {
				err = errors.New("other bytes")
			}
			done <- err
		}()
		var n int64
		var err error
		if kind == "blocking" {
			n, err = c.WriteBuffers(bufs)
		} else {
			n, err = waits(t, rt, c.WriteBuffersAsync(bufs)).Result()
		}
		if n != int64(len(all)) || err != nil {
			t.Fatal(kind, n, err)
		}
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(kind, err)
		}
		c.Close()
		peer.Close()
	}
}

// Writes of all kinds at once are each whole.
func TestWritesOfAllKindsAreWhole(t *testing.T) {
	rt := newRuntime(t, 2)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	c, peer := connected(t)
	const n, each = 30, 50_000
	block := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, each) }
	name := filepath.Join(t.TempDir(), "file")
	for i := range n {
		switch i % 3 {
		case 0:
			future.Go(rt, c.WriteAsync(block(i)))
		case 1:
			b := block(i)
			future.Go(rt, c.WriteBuffersAsync(net.Buffers{b[:10], b[10:20_000], b[20_000:]}))
		case 2:
			f, err := aio.Create(name + string(rune('a'+i)))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			f.WriteAt(block(i), 0)
			future.Go(rt, c.SendFileAsync(f, -1))
		}
	}
	seen := map[byte]bool{}
	for range n {
		got := make([]byte, each)
		if _, err := io.ReadFull(peer, got); err != nil {
			t.Fatal(err)
		}
		if seen[got[0]] || !bytes.Equal(got, block(int(got[0]))) {
			t.Fatalf("block %d is torn or twice", got[0])
		}
		seen[got[0]] = true
	}
	c.Close()
	peer.Close()
}

func TestCopyOfAFileIsSentAndReceived(t *testing.T) {
	defer nothingLeft(t)()
	dir := t.TempDir()
	src, err := aio.Create(filepath.Join(dir, "from"))
	if err != nil {
		t.Fatal(err)
	}
	all := pattern(4_000_000)
	src.WriteAt(all, 0)
	c, peer := connected(t)
	back, err := aio.Wrap(peer)
	if err != nil {
		t.Fatal(err)
	}
	dst, err := aio.Create(filepath.Join(dir, "to"))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := io.Copy(dst, back)
		done <- err
	}()
	if n, err := io.CopyN(c, src, 1000); n != 1000 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := io.Copy(c, src); n != int64(len(all)-1000) || err != nil {
		t.Fatal(n, err)
	}
	c.CloseWrite()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(all))
	if n, err := dst.ReadAt(got, 0); n != len(all) || err != nil || !bytes.Equal(got, all) {
		t.Fatal(n, err, "not what was sent")
	}
	for _, c := range []io.Closer{c, back, src, dst} {
		c.Close()
	}
}

// A peer that does not read keeps neither kind for ever: each says how much was sent.
func TestCancelledSendsSayHowMuchWasSent(t *testing.T) {
	rt := newRuntime(t, 1)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	all := pattern(30_000_000)
	f, err := aio.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	f.WriteAt(all, 0)
	for _, kind := range []string{"buffers", "file"} {
		for _, how := range []string{"cancel", "deadline", "close"} {
			c, peer := connected(t)
			send := c.WriteBuffersAsync(net.Buffers{all[:1000], all[1000:]})
			if kind == "file" {
				f.Seek(0, io.SeekStart)
				send = c.SendFileAsync(f, -1)
			}
			task := future.Spawn(rt, send)
			time.Sleep(20 * time.Millisecond)
			want := future.ErrCanceled
			switch how {
			case "cancel":
				task.Cancel()
			case "deadline":
				c.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
				want = syscall.ETIMEDOUT
			case "close":
				c.Close()
				want = net.ErrClosed
			}
			p, err := task.Wait()
			if err != nil {
				t.Fatal(err)
			}
			n, err := p.Result()
			if how == "deadline" && isTimeout(err) {
				err = want
			}
			if n == 0 || !errors.Is(err, want) {
				t.Fatal(kind, how, n, err)
			}
			task.Release()
			c.Close()
			got, err := io.ReadAll(peer)
			if err != nil || !bytes.Equal(got, all[:n]) {
				t.Fatalf("%s, %s: %d bytes were sent, it says, and %d received; %v", kind, how, n, len(got), err)
			}
			peer.Close()
		}
	}
	f.Close()
}

func TestHalfClose(t *testing.T) {
	defer nothingLeft(t)()
	c, peer := connected(t)
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if n, err := peer.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Fatal(n, err)
	}
	io.WriteString(peer, "still")
	got := make([]byte, 10)
	if n, err := c.Read(got); string(got[:n]) != "still" || err != nil {
		t.Fatal(n, err)
	}
	if _, err := c.Write(got); !errors.Is(err, syscall.EPIPE) {
		t.Error(err)
	}
	if err := c.CloseRead(); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Read(got); n != 0 || err != io.EOF {
		t.Fatal(n, err)
	}
	c.Close()
	peer.Close()
	for what, err := range map[string]error{"CloseWrite": c.CloseWrite(), "SetNoDelay": c.SetNoDelay(true)} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s after Close: %v", what, err)
		}
	}
}

func TestOptionsReachTheSocket(t *testing.T) {
	defer nothingLeft(t)()
	c, peer := connected(t)
	defer peer.Close()
	defer c.Close()
	for what, err := range map[string]error{
		"SetNoDelay":         c.SetNoDelay(false),
		"SetKeepAlive":       c.SetKeepAlive(true),
		"SetKeepAlivePeriod": c.SetKeepAlivePeriod(1500 * time.Millisecond),
		"SetReadBuffer":      c.SetReadBuffer(100_000),
		"SetWriteBuffer":     c.SetWriteBuffer(100_000),
		"SetLinger":          c.SetLinger(-1),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for name, want := range map[int]int{syscall.TCP_NODELAY: 0, syscall.TCP_KEEPINTVL: 2, syscall.TCP_KEEPIDLE: 2} {
		if got := aio.Option(c, syscall.IPPROTO_TCP, name); got != want {
			t.Errorf("option %d is %d, want %d", name, got, want)
		}
	}
	c.SetLinger(0)
	c.Close()
	if _, err := peer.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("after a Close with a linger of 0: %v", err)
	}
}

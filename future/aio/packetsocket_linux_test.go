package aio_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

var _ net.PacketConn = (*aio.PacketConn)(nil)

func listenPacket(t testing.TB, network, address string) *aio.PacketConn {
	t.Helper()
	c, err := aio.ListenPacket(network, address)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func addrPort(c net.PacketConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

func TestDatagramsComeWithTheirAddress(t *testing.T) {
	rt := newRuntime(t, 2)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		a, b := listenPacket(t, "udp", address), listenPacket(t, "udp", address)
		for _, size := range []int{0, 1, 1400, 65_000} {
			sent := pattern(size)
			if n, err := a.WriteTo(sent, b.LocalAddr()); n != size || err != nil {
				t.Fatal(n, err)
			}
			got := make([]byte, 65_536)
			n, from, err := b.ReadFrom(got)
			if err != nil || !bytes.Equal(got[:n], sent) || from.String() != a.LocalAddr().String() {
				t.Fatal(n, from, err)
			}
			if n, err := waits(t, rt, b.WriteToAddrPortAsync(sent, addrPort(a))).Result(); n != size || err != nil {
				t.Fatal(n, err)
			}
			n, ap, err := waits(t, rt, a.ReadFromAddrPortAsync(got)).Result()
			if err != nil || !bytes.Equal(got[:n], sent) || ap != addrPort(b) {
				t.Fatal(n, ap, err)
			}
		}
		a.Close()
		b.Close()
	}
}

// A socket for both versions gives addresses of version 4 as such, and sends to them.
func TestDatagramsOfIPv4OnASocketForBoth(t *testing.T) {
	defer nothingLeft(t)()
	both, four := listenPacket(t, "udp", ":0"), listenPacket(t, "udp4", "127.0.0.1:0")
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), addrPort(both).Port())
	if _, err := four.WriteToAddrPort([]byte("ask"), to); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 2) // it is cut off
	n, from, err := both.ReadFromAddrPort(buf)
	if n != 2 || from != addrPort(four) || err != nil {
		t.Fatal(n, from, err)
	}
	if _, err := both.WriteToAddrPort([]byte("answer"), from); err != nil {
		t.Fatal(err)
	}
	if n, from, err := four.ReadFromAddrPort(buf); n != 2 || from != to || err != nil {
		t.Fatal(n, from, err)
	}
	if _, err := four.WriteToAddrPort(nil, netip.MustParseAddrPort("[::1]:1")); !errors.Is(err, syscall.EAFNOSUPPORT) {
		t.Error(err)
	}
	if _, err := four.WriteTo(nil, &net.UnixAddr{}); !errors.Is(err, syscall.EINVAL) {
		t.Error(err)
	}
	if _, err := four.WriteToAddrPort(make([]byte, 70_000), to); !errors.Is(err, syscall.EMSGSIZE) {
		t.Error(err)
	}
	both.Close()
	four.Close()
}

func TestPacketConnEnds(t *testing.T) {
	rt := newRuntime(t, 2)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	c := listenPacket(t, "udp", "127.0.0.1:0")
	buf := make([]byte, 10)
	c.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
	if _, _, err := c.ReadFrom(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	c.SetDeadline(time.Now().Add(-time.Second))
	if _, err := c.WriteTo(buf, c.LocalAddr()); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	c.SetDeadline(time.Time{})
	var tasks []future.Task[aio.PacketConnReadFromAddrPortFuture]
	for range 4 {
		tasks = append(tasks, future.Spawn(rt, c.ReadFromAddrPortAsync(buf)))
	}
	time.Sleep(5 * time.Millisecond)
	c.Close()
	for _, task := range tasks {
		p, err := task.Wait()
		if err != nil {
			t.Fatal(err)
		}
		var oe *net.OpError
		if _, _, err := p.Result(); !errors.Is(err, net.ErrClosed) || !errors.As(err, &oe) {
			t.Error(err)
		}
		task.Release()
	}
	if _, _, err := c.ReadFrom(buf); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if err := c.Close(); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	unused := listenPacket(t, "udp", "127.0.0.1:0")
	unused.Close()
	if _, _, err := unused.ReadFrom(buf); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if _, err := unused.WriteTo(buf, c.LocalAddr()); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if _, err := aio.ListenPacket("unixgram", "x"); err == nil {
		t.Error("a network that is not served")
	}
}

// Datagrams that come while reads are cancelled are all read, in order.
func TestCancelledReadsLoseNoDatagram(t *testing.T) {
	rt := newRuntime(t, 2)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	a, b := listenPacket(t, "udp", "127.0.0.1:0"), listenPacket(t, "udp", "127.0.0.1:0")
	const total = 3000
	room := make(chan struct{}, 50) // what the kernel's queue surely holds
	go func() {
		for i := range total {
			room <- struct{}{}
			a.WriteToAddrPort(binary.BigEndian.AppendUint32(nil, uint32(i)), addrPort(b))
		}
	}()
	canceled := 0
	for next := 0; next < total; {
		buf := make([]byte, 4)
		task := future.Spawn(rt, b.ReadFromAddrPortAsync(buf))
		if next%2 == canceled%2 {
			task.Cancel()
		}
		p, err := task.Wait()
		if err != nil {
			t.Fatal(err)
		}
		n, _, err := p.Result()
		task.Release()
		if errors.Is(err, future.ErrCanceled) {
			canceled++
			continue
		}
		if err != nil || n != 4 || binary.BigEndian.Uint32(buf) != uint32(next) {
			t.Fatalf("datagram %d is %d, %v", next, binary.BigEndian.Uint32(buf), err)
		}
		<-room
		next++
	}
	t.Logf("%d reads were cancelled", canceled)
	a.Close()
	b.Close()
}

// packetEcho sends n datagrams to and fro on one loop.
type packetEcho struct {
	a, b  *aio.PacketConn
	to    netip.AddrPort
	left  int
	state int
	buf   [64]byte
	w     aio.PacketConnWriteFuture
	r     aio.PacketConnReadFromAddrPortFuture
	err   error
}

func (f *packetEcho) Poll(cx *future.Context) future.Poll {
	for ; f.left > 0 && f.err == nil; f.left-- {
		switch f.state {
		case 0:
			f.w, f.state = f.a.WriteToAddrPortAsync(f.buf[:], f.to), 1
			fallthrough
		case 1:
			if f.w.Poll(cx) == future.Pending {
				return future.Pending
			}
			if _, f.err = f.w.Result(); f.err != nil {
				return future.Ready
			}
			f.r, f.state = f.b.ReadFromAddrPortAsync(f.buf[:]), 2
			fallthrough
		case 2:
			if f.r.Poll(cx) == future.Pending {
				return future.Pending
			}
			_, _, f.err = f.r.Result()
			f.state = 0
		}
	}
	return future.Ready
}

func TestDatagramsAllocateNothing(t *testing.T) {
	rt := newRuntime(t, 1)
	defer shutdown(t, rt)
	defer nothingLeft(t)()
	a, b := listenPacket(t, "udp", "127.0.0.1:0"), listenPacket(t, "udp", "127.0.0.1:0")
	run := func(n int) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := waits(t, rt, packetEcho{a: a, b: b, to: addrPort(b), left: n}).err; err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.Mallocs - before.Mallocs
	}
	run(10)
	const n = 5000
	if got := run(n); got > n/10 {
		t.Errorf("%d allocations for %d datagrams", got, n)
	}
	a.Close()
	b.Close()
}

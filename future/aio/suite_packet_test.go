package aio_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// eachPacketConn runs f with each driver, and with portable on sockets of package net as well, as they are
// where that keeps its descriptors.
func eachPacketConn(t *testing.T, f func(t *testing.T, w *world, listen func() *aio.PacketConn)) {
	eachDriver(t, func(t *testing.T, w *world) {
		home := func(c *aio.PacketConn, err error) *aio.PacketConn {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			return aio.HomePacket(c, w.rt.Loop(0))
		}
		open := aio.ListenPacket
		if w.sim != nil {
			open = w.sim.ListenPacket
		}
		f(t, w, func() *aio.PacketConn { return home(open("udp", "127.0.0.1:0")) })
		if w.driver == "portable" {
			f(t, w, func() *aio.PacketConn {
				nc, err := net.ListenPacket("udp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				return home(aio.PacketConnOfNet(nc.(*net.UDPConn)), nil)
			})
		}
	})
}

func portOf(c net.PacketConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

func TestDatagramsComeWhole(t *testing.T) {
	eachPacketConn(t, func(t *testing.T, w *world, listen func() *aio.PacketConn) {
		a, b := listen(), listen()
		for loop := range 2 { // the sockets' own, and another
			for _, size := range []int{0, 1, 1400, 9000} {
				sent, got := stretch(size), make([]byte, 10_000)
				send := ended(future.Spawn(w.rt.Loop(loop), a.WriteToAsync(sent, b.LocalAddr())))
				if n, err := send.Result(); n != size || err != nil {
					t.Fatal(n, err)
				}
				n, from, err := ended(future.Spawn(w.rt.Loop(loop), b.ReadFromAddrPortAsync(got))).Result()
				if err != nil || !bytes.Equal(got[:n], sent) || from.Port() != portOf(a).Port() || !from.Addr().Is4() {
					t.Fatal(n, from, err)
				}
				if n, err := b.WriteToAddrPort(sent, from); n != size || err != nil {
					t.Fatal(n, err)
				}
				m, flags, _, err := a.ReadMsgAddrPort(got[:min(size, 1000)])
				if err != nil || (flags != 0) != (size > 1000) || !bytes.Equal(got[:m], sent[:m]) {
					t.Fatal(m, flags, err)
				}
			}
		}
		for _, to := range []net.Addr{&net.UnixAddr{}, (*net.UDPAddr)(nil)} {
			if _, err := a.WriteTo(nil, to); !errors.Is(err, syscall.EINVAL) {
				t.Error(err)
			}
		}
	})
}

// TestCancelledReadsLoseNoDatagramOnAnyDriver: of reads of which half are cancelled, each datagram is one's.
func TestCancelledReadsLoseNoDatagramOnAnyDriver(t *testing.T) {
	eachPacketConn(t, func(t *testing.T, w *world, listen func() *aio.PacketConn) {
		a, b := listen(), listen()
		const total = 300
		room := make(chan struct{}, 20) // what the kernel's queue surely holds
		sent := make(chan error, 1)
		go func() {
			for i := range total {
				room <- struct{}{}
				if _, err := a.WriteToAddrPort(binary.BigEndian.AppendUint32(nil, uint32(i)), portOf(b)); err != nil {
					sent <- err
					return
				}
			}
			sent <- nil
		}()
		canceled := 0
		for next := 0; next < total; {
			buf := make([]byte, 4)
			task := future.Spawn(w.rt.Loop(next%2), b.ReadFromAddrPortAsync(buf))
			if next%2 == canceled%2 {
				task.Cancel()
			}
			n, _, err := ended(task).Result()
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
		if err := <-sent; err != nil {
			t.Error(err)
		}
		t.Logf("%d reads were cancelled", canceled)
	})
}

func TestReadsAndWritesOfDatagramsEnd(t *testing.T) {
	eachPacketConn(t, func(t *testing.T, w *world, listen func() *aio.PacketConn) {
		c, buf := listen(), make([]byte, 10)
		c.SetReadDeadline(time.Now().Add(2 * time.Millisecond))
		if _, _, err := c.ReadFrom(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
		c.SetDeadline(time.Now().Add(-time.Second))
		if _, err := c.WriteTo(buf, c.LocalAddr()); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
		c.SetDeadline(time.Time{})
		var tasks []future.Task[aio.PacketConnReadFromFuture]
		for i := range 4 {
			tasks = append(tasks, future.Spawn(w.rt.Loop(i%2), c.ReadFromAsync(buf)))
		}
		tasks[0].Cancel()
		if _, _, err := ended(tasks[0]).Result(); !errors.Is(err, future.ErrCanceled) {
			t.Error(err)
		}
		c.Close()
		for _, task := range tasks[1:] {
			if _, _, err := ended(task).Result(); !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		}
		if _, err := c.WriteTo(buf, c.LocalAddr()); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		if err := c.Close(); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
}

func TestShutdownEndsReadsOfDatagrams(t *testing.T) {
	eachPacketConn(t, func(t *testing.T, w *world, listen func() *aio.PacketConn) {
		future.Go(w.rt, listen().ReadFromAsync(make([]byte, 10))) // the world is shut down
	})
}

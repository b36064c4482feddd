package aio_test

import (
	"io"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// linkLocal returns an address that means something on one interface alone, with that as its zone.
func linkLocal(t testing.TB) netip.Addr {
	t.Helper()
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && i.Flags&net.FlagUp != 0 && n.IP.To4() == nil && n.IP.IsLinkLocalUnicast() {
				ip, _ := netip.AddrFromSlice(n.IP)
				return ip.WithZone(i.Name)
			}
		}
	}
	t.Skip("no interface has a link-local address")
	return netip.Addr{}
}

// TestConnectionsOfOneLink have the zone in their addresses, by name, as package net has it.
func TestConnectionsOfOneLink(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			return // it has no interfaces
		}
		ip := linkLocal(t)
		l := w.listenAt(t, "tcp6", net.JoinHostPort(ip.String(), "0"))
		// The address of a listener for MPTCP, which package net makes where there is that, has no zone.
		_, port, _ := net.SplitHostPort(l.Addr().String())
		address := net.JoinHostPort(ip.String(), port)
		a, err := w.dials(0, aio.Dialer{Timeout: 10 * time.Second}, "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		b, err := l.AcceptConn()
		if err != nil {
			t.Fatal(err)
		}
		aio.Home(b, w.rt.Loop(1))
		defer b.Close()
		if got, want := a.RemoteAddr().String(), address; got != want {
			t.Errorf("connected to %s, not %s", got, want)
		}
		if got, want := b.RemoteAddr().String(), a.LocalAddr().String(); got != want || a.LocalAddr().(*net.TCPAddr).Zone != ip.Zone() {
			t.Errorf("from %s, not %s", got, want)
		}
		if _, err := a.Write([]byte("hello")); err != nil {
			t.Error(err)
		}
		a.Close()
		if got, err := io.ReadAll(b); string(got) != "hello" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// TestDatagramsOfOneLink can be answered to where they say that they are from.
func TestDatagramsOfOneLink(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			return // it has no datagrams
		}
		address := net.JoinHostPort(linkLocal(t).String(), "0")
		a, b := listenPacket(t, "udp6", address), listenPacket(t, "udp", address)
		defer a.Close()
		defer b.Close()
		buf := make([]byte, 100)
		for range 3 {
			if _, err := ended(future.Spawn(w.rt.Loop(0), a.WriteToAsync([]byte("ask"), b.LocalAddr()))).Result(); err != nil {
				t.Fatal(err)
			}
			n, from, err := ended(future.Spawn(w.rt.Loop(1), b.ReadFromAsync(buf))).Result()
			if err != nil || string(buf[:n]) != "ask" || from.String() != a.LocalAddr().String() {
				t.Fatalf("%q from %v, not %v: %v", buf[:n], from, a.LocalAddr(), err)
			}
			if _, err := ended(future.Spawn(w.rt.Loop(1), b.WriteToAsync([]byte("answer"), from))).Result(); err != nil {
				t.Fatal(err)
			}
			n, ap, err := ended(future.Spawn(w.rt.Loop(0), a.ReadFromAddrPortAsync(buf))).Result()
			if err != nil || string(buf[:n]) != "answer" || ap != addrPort(b) {
				t.Fatalf("%q from %v, not %v: %v", buf[:n], ap, b.LocalAddr(), err)
			}
		}
		// A number is as good as the name.
		to := addrPort(b)
		i, err := net.InterfaceByName(to.Addr().Zone())
		if err != nil {
			t.Fatal(err)
		}
		numbered := netip.AddrPortFrom(to.Addr().WithZone(strconv.Itoa(i.Index)), to.Port())
		if _, err := ended(future.Spawn(w.rt.Loop(0), a.WriteToAddrPortAsync([]byte("again"), numbered))).Result(); err != nil {
			t.Error(err)
		}
		if n, _, err := ended(future.Spawn(w.rt.Loop(1), b.ReadFromAsync(buf))).Result(); string(buf[:n]) != "again" || err != nil {
			t.Errorf("%q, %v", buf[:n], err)
		}
	})
}

// TestDatagramsThatAreTooLongAreCutAndSaidToBe, as package net does both.
func TestDatagramsThatAreTooLongAreCutAndSaidToBe(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			return
		}
		for _, network := range []string{"127.0.0.1:0", "[::1]:0"} {
			a, b := listenPacket(t, "udp", network), listenPacket(t, "udp", network)
			most := 65507 // what one of IPv4 can have
			sent := stretch(most)
			for loop := range 2 {
				for _, c := range []struct{ size, room, flags int }{
					{0, 0, 0}, {10, 10, 0}, {10, 11, 0}, {10, 9, syscall.MSG_TRUNC}, {1, 0, syscall.MSG_TRUNC},
					{most, most, 0}, {most, most - 1, syscall.MSG_TRUNC}, {most, 1 << 17, 0},
				} {
					for range 2 {
						if _, err := a.WriteTo(sent[:c.size], b.LocalAddr()); err != nil {
							t.Fatal(err)
						}
					}
					p := make([]byte, c.room)
					n, flags, from, err := ended(future.Spawn(w.rt.Loop(loop), b.ReadMsgAddrPortAsync(p))).Result()
					if n != min(c.size, c.room) || string(p[:n]) != string(sent[:n]) || flags != c.flags || from != addrPort(a) || err != nil {
						t.Errorf("%+v: %d bytes, flags %#x from %v, %v", c, n, flags, from, err)
					}
					n, _, err = ended(future.Spawn(w.rt.Loop(loop), b.ReadFromAsync(p))).Result()
					if n != min(c.size, c.room) || err != nil {
						t.Errorf("%+v: %d bytes, %v", c, n, err)
					}
				}
			}
			if _, err := a.WriteTo(make([]byte, 1), a.LocalAddr()); err != nil {
				t.Fatal(err)
			}
			if n, flags, _, err := a.ReadMsgAddrPort(nil); n != 0 || flags != syscall.MSG_TRUNC || err != nil {
				t.Error(n, flags, err)
			}
			a.Close()
			b.Close()
		}
	})
}

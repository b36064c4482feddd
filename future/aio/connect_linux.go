package aio

import (
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// encodeAddr writes an address as the kernel has it, and returns its length and family.
func encodeAddr(sa *[addressMax]byte, network string, addr net.Addr) (n, family int, errno syscall.Errno) {
	switch a := addr.(type) {
	case *net.TCPAddr:
		ip, ok := netip.AddrFromSlice(a.IP)
		switch {
		case ok:
			ip = ip.Unmap()
		case network == "tcp6":
			ip = netip.IPv6Unspecified() // which is this machine
		default:
			ip = netip.IPv4Unspecified()
		}
		b := binary.BigEndian.AppendUint16(sa[:2], uint16(a.Port))
		if ip.Is4() {
			family = unix.AF_INET
			b = append(b, ip.AsSlice()...)
			b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
		} else {
			family = unix.AF_INET6
			b = append(b, 0, 0, 0, 0)
			b = append(b, ip.AsSlice()...)
			b = binary.NativeEndian.AppendUint32(b, scopeOf(ip.WithZone(a.Zone)))
		}
		n = len(b)
	case *net.UnixAddr:
		family = unix.AF_UNIX
		abstract := a.Name[0] == '@' || a.Name[0] == 0
		if len(a.Name) > len(sa)-2 || len(a.Name) == len(sa)-2 && !abstract {
			return 0, 0, unix.EINVAL
		}
		n = 2 + copy(sa[2:], a.Name)
		if abstract {
			sa[2] = 0
		} else {
			sa[n] = 0
			n++
		}
	}
	binary.NativeEndian.PutUint16(sa[:], uint16(family))
	return n, family, 0
}

// openStream makes a socket, in blocking mode as all that drivers have.
func openStream(family int) (fd int32, errno syscall.Errno) {
	s, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err.(syscall.Errno)
	}
	return int32(s), 0
}

// settleStream sets up a socket that has been connected. It reports false if it is connected to
// itself, and picky says that this is not to be: the kernel gives a socket the port to which it
// connects if nobody listens there and chance will have it.
func settleStream(fd int32, addr net.Addr, picky bool) bool {
	a, ok := addr.(*net.TCPAddr)
	if !ok {
		return true
	}
	if picky {
		switch sa, _ := unix.Getsockname(int(fd)); l := sa.(type) {
		case *unix.SockaddrInet4:
			if l.Port == a.Port && (len(a.IP) == 0 || a.IP.IsUnspecified() || a.IP.Equal(l.Addr[:])) {
				return false
			}
		case *unix.SockaddrInet6:
			if l.Port == a.Port && (len(a.IP) == 0 || a.IP.IsUnspecified() || a.IP.Equal(l.Addr[:])) {
				return false
			}
		}
	}
	promptly(int(fd)) // as package net, without asking: a peer may have reset it by now
	return true
}

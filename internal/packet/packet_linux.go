// Package packet sends and receives datagrams with addresses that need no memory of their
// own. Neither waits.
package packet

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// RecvFrom receives a datagram, as much of it as fits into buf, which is not empty. scope is
// the interface of a link-local address, 0 for none. An address of IPv4 is one, also on a
// socket for IPv6. errno is EAGAIN when there is no datagram.
func RecvFrom(fd int, buf []byte) (n int, from netip.AddrPort, scope uint32, errno syscall.Errno) {
	var sa unix.RawSockaddrInet6 // the larger of both
	size := uint32(unsafe.Sizeof(sa))
	for {
		// SAFETY: buf, sa and size are memory of Go's that lives until the call is over, and
		// the kernel writes no more than their lengths. It does not block, so that it
		// need not tell the scheduler.
		r, _, e := syscall.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)),
			unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(&sa)), uintptr(unsafe.Pointer(&size)))
		if e == unix.EINTR {
			continue
		}
		if e != 0 {
			return 0, from, 0, e
		}
		n = int(r)
		break
	}
	switch sa.Family {
	case unix.AF_INET:
		// SAFETY: both begin with a family and a port, and a sockaddr_in is the smaller.
		in := (*unix.RawSockaddrInet4)(unsafe.Pointer(&sa))
		from = netip.AddrPortFrom(netip.AddrFrom4(in.Addr), port(in.Port))
	case unix.AF_INET6:
		from = netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).Unmap(), port(sa.Port))
		scope = sa.Scope_id
	}
	return n, from, scope, 0
}

// SendTo sends a datagram, on a socket for IPv6 if v6 says so. errno is EAGAIN when the
// socket's buffer is full, and EAFNOSUPPORT for an address of IPv6 on a socket for IPv4.
func SendTo(fd int, v6 bool, buf []byte, to netip.AddrPort, scope uint32) (n int, errno syscall.Errno) {
	var sa unix.RawSockaddrInet6
	size := unsafe.Sizeof(sa)
	switch addr := to.Addr(); {
	case !addr.IsValid():
		return 0, unix.EINVAL
	case v6:
		sa.Family, sa.Addr, sa.Port, sa.Scope_id = unix.AF_INET6, addr.As16(), port(to.Port()), scope
	case addr.Unmap().Is4():
		// SAFETY: a sockaddr_in is smaller than sa, and as aligned.
		in := (*unix.RawSockaddrInet4)(unsafe.Pointer(&sa))
		in.Family, in.Addr, in.Port = unix.AF_INET, addr.Unmap().As4(), port(to.Port())
		size = unsafe.Sizeof(*in)
	default:
		return 0, unix.EAFNOSUPPORT
	}
	var p *byte
	if len(buf) > 0 {
		p = &buf[0]
	}
	for {
		// SAFETY: buf and sa live until the call is over, which reads them only.
		r, _, e := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(p)), uintptr(len(buf)),
			unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(unsafe.Pointer(&sa)), size)
		switch e {
		case unix.EINTR:
		case 0:
			return int(r), 0
		default:
			return 0, e
		}
	}
}

// port turns a port in the order of the network into a number, or back.
func port(p uint16) uint16 {
	var b [2]byte
	binary.NativeEndian.PutUint16(b[:], p)
	return binary.BigEndian.Uint16(b[:])
}

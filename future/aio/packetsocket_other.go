//go:build !linux

package aio

import "net"

// packetCut says in flags that a datagram was cut off. It is MSG_TRUNC of Linux: package syscall has none
// on every system.
const packetCut = 0x20

// newPacketConn returns a PacketConn that goes on with nc.
func newPacketConn(nc *net.UDPConn) (*PacketConn, error) { return packetConnOf(nc), nil }

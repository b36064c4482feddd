package aio

import (
	"net"
	"time"

	"github.com/pinion-go/pinion/future"
)

// Drivers returns the names of the drivers that there are on this system, the best first.
func Drivers() []string { return driverNames() }

// Home has the operations of c done by the engine of a loop from now on.
func Home(c *Conn, l *future.Loop) *Conn {
	c.on(l.Driver().(*engine))
	return c
}

// HomeListener is Home for a listener.
func HomeListener(l *Listener, loop *future.Loop) *Listener {
	l.on(loop.Driver().(*engine))
	return l
}

// SimPeer is a connection of a simulation that is used as one of package net's.
type SimPeer struct{ *Conn }

func (p SimPeer) CloseWrite() error { return simOf(p.fd).shutdown(p.fd, simShutWrite) }

func (p SimPeer) SetLinger(sec int) error {
	simOf(p.fd).linger(p.fd, sec == 0)
	return nil
}

// SimOpen returns the number of descriptors that are open in a simulation.
func SimOpen(s *Sim) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// SimStep is one round of [Sim.Run].
func SimStep(s *Sim) (quiet bool, err error) { return s.round() }

// SmallPool is a simulation whose engines have n buffers to receive into.
func SmallPool(n int) SimConfig { return SimConfig{pool: n} }

// SetZeroCopy sets [Options].ZeroCopy of a loop.
func SetZeroCopy(l *future.Loop, n int) { l.Driver().(*engine).zeroCopy = n }

// DialTo dials several addresses in turn, by the engine of a loop. It reports false where that
// leaves connects to package net.
func DialTo(l *future.Loop, network string, deadline time.Time, addrs ...net.Addr) (DialFuture, bool) {
	e := l.Driver().(*engine)
	_, ok := e.k.(connector)
	return DialFuture{d: &dialing{w: work{apart: true}, home: e, network: network, deadline: deadline, addrs: addrs}}, ok
}

// SetAnswers sets Refusals and Silences of a simulation.
func SetAnswers(s *Sim, refusals, silences int) {
	s.mu.Lock()
	s.cfg.Refusals, s.cfg.Silences = refusals, silences
	s.mu.Unlock()
}

// Waiting returns how many signals wait to be taken.
func Waiting(q *SignalQueue) int { return q.to.Len() }

// PacketConnOfNet is what ListenPacket returns where package net keeps its descriptors.
func PacketConnOfNet(nc *net.UDPConn) *PacketConn { return packetConnOf(nc) }

// HomePacket is Home for datagrams.
func HomePacket(c *PacketConn, l *future.Loop) *PacketConn {
	c.on(l.Driver().(*engine))
	return c
}

// HomeFile is Home for a file.
func HomeFile(f *File, l *future.Loop) *File {
	f.on(l.Driver().(*engine))
	return f
}

// MemoryPipe is what Pipe returns where package os has none that serves.
func MemoryPipe() (r, w *File) { return newMemoryPipe() }

// CountSimKinds is CountKinds for a loop that nobody runs now.
func CountSimKinds(l *future.Loop, m map[string]int) {
	now := make(map[string]int)
	countKinds(l.Driver().(*engine), now)
	raise(m, now)
}

// raise raises the numbers in m to those in now.
func raise(m, now map[string]int) {
	for name, n := range now {
		m[name] = max(m[name], n)
	}
}

func countKinds(e *engine, now map[string]int) {
	for _, o := range e.ops.each {
		name := [...]string{"accept", "receive", "send", "connect", "pollin", "read", "write", "fsync", "pollout"}[o.kind]
		switch {
		case o.flags&opZeroCopy != 0:
			name += " without a copy"
		case (o.kind == opRead || o.kind == opWrite) && e.ops.io(o).off >= 0:
			name += " at a place"
		}
		now[name]++
	}
}

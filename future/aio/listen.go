package aio

import "github.com/pinion-go/pinion/future"

// Listen listens on a TCP or Unix address as [net.Listen] does.
func Listen(network, address string) (*Listener, error) {
	return ListenConfig{}.Listen(network, address)
}

// ListenAsync is [Listen] as a future: names are resolved, and the socket is opened, on a pooled
// goroutine. If it is cancelled before that begins, the error is [future.ErrCanceled]; otherwise the
// result is Listen's.
//
//pinion:noescape
func ListenAsync(network, address string) future.FromFuncFuture[*Listener] {
	return ListenConfig{}.ListenAsync(network, address)
}

// ListenAsync is to [ListenConfig.Listen] as [ListenAsync] to [Listen].
//
//pinion:noescape
func (cfg ListenConfig) ListenAsync(network, address string) future.FromFuncFuture[*Listener] {
	return future.FromFunc(func() (*Listener, error) { return cfg.Listen(network, address) })
}

// ListenPacketAsync is to [ListenPacket] as [ListenAsync] to [Listen].
//
//pinion:noescape
func ListenPacketAsync(network, address string) future.FromFuncFuture[*PacketConn] {
	return future.FromFunc(func() (*PacketConn, error) { return ListenPacket(network, address) })
}

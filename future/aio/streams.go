package aio

import "net"

// streams returns the error of a network whose connections are no streams, which a Conn's are.
func streams(op, network string) error {
	switch network {
	case "tcp", "tcp4", "tcp6", "unix":
		return nil
	}
	return &net.OpError{Op: op, Net: network, Err: net.UnknownNetworkError(network)}
}

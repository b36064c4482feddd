package aio

import (
	"context"
	"net"

	"github.com/pinion-go/pinion/future"
)

// Dial connects as [net.Dial] does.
func Dial(network, address string) (*Conn, error) {
	return dial(context.Background(), network, address)
}

// DialAsync is [Dial] as a future: the name is resolved, and the connection made, on a
// pooled goroutine. If it is cancelled the error is [future.ErrCanceled], or a
// context.Canceled.
//
//pinion:noescape
func DialAsync(network, address string) future.FromFuncFuture[*Conn] {
	return future.FromFuncContext(func(ctx context.Context) (*Conn, error) {
		return dial(ctx, network, address)
	})
}

func dial(ctx context.Context, network, address string) (*Conn, error) {
	if s := simOfProcess(); s != nil {
		return s.Dial(network, address)
	}
	if err := streams("dial", network); err != nil {
		return nil, err
	}
	var d net.Dialer
	nc, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c, err := Wrap(nc)
	if err != nil {
		nc.Close()
	}
	return c, err
}

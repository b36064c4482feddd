package echo

import (
	"context"
	"net"
	"runtime"

	"github.com/cloudwego/netpoll"
)

// serveNetpoll is a server of cloudwego/netpoll: event loops that call a function when there
// is something to read, which is sent from the buffers in which it lies.
func serveNetpoll(ready func(int)) error {
	if err := netpoll.Configure(netpoll.Config{PollerNum: runtime.GOMAXPROCS(0)}); err != nil {
		return err
	}
	l, err := netpoll.CreateListener("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	loop, err := netpoll.NewEventLoop(func(_ context.Context, c netpoll.Connection) error {
		r, w := c.Reader(), c.Writer()
		b, err := r.Next(r.Len())
		if err != nil {
			return err
		}
		if _, err := w.WriteBinary(b); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
		return r.Release()
	})
	if err != nil {
		return err
	}
	ready(l.Addr().(*net.TCPAddr).Port)
	return loop.Serve(l)
}

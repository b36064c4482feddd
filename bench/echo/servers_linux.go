package echo

import (
	"context"
	"maps"
	"net"
	"runtime"
	"slices"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// servers are the ways in which an echo server is written here. Each listens on a port of
// 127.0.0.1, says which by calling ready, and serves for ever.
var servers = map[string]func(ready func(port int)) error{
	"aio":      serveAIO(""),
	"epoll":    serveAIO("epoll"),
	"portable": serveAIO("portable"),
	"net":      serveNet(16 << 10),
	"net-512":  serveNet(512),
	"bare":     serveBare,
	"netpoll":  serveNetpoll,
}

// Servers returns the names of all servers.
func Servers() []string { return slices.Sorted(maps.Keys(servers)) }

// calls returns how often this process's server has called the kernel, where it counts that.
var calls = func() int64 { return aio.ReadLedger().Calls }

// serveNet is goroutines with a buffer of bufSize each.
func serveNet(bufSize int) func(ready func(int)) error {
	return func(ready func(int)) error { return serveGoroutines(ready, bufSize) }
}

func serveGoroutines(ready func(int), bufSize int) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ready(l.Addr().(*net.TCPAddr).Port)
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			buf := make([]byte, bufSize)
			for {
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				if _, err := c.Write(buf[:n]); err != nil {
					return
				}
			}
		}()
	}
}

// serveAIO serves with the driver of that name, "" for the best.
func serveAIO(driver string) func(ready func(int)) error {
	return func(ready func(int)) error {
		rt, err := aio.NewRuntime(aio.Options{Loops: runtime.GOMAXPROCS(0), Driver: driver})
		if err != nil {
			return err
		}
		l, err := aio.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		ready(l.Addr().(*net.TCPAddr).Port)
		t := future.Spawn(rt.Loop(0), acceptAsync(rt, l))
		if _, err := t.Wait(); err != nil {
			return err
		}
		return rt.Shutdown(context.Background())
	}
}

// accept and echo are the straight-line server; the compiler makes futures of them.
//
//pinion:async
func accept(rt *future.Runtime, l *aio.Listener) {
	for {
		c, err := l.AcceptConn()
		if err != nil {
			return
		}
		spawn(rt, c)
	}
}

func spawn(rt *future.Runtime, c *aio.Conn) { future.Go(rt, echoAsync(c)) }

//pinion:async
func echo(c *aio.Conn) {
	for {
		b, err := c.Next()
		if err != nil {
			break
		}
		_, err = c.Write(b.Bytes())
		b.Release()
		if err != nil {
			break
		}
	}
	c.Close()
}

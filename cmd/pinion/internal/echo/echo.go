// Package echo is a server that sends back what it receives: one straight-line function
// for each connection, compiled to a future.
package echo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

//go:generate go run github.com/pinion-go/pinion/future/async/internal/regen

// Config is what the server is asked for.
type Config struct {
	Addr     string // HOST:PORT
	Loops    int    // 0 for as many as there are cores
	Driver   string // of package aio, "" for the best that works
	ZeroCopy int    // of aio.Options
	Out      io.Writer
}

// Counts are what the server has done.
type Counts struct {
	Connections, Messages, Bytes int64
}

// Server is a server that runs.
type Server struct {
	rt          *future.Runtime
	l           *aio.Listener
	connections atomic.Int64
	messages    atomic.Int64
	bytes       atomic.Int64
}

// errSimulated is for a server that nobody could reach.
var errSimulated = errors.New("sim is a simulation within this process, where nobody can connect: use another driver, or none for the best that works here")

// Start listens, and serves until Shutdown.
func Start(c Config) (*Server, error) {
	if c.Driver == "sim" || os.Getenv("PINION_AIO_DRIVER") == "sim" {
		return nil, errSimulated
	}
	rt, err := aio.NewRuntime(aio.Options{Loops: c.Loops, Driver: c.Driver, ZeroCopy: c.ZeroCopy})
	if err != nil {
		return nil, err
	}
	l, err := aio.Listen("tcp", c.Addr)
	if err != nil {
		rt.Shutdown(context.Background())
		return nil, err
	}
	s := &Server{rt: rt, l: l}
	future.Go(rt.Loop(0), s.AcceptAsync(rt))
	name, why := aio.Describe(rt)
	fmt.Fprintf(c.Out, "listening on %v with %d loops, driver %s: %s\n", l.Addr(), rt.Loops(), name, why)
	return s, nil
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.l.Addr() }

// Counts returns what was done until now.
func (s *Server) Counts() Counts {
	return Counts{s.connections.Load(), s.messages.Load(), s.bytes.Load()}
}

// Shutdown stops listening, asks the connections to end, and waits for them until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	s.l.Close()
	return s.rt.Shutdown(ctx)
}

// Accept serves each connection with a future of its own, on the loop with the fewest.
//
//pinion:async
func (s *Server) Accept(rt *future.Runtime) {
	for {
		c, err := s.l.AcceptConn()
		switch {
		case err == nil:
			s.connections.Add(1)
			s.serve(rt, c)
		case errors.Is(err, net.ErrClosed), errors.Is(err, future.ErrCanceled):
			return
		default: // out of descriptors, for one: some will be closed
			fmt.Fprintln(os.Stderr, "pinion: echo:", err)
			future.Sleep(50 * time.Millisecond)
		}
	}
}

// serve starts the future of a connection.
func (s *Server) serve(rt *future.Runtime, c *aio.Conn) { future.Go(rt, s.EchoAsync(c)) }

// Echo sends back what it receives until the peer has had enough.
//
//pinion:async
func (s *Server) Echo(c *aio.Conn) {
	for {
		b, err := c.Next()
		if err != nil {
			break
		}
		n, err := c.Write(b.Bytes())
		b.Release()
		s.messages.Add(1)
		s.bytes.Add(int64(n))
		if err != nil {
			break
		}
	}
	c.Close() // deferred, it would take 24 bytes more for each connection that waits
}

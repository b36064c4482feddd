package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// A server relays messages between its clients.
type server struct {
	rt          *future.Runtime
	on          func() future.Spawner // where the next client is served
	l           *aio.Listener
	driver, why string
	max         int // clients
	queue       int
	grace       time.Duration
	log         io.Writer
	began       time.Time
	hub         *hub
	counts      counts
	latency     latency

	mu      sync.Mutex // protects the following
	clients []*client
	empty   chan struct{} // closed when the server is stopping and has no clients

	stopping atomic.Bool    // set with mu held
	reading  sync.WaitGroup // clients whose commands may still be carried out
}

// errSimulated is for a server that nobody could reach.
var errSimulated = errors.New("sim is a simulation within this process, where nobody can connect: use another driver, or none for the best that works here")

// start begins to serve.
func start(cfg config, log io.Writer) (*server, error) {
	if cfg.driver == "sim" || os.Getenv("PINION_AIO_DRIVER") == "sim" {
		return nil, errSimulated
	}
	rt, err := aio.NewRuntime(aio.Options{Loops: cfg.loops, Driver: cfg.driver, ZeroCopy: cfg.zeroCopy})
	if err != nil {
		return nil, err
	}
	l, err := aio.Listen("tcp", cfg.addr)
	if err != nil {
		rt.Shutdown(context.Background())
		return nil, err
	}
	s := newServer(l, func() future.Spawner { return rt }, cfg, log)
	s.rt = rt
	s.driver, s.why = aio.Describe(rt)
	future.Go(rt.Loop(0), s.acceptAsync())
	return s, nil
}

// newServer returns a server that serves where the next call of on says, once something
// accepts.
func newServer(l *aio.Listener, on func() future.Spawner, cfg config, log io.Writer) *server {
	return &server{
		on: on, l: l, max: cfg.clients, queue: cfg.queue, grace: cfg.grace, log: log, began: time.Now(), hub: newHub(),
		empty: make(chan struct{}),
	}
}

func (s *server) addr() net.Addr { return s.l.Addr() }

// now is the server's clock, in nanoseconds.
func (s *server) now() int64 { return int64(time.Since(s.began)) }

// accept serves each connection with a future of its own, on the loop with the fewest.
//
//pinion:async
func (s *server) accept() {
	for failed := false; ; {
		conn, err := s.l.AcceptConn()
		switch {
		case err == nil:
			failed = false
			s.admit(conn)
		case errors.Is(err, net.ErrClosed), errors.Is(err, future.ErrCanceled):
			return
		default: // out of descriptors, for one: some will be closed
			if !failed { // or the log would be full of it
				fmt.Fprintln(s.log, "relay:", err)
			}
			failed = true
			future.Sleep(50 * time.Millisecond)
		}
	}
}

// admit starts the future of a connection.
func (s *server) admit(conn *aio.Conn) {
	c := &client{s: s, conn: conn}
	c.q.limit = s.queue
	s.mu.Lock()
	if s.stopping.Load() {
		s.mu.Unlock()
		conn.Close()
		return
	}
	if len(s.clients) >= s.max {
		s.mu.Unlock()
		s.counts.refused.Add(1)
		future.Go(s.on(), refuseAsync(conn))
		return
	}
	c.at = len(s.clients)
	s.clients = append(s.clients, c)
	s.reading.Add(1)
	s.mu.Unlock()
	s.counts.accepted.Add(1)
	future.Go(s.on(), c.serveAsync())
}

// refuse answers a client for whom there is no room. Who sends without reading must not keep it.
//
//pinion:async
func refuse(conn *aio.Conn) {
	conn.SetDeadline(future.Now().Add(time.Second))
	conn.Write(answerFull)
	conn.CloseWrite()
	for {
		b, err := conn.Next() // what it has sent, or the kernel would throw the answer away
		if err != nil {
			break
		}
		b.Release()
	}
	conn.Close()
}

var answerFull = []byte("ERR too many clients\n")

// left is called at the end of a client.
func (s *server) left(c *client) {
	c.unsubscribeAll()
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.clients) - 1
	s.clients[c.at] = s.clients[last]
	s.clients[c.at].at = c.at
	s.clients[last] = nil
	s.clients = s.clients[:last]
	if s.stopping.Load() && len(s.clients) == 0 {
		close(s.empty)
	}
}

func (s *server) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.clients)
}

// sent is called when a batch was given to the kernel.
func (s *server) sent(b batch) {
	if n := len(b.since); n > 0 {
		s.counts.delivered.Add(int64(n))
		s.latency.observe(s.now(), b.since)
	}
}

// shutdown stops accepting and reading, sends what is queued, and waits until the clients
// are gone. When ctx ends before that they are cut off, which is the error.
func (s *server) shutdown(ctx context.Context) error {
	s.stop()
	s.reading.Wait()
	s.bye()
	var err error
	select {
	case <-s.empty:
	case <-ctx.Done():
		if n := s.connections(); n > 0 {
			err = fmt.Errorf("%d clients were cut off, since they did not read or did not close within the grace", n)
		}
	}
	cut, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(err, s.rt.Shutdown(cut))
}

// stop has clients that come be sent away, and commands no longer be read. Those that are being
// carried out are until s.reading says so.
func (s *server) stop() {
	s.l.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopping.Store(true)
	if len(s.clients) == 0 {
		close(s.empty)
	}
	for _, c := range s.clients {
		c.stop()
	}
}

// bye ends the queues, when nothing more is published: what was acknowledged is in them.
func (s *server) bye() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.clients {
		c.q.end(answerBye)
	}
}

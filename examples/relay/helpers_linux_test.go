package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future/aio"
)

// TestMain runs as a server, or as a farm of clients, where a test has started this binary
// anew.
func TestMain(m *testing.M) {
	switch os.Getenv("RELAY_TEST_AS") {
	case "server":
		main()
	case "farm":
		farm(os.Args[1], os.Args[2], os.Args[3])
	default:
		// The runtime for blocking twins starts once and stays: before anything is counted.
		l, err := aio.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		l.Driver()
		l.Close()
		for range 1000 { // it is closed on its loop, soon
			if aio.ReadLedger().Descriptors == 0 {
				break
			}
			time.Sleep(time.Millisecond)
		}
		os.Exit(m.Run())
	}
}

// patience is for what should take milliseconds.
const patience = 20 * time.Second

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after %v not yet: %s", patience, what)
		}
	}
}

// eachDriver runs f with each driver that works here as that of all servers that f starts: its
// own, and that of their HTTP ports.
func eachDriver(t *testing.T, f func(t *testing.T)) {
	for _, name := range []string{"uring", "epoll", "portable"} {
		t.Run(name, func(t *testing.T) {
			rt, err := aio.NewRuntime(aio.Options{Loops: 1, Driver: name})
			if err != nil {
				t.Skip(err)
			}
			rt.Shutdown(t.Context())
			t.Setenv("PINION_AIO_DRIVER", name)
			f(t)
		})
	}
}

// open is what the process and package aio have open. Counts that only grow are 0.
func open(t *testing.T) (fds int, l aio.Ledger) {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	l = aio.ReadLedger()
	return len(list), aio.Ledger{Descriptors: l.Descriptors, Operations: l.Operations, Pins: l.Pins, Buffers: l.Buffers}
}

// serve starts a server in this process. When the test ends it is shut down, and what was
// open before is open then.
func serve(t *testing.T, cfg config) *server {
	t.Helper()
	fds, ledger := open(t)
	if cfg.addr == "" {
		cfg.addr = "127.0.0.1:0"
	}
	if cfg.queue == 0 {
		cfg.queue = 64 << 10
	}
	if cfg.clients == 0 {
		cfg.clients = 10_000
	}
	if cfg.grace == 0 {
		cfg.grace = 10 * time.Second
	}
	s, err := start(cfg, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), cfg.grace)
		defer cancel()
		if s.stopping.Load() { // the test has shut it down
		} else if err := s.shutdown(ctx); err != nil {
			t.Error(err)
		}
		if q, d, l := s.counts.queued.Load(), s.counts.delivered.Load(), s.counts.lost.Load(); q != d+l {
			t.Errorf("%d messages were queued, %d delivered and %d lost", q, d, l)
		}
		if n := s.hub.count(); n != 0 {
			t.Errorf("%d topics are left", n)
		}
		var nowFDs int
		var now aio.Ledger
		for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
			if nowFDs, now = open(t); nowFDs <= fds && now == ledger {
				return
			}
			if time.Now().After(end) {
				t.Errorf("%d descriptors, %+v; at the start %d, %+v", nowFDs, now, fds, ledger)
				return
			}
		}
	})
	return s
}

// A peer is a client of a server.
type peer struct {
	t testing.TB
	*net.TCPConn
	r *bufio.Reader
}

func dial(t testing.TB, addr net.Addr) *peer {
	t.Helper()
	c, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(2 * patience))
	t.Cleanup(func() { c.Close() })
	return &peer{t, c.(*net.TCPConn), bufio.NewReader(c)}
}

func (p *peer) send(lines ...string) {
	p.t.Helper()
	if _, err := io.WriteString(p, strings.Join(lines, "\n")+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) line() string {
	p.t.Helper()
	line, err := p.r.ReadString('\n')
	if err != nil {
		p.t.Fatalf("%v after %q", err, line)
	}
	return strings.TrimSuffix(line, "\n")
}

func (p *peer) expect(lines ...string) {
	p.t.Helper()
	for _, want := range lines {
		if got := p.line(); got != want {
			p.t.Fatalf("received %q, want %q", got, want)
		}
	}
}

// ends expects the end of the stream, by nothing worse.
func (p *peer) ends() {
	p.t.Helper()
	if line, err := p.r.ReadString('\n'); err != io.EOF || line != "" {
		p.t.Fatalf("received %q and %v, want the end", line, err)
	}
}

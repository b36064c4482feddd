// Command relay is a publish/subscribe server: lines that clients publish under a topic are
// sent to all clients that have subscribed to it.
//
//	relay -addr 127.0.0.1:7000 -http 127.0.0.1:7001
//
// # Protocol
//
// Lines end with "\n" or "\r\n" and have at most 4096 bytes before the "\n". A client sends
//
//	SUB topic        deliver me what is published under topic from now on
//	UNSUB topic      no longer
//	PUB topic text   deliver text to all subscribers of topic
//	PING             are you there?
//	QUIT             I have had enough
//
// and each is answered in turn by one line: OK, ERR and a reason, PONG for PING, BYE for
// QUIT. Between the answers come
//
//	MSG topic text   what somebody has published
//	DROPPED n        n messages were to be here, but the client was too slow for them
//	BYE              nothing else will come: the client has quit, or the server ends
//
// A topic is a word of up to 128 bytes without spaces and control characters; text is the
// rest of the line, of at least one byte. A client may have 1024 topics. A line that is too
// long is answered with ERR, and the connection ends. The end of the client's input, as by
// shutdown(2), is like QUIT without the BYE: what waits for the client is sent, and then the
// connection is closed.
//
// # What is promised
//
//   - OK to a PUB means that the message stands in the queue of each subscriber, or is
//     counted among what that one was too slow for. The messages of one topic reach all its
//     subscribers in the same order.
//   - A client that does not read costs at most its queue (-queue bytes) and as much again
//     that is being sent. Messages beyond are dropped and counted, and the client is told
//     where. A client that goes on sending commands and does not read the answers is not
//     read any more until it does, and after the -grace its connection is closed.
//   - A client beyond the -clients that may be connected is answered with ERR and the end of the
//     stream. Where descriptors run out before, clients wait until some are closed.
//   - At SIGTERM or SIGINT the server stops accepting and reading, sends what is queued,
//     BYE and the end of the stream, waits until the clients have closed too, but for the
//     -grace at most, and ends with status 0. At the second signal it ends at once, with
//     status 1.
//
// Not promised: that a message outlives the server, or that it is seen by a client that
// subscribes later; and that a loop is quick for others while a thousand clients flood it
// and read no answers: what they send lies in the loop's buffers, of which there are 4096,
// until they are closed after the grace.
//
// # How it is made
//
// A connection is served by one straight-line function, in client.go, which reads and carries out
// commands; beside it a task of its own sends what is queued for the client, or a client that does not
// read would hold up its own commands. A connection stays on its loop; the topics are shared by all
// loops, each under a plain mutex that is held while a message is put into the queues.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

//go:generate go -C ../.. run ./future/async/internal/regen -C examples ./relay

func main() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, signals))
}

// config is what the command line asks for.
type config struct {
	addr, http string
	loops      int
	driver     string
	clients    int
	queue      int
	grace      time.Duration
	zeroCopy   int
}

// minQueue is room for the longest message, with what stands before it.
const minQueue = maxLine + 64

func parse(args []string, stderr io.Writer) (cfg config, err error) {
	fs := flag.NewFlagSet("relay", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&cfg.addr, "addr", "127.0.0.1:7000", "serve clients at this `HOST:PORT`")
	fs.StringVar(&cfg.http, "http", "127.0.0.1:7001", "serve /metrics and /healthz at this `HOST:PORT`; empty for neither")
	fs.IntVar(&cfg.loops, "loops", 0, "number of event loops; 0 is one for each core")
	fs.StringVar(&cfg.driver, "driver", "", "driver of package aio by `NAME`; empty is the best that works here")
	fs.IntVar(&cfg.clients, "clients", 10_000, "how many `clients` may be connected; others are told so")
	fs.IntVar(&cfg.queue, "queue", 64<<10, "`bytes` that may wait for a client before messages to it are dropped")
	fs.DurationVar(&cfg.grace, "grace", 5*time.Second, "how long clients have to read what waits for them at the end")
	fs.IntVar(&cfg.zeroCopy, "zero-copy", 0, "send `bytes` and more from where they are; 0 is never; it pays on a network card")
	if err := fs.Parse(args); err != nil {
		return cfg, err // which Parse has printed
	}
	switch {
	case fs.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case cfg.loops < 0 || cfg.loops > 1024:
		err = fmt.Errorf("-loops %d is not between 0 and 1024", cfg.loops)
	case cfg.clients < 1:
		err = fmt.Errorf("-clients %d admits nobody", cfg.clients)
	case cfg.queue < minQueue:
		err = fmt.Errorf("-queue %d has no room for the longest message, which takes %d", cfg.queue, minQueue)
	case cfg.grace < 0:
		err = fmt.Errorf("-grace %v is negative", cfg.grace)
	case cfg.zeroCopy < 0:
		err = fmt.Errorf("-zero-copy %d is negative", cfg.zeroCopy)
	}
	if err != nil {
		fmt.Fprintf(stderr, "relay: %v\n", err)
	}
	return cfg, err
}

// run serves until the first signal and returns the exit status.
func run(args []string, stdout, stderr io.Writer, signals <-chan os.Signal) int {
	cfg, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	s, err := start(cfg, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "relay: %v\n", err)
		return 2
	}
	var web *website
	if cfg.http != "" {
		if cfg.driver != "" {
			os.Setenv("PINION_AIO_DRIVER", cfg.driver) // for the runtime that serves goroutines
		}
		if web, err = serveHTTP(cfg.http, s); err != nil {
			fmt.Fprintf(stderr, "relay: %v\n", err)
			s.shutdown(context.Background())
			return 2
		}
	}
	fmt.Fprintf(stdout, "relay: listening on %v with %d loops, driver %s: %s\n", s.addr(), s.rt.Loops(), s.driver, s.why)
	if web != nil {
		fmt.Fprintf(stdout, "relay: http://%v/metrics, driver %s: %s\n", web.addr(), web.driver, web.why)
	}

	sig := <-signals
	fmt.Fprintf(stdout, "relay: %v: ending within %v\n", sig, cfg.grace)
	ended := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), cfg.grace)
		defer cancel()
		err := s.shutdown(ctx)
		if web != nil {
			web.close()
		}
		ended <- err
	}()
	select {
	case sig = <-signals:
		fmt.Fprintf(stderr, "relay: %v again: ending at once\n", sig)
		return 1
	case err := <-ended:
		if err != nil {
			fmt.Fprintf(stderr, "relay: %v\n", err)
		}
	}
	fmt.Fprintf(stdout, "relay: %v\n", &s.counts)
	return 0
}

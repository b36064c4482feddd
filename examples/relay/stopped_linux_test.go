package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
)

// A stopper is a future that a loop cannot get past.
type stopper struct{ stopped, again chan struct{} }

func (s *stopper) Poll(*future.Context) future.Poll {
	close(s.stopped)
	<-s.again
	return future.Ready
}

// TestStoppedLoopLosesNothing stops the server's only loop for a second, by a poll that does
// not return, while clients publish, come, and go.
func TestStoppedLoopLosesNothing(t *testing.T) { eachDriver(t, stopLoop) }

func stopLoop(t *testing.T) {
	const clients, messages = 20, 50 // which do not fit into one buffer of aio
	padding := strings.Repeat("x", 2000)
	s := serve(t, config{loops: 1, queue: 16 << 20})
	subscriber := dial(t, s.addr())
	subscriber.send("SUB t")
	subscriber.expect("OK")
	var publishers, quitters []*peer
	for range clients {
		publishers, quitters = append(publishers, dial(t, s.addr())), append(quitters, dial(t, s.addr()))
	}
	for _, p := range quitters { // the server waits for more of them
		p.send("SUB t")
		p.expect("OK")
	}

	stop := stopper{make(chan struct{}), make(chan struct{})}
	future.Go(s.rt.Loop(0), stop)
	<-stop.stopped
	for i, p := range publishers {
		for n := range messages {
			p.send(fmt.Sprintf("PUB t %d %d %s", i, n, padding))
		}
	}
	for _, p := range quitters {
		p.Close()
	}
	late := dial(t, s.addr()) // the kernel's queue takes it
	late.send("PUB t late")
	time.Sleep(time.Second)
	close(stop.again)

	for _, p := range publishers {
		for range messages {
			p.expect("OK")
		}
	}
	late.expect("OK")
	var next [clients]int
	for range clients*messages + 1 {
		line, err := subscriber.r.ReadString('\n')
		if line == "MSG t late\n" {
			continue
		}
		var i, n int
		if _, scan := fmt.Sscanf(line, "MSG t %d %d "+padding+"\n", &i, &n); err != nil || scan != nil || n != next[i] {
			t.Fatalf("%.30q, %v; want message %d", line, err, next[i])
		}
		next[i]++
	}
	eventually(t, "those who went are gone", func() bool { return s.connections() == clients+2 })
}

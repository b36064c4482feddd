package main

import (
	"sync"
	"testing"
	"time"
)

func TestShutdownSaysByeAndWaits(t *testing.T) {
	s := serve(t, config{loops: 2})
	var peers []*peer
	for range 20 {
		p := dial(t, s.addr())
		p.send("SUB t")
		p.expect("OK")
		peers = append(peers, p)
	}
	peers[0].send("PUB t last")
	for _, p := range peers {
		p.expect("MSG t last")
	}
	peers[0].expect("OK")
	ended := make(chan error)
	go func() { ended <- s.shutdown(t.Context()) }()
	for _, p := range peers {
		p.expect("BYE")
		p.ends()
		select {
		case err := <-ended:
			t.Fatalf("it has ended before its clients: %v", err)
		default:
		}
		p.Close()
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A PUB that is being carried out when the shutdown begins is acknowledged, and so no queue
// may end before it has.
func TestShutdownWaitsForCommandsUnderWay(t *testing.T) {
	s := serve(t, config{loops: 2})
	sub, pub := dial(t, s.addr()), dial(t, s.addr())
	sub.send("SUB t")
	sub.expect("OK")
	peers := []*peer{sub, pub}
	for range 10 {
		p := dial(t, s.addr())
		p.send("PING")
		p.expect("PONG")
		peers = append(peers, p)
	}
	sh := s.hub.shard([]byte("t"))
	sh.mu.Lock()
	q := &sh.topics["t"].subs[0].c.q
	sh.mu.Unlock()
	q.mu.Lock() // the PUB waits for it, and holds the shard's meanwhile
	unlock := sync.OnceFunc(q.mu.Unlock)
	defer unlock()
	pub.send("PUB t x")
	eventually(t, "the PUB is under way", func() bool {
		free := sh.mu.TryLock()
		if free {
			sh.mu.Unlock()
		}
		return !free
	})
	ended := make(chan error)
	go func() { ended <- s.shutdown(t.Context()) }()
	eventually(t, "the shutdown begins", s.stopping.Load)
	time.Sleep(50 * time.Millisecond) // for a shutdown that would not wait
	eventually(t, "nobody is ending the queues", s.mu.TryLock)
	for _, c := range s.clients {
		if &c.q == q {
			continue
		}
		c.q.mu.Lock()
		if c.q.ended {
			t.Error("a queue has ended")
		}
		c.q.mu.Unlock()
	}
	s.mu.Unlock()
	unlock()
	sub.expect("MSG t x")
	pub.expect("OK")
	for _, p := range peers {
		p.expect("BYE")
		p.ends()
		p.Close()
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

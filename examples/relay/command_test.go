package main

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// offline is a client without a connection.
func offline(s *server) *client {
	c := &client{s: s}
	c.q.limit = 64 << 10
	return c
}

func newOffline() *server { return &server{hub: newHub(), began: time.Now()} }

func TestCommandsAreAnswered(t *testing.T) {
	s := newOffline()
	c := offline(s)
	word := strings.Repeat("w", maxTopic)
	for _, x := range []struct{ line, want string }{
		{"PING", "PONG"},
		{"PING x", "ERR nothing may follow this command"},
		{"ping", "ERR unknown command: want SUB, UNSUB, PUB, PING or QUIT"},
		{"", "ERR unknown command: want SUB, UNSUB, PUB, PING or QUIT"},
		{" PING", "ERR unknown command: want SUB, UNSUB, PUB, PING or QUIT"},
		{"PUB t text", "OK"},
		{"PUB t", "ERR no text"},
		{"PUB t ", "ERR no text"},
		{"PUB", "ERR no topic"},
		{"PUB  text", "ERR no topic"},
		{"PUB " + word + " x", "OK"},
		{"PUB " + word + "w x", "ERR topic longer than 128 bytes"},
		{"PUB a\tb x", "ERR control character in topic"},
		{"SUB", "ERR no topic"},
		{"SUB a b", "ERR control character in topic"},
		{"SUB t", "OK"},
		{"SUB t", "ERR subscribed already"},
		{"UNSUB u", "ERR not subscribed"},
		{"UNSUB t", "OK"},
		{"UNSUB t", "ERR not subscribed"},
		{"QUIT now", "ERR nothing may follow this command"},
		{"QUIT", "BYE"},
	} {
		if got := c.do(nil, []byte(x.line)); got != x.want {
			t.Errorf("%q: %q, want %q", x.line, got, x.want)
		}
	}
	if n := s.hub.count(); n != 0 {
		t.Errorf("%d topics are left", n)
	}
	for i := range maxTopics {
		c.do(nil, []byte("SUB "+string(rune('a'+i%26))+strings.Repeat("x", i/26)))
	}
	if got := c.do(nil, []byte("SUB another")); got != "ERR too many topics" {
		t.Errorf("one topic too many: %q", got)
	}
	c.unsubscribeAll()
	if n := s.hub.count(); n != 0 {
		t.Errorf("%d topics are left", n)
	}
}

func TestCommandsInOneBufferAreAnsweredInTurn(t *testing.T) {
	c := offline(newOffline())
	rest, next := c.obey([]byte("SUB t\r\nPUB t one  two \nPUB t\nPI"))
	if len(rest) > 0 || next != another {
		t.Errorf("%q is left, then %v", rest, next)
	}
	rest, next = c.obey([]byte("NG\nQUIT\nPING\n"))
	if next != quit {
		t.Errorf("%q is left, then %v", rest, next)
	}
	if got, want := taken(t, &c.q), "OK\nMSG t one  two \nOK\nERR no text\nPONG\nBYE\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A hub does what a map of sets would.
func TestHubFindsAllSubscribers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	s := newOffline()
	var clients []*client
	for range 20 {
		clients = append(clients, offline(s))
	}
	names := []string{"a", "b", "c", "d", "e"}
	model := make(map[string]map[*client]bool)
	for _, n := range names {
		model[n] = make(map[*client]bool)
	}
	for range 5000 {
		c, name := clients[r.IntN(len(clients))], names[r.IntN(len(names))]
		switch r.IntN(3) {
		case 0:
			c.do(nil, []byte("SUB "+name))
			model[name][c] = true
		case 1:
			c.do(nil, []byte("UNSUB "+name))
			delete(model[name], c)
		default:
			if n, _ := s.hub.publish(nil, []byte(name), []byte("x"), 0); n != len(model[name]) {
				t.Fatalf("%d subscribers, want %d", n, len(model[name]))
			}
			for _, c := range clients {
				if got := taken(t, &c.q) != ""; got != model[name][c] {
					t.Fatalf("a client has received: %v, want %v", got, model[name][c])
				}
			}
		}
	}
}

func TestPublishAllocatesNothing(t *testing.T) {
	s := newOffline()
	pub := offline(s)
	var subs []*client
	for range 10 {
		c := offline(s)
		c.do(nil, []byte("SUB t"))
		c.q.take()
		subs = append(subs, c)
	}
	line := []byte("PUB t some text of the usual length\n")
	burst := slices.Repeat(line, 20)
	allocs := testing.AllocsPerRun(1000, func() {
		pub.obey(burst)
		pub.q.take()
		for _, c := range subs {
			c.q.take()
		}
	})
	if allocs > 0 {
		t.Errorf("%v allocations for 20 messages", allocs)
	}
}

func TestLatencyBuckets(t *testing.T) {
	var l latency
	const first = 1 << latencyShift
	l.observe(first, []int64{0, 0, first / 2, -1})
	l.observe(1<<62, []int64{0})
	for i, want := range []uint64{3, 1} {
		if got := l.buckets[i].Load(); got != want {
			t.Errorf("bucket %d has %d, want %d", i, got, want)
		}
	}
	if got := l.buckets[latencyBuckets-1].Load(); got != 1 {
		t.Errorf("the last bucket has %d", got)
	}
	if got, want := latencyBound(0), 8.192e-6; got != want {
		t.Errorf("the first bound is %v", got)
	}
	for i := range latencyBuckets - 1 {
		b := int64(first) << i
		if latencyBucket(b) != i || latencyBucket(b+1) != i+1 {
			t.Errorf("bound %d: buckets %d and %d", i, latencyBucket(b), latencyBucket(b+1))
		}
	}
}

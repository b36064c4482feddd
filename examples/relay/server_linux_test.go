package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestClientsTalk(t *testing.T) { eachDriver(t, clientsTalk) }

func clientsTalk(t *testing.T) {
	s := serve(t, config{loops: 2})
	a, b := dial(t, s.addr()), dial(t, s.addr())
	a.send("SUB news")
	a.expect("OK")
	b.send("PUB news one\r", "PUB other x", "PING")
	b.expect("OK", "OK", "PONG")
	a.expect("MSG news one")
	a.send("UNSUB news", "PUB news two", "QUIT", "PING")
	a.expect("OK", "OK", "BYE")
	a.ends()
	b.send("PING")
	b.expect("PONG")
}

// Everybody subscribes to two topics and publishes in some. All subscribers of a topic get
// all its messages, in one order, and those of one publisher in his.
func TestHundredsOfClientsGetEverythingInOneOrder(t *testing.T) { eachDriver(t, hundredsOfClients) }

func hundredsOfClients(t *testing.T) {
	const clients, topics, each = 300, 30, 20
	s := serve(t, config{loops: 2, queue: 1 << 20})
	perTopic := clients * each / topics
	var mu sync.Mutex
	order := make(map[string][]string) // by topic, of whoever came first
	var ready, all sync.WaitGroup
	ready.Add(clients)
	for i := range clients {
		p := dial(t, s.addr())
		all.Go(func() {
			mine := []string{fmt.Sprint("t", i%topics), fmt.Sprint("t", (i+1)%topics)}
			p.send("SUB "+mine[0], "SUB "+mine[1])
			p.expect("OK", "OK")
			ready.Done()
			ready.Wait()
			go func() {
				for n := range each {
					fmt.Fprintf(p, "PUB t%d %d %d\n", (i+n)%topics, i, n)
				}
			}()
			acks := 0
			got := make(map[string][]string)
			for acks < each || len(got[mine[0]]) < perTopic || len(got[mine[1]]) < perTopic {
				line, err := p.r.ReadString('\n')
				if err != nil {
					t.Errorf("client %d: %v after %d and %d messages and %d answers", i, err, len(got[mine[0]]), len(got[mine[1]]), acks)
					return
				}
				f := strings.Fields(line)
				switch {
				case line == "OK\n":
					acks++
				case len(f) == 4 && f[0] == "MSG":
					got[f[1]] = append(got[f[1]], f[2]+" "+f[3])
				default:
					t.Errorf("client %d has received %q", i, line)
				}
			}
			p.send("QUIT")
			if line, err := p.r.ReadString('\n'); line != "BYE\n" {
				t.Errorf("client %d: %q, %v", i, line, err)
			}
			mu.Lock()
			defer mu.Unlock()
			for topic, list := range got {
				if order[topic] == nil {
					order[topic] = list
				} else if !slices.Equal(order[topic], list) {
					t.Errorf("client %d has the messages of %s in another order", i, topic)
				}
			}
		})
	}
	all.Wait()
	if len(order) != topics {
		t.Errorf("%d topics", len(order))
	}
	for topic, list := range order {
		last := make(map[string]int)
		for _, m := range list {
			from, n, _ := strings.Cut(m, " ")
			k, _ := strconv.Atoi(n)
			if k < last[from] {
				t.Errorf("%s: message %d of %s came after %d", topic, k, from, last[from])
			}
			last[from] = k
		}
	}
	if n := s.counts.dropped.Load(); n != 0 {
		t.Errorf("%d were dropped", n)
	}
}

// Messages and DROPPED together are all that was published, in order; nobody else is held up.
func TestSlowConsumerIsToldWhatItMissed(t *testing.T) { eachDriver(t, slowConsumer) }

func slowConsumer(t *testing.T) {
	s := serve(t, config{loops: 2, queue: minQueue})
	slow, quick, pub := dial(t, s.addr()), dial(t, s.addr()), dial(t, s.addr())
	for _, p := range []*peer{slow, quick} {
		p.send("SUB t")
		p.expect("OK")
	}
	text := strings.Repeat("x", 1000)
	n := 0
	for ; s.counts.dropped.Load() < 1000; n++ {
		if n > 100_000 {
			t.Fatal("nothing is dropped")
		}
		pub.send(fmt.Sprintf("PUB t %d %s", n, text))
		pub.expect("OK")
		quick.expect(fmt.Sprintf("MSG t %d %s", n, text))
	}
	dropped := s.counts.dropped.Load()
	next := 0
	for told := int64(0); next < n; {
		line := slow.line()
		if k, ok := strings.CutPrefix(line, "DROPPED "); ok {
			m, err := strconv.Atoi(k)
			if err != nil || m < 1 {
				t.Fatal(line)
			}
			next += m
			if told += int64(m); told > dropped {
				t.Fatalf("%d were dropped, and it is told of %d", dropped, told)
			}
			continue
		}
		if want := fmt.Sprintf("MSG t %d %s", next, text); line != want {
			t.Fatalf("received %.30q, want %.30q", line, want)
		}
		next++
	}
	pub.send("PUB t again")
	slow.expect("MSG t again")
	for _, p := range []*peer{slow, quick, pub} {
		p.Close()
	}
}

// A client that sends and does not read its answers is not read any more, and in the end closed.
func TestClientThatDoesNotReadAnswersIsClosed(t *testing.T) { eachDriver(t, doesNotReadAnswers) }

func doesNotReadAnswers(t *testing.T) {
	s := serve(t, config{loops: 1, queue: minQueue, grace: 300 * time.Millisecond})
	bad, good := dial(t, s.addr()), dial(t, s.addr())
	bad.SetReadBuffer(64 << 10)
	pings := strings.Repeat("PING\n", 10_000)
	for { // until the server has closed it
		if _, err := io.WriteString(bad, pings); err != nil {
			break
		}
	}
	good.send("PING")
	good.expect("PONG")
	good.Close()
	eventually(t, "both clients are gone", func() bool { return s.connections() == 0 })
}

func TestTooLongLineEndsTheConnection(t *testing.T) {
	s := serve(t, config{loops: 1})
	p, q := dial(t, s.addr()), dial(t, s.addr())
	longest := "PUB t " + strings.Repeat("x", maxLine-len("PUB t "))
	q.send("SUB t")
	q.expect("OK")
	p.send(longest)
	p.expect("OK")
	q.expect("MSG " + longest[len("PUB "):])
	// What the server has not read when it says so must not cost the client the answer.
	go io.WriteString(p, "PING\n"+strings.Repeat("x", 1<<20))
	p.expect("PONG", "ERR line longer than 4096 bytes")
	p.ends()
	p.Close()
	q.send("PING")
	q.expect("PONG")
	q.Close()
}

// Who closes his direction gets all that waits for him, and then the end.
func TestHalfCloseDrains(t *testing.T) { eachDriver(t, halfClose) }

func halfClose(t *testing.T) {
	s := serve(t, config{loops: 2, queue: 1 << 20})
	p, pub := dial(t, s.addr()), dial(t, s.addr())
	p.send("SUB t")
	p.expect("OK")
	for range 500 {
		pub.send("PUB t x")
		pub.expect("OK")
	}
	io.WriteString(p, strings.Repeat("PUB t y\n", 500)+"PUB t not whole")
	p.CloseWrite()
	for range 500 {
		p.expect("MSG t x")
	}
	for range 500 {
		p.expect("MSG t y", "OK")
	}
	p.ends()
	pub.send("PUB t z")
	pub.expect("OK")
	pub.CloseWrite()
	pub.ends()
}

// What waits for a connection that fails is neither delivered nor forgotten.
func TestMessagesOfAFailedConnectionAreCounted(t *testing.T) { eachDriver(t, failedConnection) }

func failedConnection(t *testing.T) {
	s := serve(t, config{loops: 1, queue: minQueue})
	p, pub := dial(t, s.addr()), dial(t, s.addr())
	p.send("SUB t")
	p.expect("OK")
	text := strings.Repeat("x", 1000)
	for s.counts.dropped.Load() == 0 {
		pub.send("PUB t " + text)
		pub.expect("OK")
	}
	p.SetLinger(0) // have it reset
	p.Close()
	eventually(t, "it is gone", func() bool { return s.connections() == 1 })
	if n := s.counts.lost.Load(); n == 0 {
		t.Error("nothing was lost")
	}
	pub.Close()
}

// A flood of clients is answered, and those who are there are served meanwhile.
func TestClientsBeyondTheLimitAreToldSo(t *testing.T) { eachDriver(t, beyondTheLimit) }

func beyondTheLimit(t *testing.T) {
	const room = 10
	s := serve(t, config{loops: 2, clients: room})
	var in []*peer
	for range room {
		p := dial(t, s.addr())
		p.send("PING")
		p.expect("PONG")
		in = append(in, p)
	}
	for range 200 {
		p := dial(t, s.addr())
		io.WriteString(p, "PING\n") // it may be closed by now
		p.expect("ERR too many clients")
		p.ends()
		p.Close()
		in[0].send("PING")
		in[0].expect("PONG")
	}
	const each, at = 20, 20 // and those of many at once
	var flood sync.WaitGroup
	for range at {
		flood.Go(func() {
			for range each {
				c, err := net.Dial("tcp", s.addr().String())
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := io.ReadAll(c); err != nil || string(got) != "ERR too many clients\n" {
					t.Errorf("%q, %v", got, err)
				}
				c.Close()
			}
		})
	}
	over := make(chan struct{})
	go func() {
		flood.Wait()
		close(over)
	}()
	for flooded := true; flooded; {
		in[0].send("PING")
		in[0].expect("PONG")
		select {
		case <-over:
			flooded = false
		default:
		}
	}
	if n := s.counts.refused.Load(); n != 200+each*at {
		t.Errorf("%d were refused", n)
	}
	for _, p := range in {
		p.Close()
	}
	eventually(t, "there is room again", func() bool { return s.connections() == 0 })
	p := dial(t, s.addr())
	p.send("PING")
	p.expect("PONG")
	p.Close()
}

// A flood of PINGs by clients who read no answer takes the buffers of a loop, but not all.
func TestFloodsLeaveTheLoopToOthers(t *testing.T) { eachDriver(t, floods) }

func floods(t *testing.T) {
	s := serve(t, config{loops: 1, queue: minQueue, grace: 2 * time.Second})
	pings := strings.Repeat("PING\n", 1000)
	var floods sync.WaitGroup
	stop := make(chan struct{})
	for range 400 {
		p := dial(t, s.addr())
		floods.Go(func() {
			for {
				select {
				case <-stop:
					p.Close()
					return
				default:
				}
				p.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
				if _, err := io.WriteString(p, pings); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
					p.Close()
					return
				}
			}
		})
	}
	good := dial(t, s.addr())
	for range 15 {
		good.send("PING")
		good.expect("PONG")
	}
	close(stop)
	good.Close()
	floods.Wait()
	eventually(t, "all are gone", func() bool { return s.connections() == 0 })
}

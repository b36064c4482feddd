package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// BenchmarkRelay has publishers send pipelined to 10 subscribers each. The clients are
// goroutines of the same process and cost more than the server does: what can be compared is
// loops with loops, and own topics with one that all share.
func BenchmarkRelay(b *testing.B) {
	for _, x := range []struct {
		loops  int
		shared bool
	}{{1, false}, {1, true}, {2, false}, {2, true}} {
		name := fmt.Sprintf("loops=%d/topics=own", x.loops)
		if x.shared {
			name = fmt.Sprintf("loops=%d/topics=shared", x.loops)
		}
		b.Run(name, func(b *testing.B) { benchmarkRelay(b, x.loops, x.shared) })
	}
}

func benchmarkRelay(b *testing.B, loops int, shared bool) {
	const publishers, subscribers = 8, 10
	s, err := start(config{addr: "127.0.0.1:0", loops: loops, clients: 1000, queue: 64 << 20, grace: 10 * time.Second}, io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	var subs []*peer
	for range subscribers {
		for j := range publishers {
			if shared && j > 0 {
				break // the same number of deliveries for each message
			}
			p := dial(b, s.addr())
			p.send(fmt.Sprint("SUB t", j))
			p.expect("OK")
			subs = append(subs, p)
			go io.Copy(io.Discard, p.r)
		}
	}
	text := "PUB t%d " + strings.Repeat("x", 64) + "\n"
	each := b.N/publishers + 1
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.ResetTimer()
	var all sync.WaitGroup
	for j := range publishers {
		line := fmt.Sprintf(text, j)
		if shared {
			line = fmt.Sprintf(text, 0)
		}
		p := dial(b, s.addr())
		all.Go(func() {
			defer p.Close()
			chunk := strings.Repeat(line, 50)
			left := each
			acks := make([]byte, 50*len("OK\n"))
			for left > 0 {
				n := min(left, 50)
				if _, err := io.WriteString(p, chunk[:n*len(line)]); err != nil {
					b.Error(err)
					return
				}
				if _, err := io.ReadFull(p.r, acks[:n*len("OK\n")]); err != nil {
					b.Error(err)
					return
				}
				left -= n
			}
		})
	}
	all.Wait()
	for s.counts.delivered.Load() < s.counts.queued.Load() {
		time.Sleep(100 * time.Microsecond)
	}
	b.StopTimer()
	runtime.ReadMemStats(&after)
	n := float64(each * publishers)
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/msg")
	b.ReportMetric(n*subscribers/b.Elapsed().Seconds(), "deliveries/s")
	if d := s.counts.dropped.Load(); d > 0 {
		b.Errorf("%d were dropped", d)
	}
	for _, p := range subs {
		p.Close()
	}
	s.shutdown(b.Context())
}

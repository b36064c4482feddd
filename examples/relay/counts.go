package main

import (
	"fmt"
	"math/bits"
	"sync/atomic"
)

// counts are what the server has done.
type counts struct {
	accepted  atomic.Int64 // connections
	refused   atomic.Int64 // connections beyond those that may be
	published atomic.Int64 // PUB that were acknowledged
	others    atomic.Int64 // other commands that were
	errors    atomic.Int64 // lines that were answered with ERR

	// What became of messages, for each subscriber that was to get one. In the end what
	// was queued is delivered or lost.
	queued    atomic.Int64
	delivered atomic.Int64 // given to the kernel
	lost      atomic.Int64 // with a connection that has failed
	dropped   atomic.Int64 // not queued, and the subscriber told
}

func (c *counts) String() string {
	return fmt.Sprintf("%d connections, %d messages published, %d delivered, %d dropped, %d lost with their connections",
		c.accepted.Load(), c.published.Load(), c.delivered.Load(), c.dropped.Load(), c.lost.Load())
}

// latency is a histogram of the time from a PUB to the end of the Write that has the
// message. The buckets' bounds are powers of two, so that a message costs a few
// instructions, and mostly no atomic one.
type latency struct {
	buckets [latencyBuckets]atomic.Uint64
	sum     atomic.Int64 // nanoseconds
}

const (
	latencyShift   = 13 // the first bound is 8.192 us
	latencyBuckets = 22 // the last one is 8.6 s; the rest is beyond
)

// bound returns the upper bound of bucket i in seconds.
func latencyBound(i int) float64 { return float64(uint64(1)<<(latencyShift+i)) / 1e9 }

func latencyBucket(ns int64) int {
	return min(bits.Len64(uint64(max(ns-1, 0))>>latencyShift), latencyBuckets-1)
}

// observe counts messages that were published at these times.
func (l *latency) observe(now int64, since []int64) {
	run, bucket := uint64(0), 0
	var sum int64
	for _, at := range since {
		ns := now - at
		sum += ns
		if b := latencyBucket(ns); b != bucket {
			if run > 0 {
				l.buckets[bucket].Add(run)
			}
			run, bucket = 0, b
		}
		run++
	}
	l.buckets[bucket].Add(run)
	l.sum.Add(sum)
}

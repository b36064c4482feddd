package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/pinion-go/pinion/future/aio"
)

// A website shows how a server fares. It is an ordinary http.Server, whose goroutines
// block on connections of package aio.
type website struct {
	l           *aio.Listener
	srv         *http.Server
	driver, why string
}

func serveHTTP(addr string, s *server) (*website, error) {
	l, err := aio.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collector{s})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if s.stopping.Load() {
			http.Error(w, "stopping", http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, "ok\n")
	})
	w := &website{l: l, srv: &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}}
	w.driver, w.why = l.Driver()
	go func() {
		if err := w.srv.Serve(l); err != http.ErrServerClosed {
			fmt.Fprintln(s.log, "relay: http:", err)
		}
	}()
	return w, nil
}

func (w *website) addr() net.Addr { return w.l.Addr() }

// close ends the website; requests under way have a second.
func (w *website) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if w.srv.Shutdown(ctx) != nil {
		w.srv.Close()
	}
}

// collector reads the numbers when Prometheus asks for them, so that the loops have nothing
// to do with its locks.
type collector struct{ s *server }

func describe(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }

var (
	descConnections = describe("relay_connections", "Clients that are connected.")
	descTopics      = describe("relay_topics", "Topics that somebody has subscribed to.")
	descLatency     = describe("relay_delivery_seconds", "Time from a PUB to the end of the write that has the message.")

	counters = []struct {
		desc *prometheus.Desc
		of   func(c *counts) int64
	}{
		{describe("relay_accepted_total", "Connections that were accepted."), func(c *counts) int64 { return c.accepted.Load() }},
		{describe("relay_refused_total", "Connections beyond those that may be."), func(c *counts) int64 { return c.refused.Load() }},
		{describe("relay_published_total", "PUB commands that were acknowledged."), func(c *counts) int64 { return c.published.Load() }},
		{describe("relay_other_commands_total", "Other commands that were acknowledged."), func(c *counts) int64 { return c.others.Load() }},
		{describe("relay_errors_total", "Lines that were answered with ERR."), func(c *counts) int64 { return c.errors.Load() }},
		{describe("relay_queued_total", "Messages put into a subscriber's queue."), func(c *counts) int64 { return c.queued.Load() }},
		{describe("relay_delivered_total", "Messages given to the kernel for a subscriber."), func(c *counts) int64 { return c.delivered.Load() }},
		{describe("relay_dropped_total", "Messages for which a subscriber was too slow."), func(c *counts) int64 { return c.dropped.Load() }},
		{describe("relay_lost_total", "Messages in the queue of a connection that failed."), func(c *counts) int64 { return c.lost.Load() }},
	}

	ledgers = []struct {
		desc *prometheus.Desc
		of   func(l aio.Ledger) int64
	}{
		{describe("aio_descriptors", "Connections and listeners that are open."), func(l aio.Ledger) int64 { return l.Descriptors }},
		{describe("aio_operations", "Operations under way in the kernel."), func(l aio.Ledger) int64 { return l.Operations }},
		{describe("aio_pins", "Buffers pinned for an operation."), func(l aio.Ledger) int64 { return l.Pins }},
		{describe("aio_buffers", "Buffers of the pools that hold received bytes."), func(l aio.Ledger) int64 { return l.Buffers }},
		{describe("aio_accepted", "Connections that listeners have accepted."), func(l aio.Ledger) int64 { return l.Accepted }},
		{describe("aio_orphans", "Of these, closed since nobody took them."), func(l aio.Ledger) int64 { return l.Orphans }},
		{describe("aio_received_bytes", "Bytes received."), func(l aio.Ledger) int64 { return l.Received }},
		{describe("aio_dropped_bytes", "Of these, not read when their connection was closed."), func(l aio.Ledger) int64 { return l.Dropped }},
		{describe("aio_calls", "System calls by which operations were begun and taken up."), func(l aio.Ledger) int64 { return l.Calls }},
		{describe("aio_sent_bytes", "Bytes sent."), func(l aio.Ledger) int64 { return l.Sent }},
	}
)

// Describe implements [prometheus.Collector].
func (c collector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements [prometheus.Collector].
func (c collector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v int64) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v))
	}
	s := c.s
	gauge(descConnections, int64(s.connections()))
	gauge(descTopics, int64(s.hub.count()))
	for _, m := range counters {
		ch <- prometheus.MustNewConstMetric(m.desc, prometheus.CounterValue, float64(m.of(&s.counts)))
	}
	ledger := aio.ReadLedger()
	for _, m := range ledgers {
		gauge(m.desc, m.of(ledger))
	}
	buckets := make(map[float64]uint64)
	var total uint64
	for i := range s.latency.buckets {
		total += s.latency.buckets[i].Load()
		if i < latencyBuckets-1 {
			buckets[latencyBound(i)] = total
		}
	}
	ch <- prometheus.MustNewConstHistogram(descLatency, total, float64(s.latency.sum.Load())/1e9, buckets)
}

package main

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/pinion-go/pinion/future/aio"
)

func TestWrongUseIsAnErrorWithStatus2(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	fds, ledger := open(t)
	for _, x := range []struct {
		args, want string
		status     int
	}{
		{"-nope", "flag provided but not defined: -nope", 2},
		{"-loops x", "invalid value", 2},
		{"-loops -1", "-loops -1 is not between 0 and 1024", 2},
		{"-clients 0", "-clients 0 admits nobody", 2},
		{"-queue 10", "-queue 10 has no room for the longest message", 2},
		{"-grace -1s", "-grace -1s is negative", 2},
		{"-zero-copy -1", "-zero-copy -1 is negative", 2},
		{"more", `unexpected argument "more"`, 2},
		{"-driver sim", "nobody can connect", 2},
		{"-driver none", `no driver "none"`, 2},
		{"-addr 127.0.0.1:x", "unknown port", 2},
		{"-addr " + busy.Addr().String(), "address already in use", 2},
		{"-addr 127.0.0.1:0 -http " + busy.Addr().String(), "address already in use", 2},
		{"-h", "bytes that may wait for a client", 0},
	} {
		var stdout, stderr strings.Builder
		if status := run(strings.Fields(x.args), &stdout, &stderr, nil); status != x.status || !strings.Contains(stderr.String(), x.want) {
			t.Errorf("%s: status %d, %s", x.args, status, &stderr)
		}
		if stdout.Len() > 0 { // it listens nowhere, then
			t.Errorf("%s: %s", x.args, &stdout)
		}
	}
	eventually(t, "all is closed", func() bool {
		n, l := open(t)
		return n <= fds && l == ledger
	})
}

func TestSaysWhereItServesAndWhy(t *testing.T) { eachDriver(t, saysWhereItServes) }

func saysWhereItServes(t *testing.T) {
	name, why := aio.Probe()
	server, addr := startServer(t, "-loops", "1", "-grace", "5s")
	web := server.until("/metrics, driver " + name + ": " + why)
	url := regexp.MustCompile(`http://\S+/metrics`).FindString(web)
	get := func(url string) (status int, body string) {
		t.Helper()
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b)
	}
	p := dial(t, addr)
	p.send("SUB t", "PUB t x", "PUB t y", "WHAT")
	p.expect("OK", "MSG t x", "OK", "MSG t y", "OK", "ERR unknown command: want SUB, UNSUB, PUB, PING or QUIT")
	eventually(t, "the messages are counted", func() bool {
		_, body := get(url)
		return strings.Contains(body, "\nrelay_delivered_total 2\n")
	})
	status, body := get(url)
	for _, want := range []string{
		"relay_connections 1", "relay_topics 1", "relay_accepted_total 1", "relay_published_total 2",
		"relay_errors_total 1", "relay_dropped_total 0", "relay_delivery_seconds_count 2",
		`relay_delivery_seconds_bucket{le="+Inf"} 2`, "aio_pins 0", "aio_orphans 0",
	} {
		if !strings.Contains(body, "\n"+want+"\n") {
			t.Errorf("status %d, and no %q", status, want)
		}
	}
	// The two listeners, this client, and who asks.
	if !strings.Contains(body, "\naio_descriptors 4\n") {
		t.Error(regexp.MustCompile(`(?m)^aio_descriptors .*`).FindString(body))
	}
	health := strings.TrimSuffix(url, "metrics") + "healthz"
	if status, body := get(health); status != 200 || body != "ok\n" {
		t.Errorf("%d %q", status, body)
	}
	server.cmd.Process.Signal(syscall.SIGTERM)
	p.expect("BYE")
	p.ends()
	if status, body := get(health); status != http.StatusServiceUnavailable {
		t.Errorf("while it ends: %d %q", status, body)
	}
	p.Close()
	http.DefaultClient.CloseIdleConnections()
	if status, last := server.status(); status != 0 || server.stderr.Len() > 0 {
		t.Errorf("status %d, %s, %s", status, last, server.stderr.String())
	}
}

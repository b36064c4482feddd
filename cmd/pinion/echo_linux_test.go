package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestEchoServesUntilItIsInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	r, w := io.Pipe()
	var stderr bytes.Buffer
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, []string{"echo", "-addr", "127.0.0.1:0", "-loops", "1"}, nil, w, &stderr)
		w.Close()
	}()
	out := bufio.NewReader(r)
	line, err := out.ReadString('\n')
	if err != nil {
		t.Fatalf("%v; %s", err, &stderr)
	}
	m := regexp.MustCompile(`^listening on (\S+) with 1 loops, driver \w+: `).FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("it begins with %q", line)
	}
	c, err := net.Dial("tcp", m[1])
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(30 * time.Second))
	const sent = "back, please"
	if _, err := io.WriteString(c, sent); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != sent {
		t.Errorf("%q came back, and %v", got, err)
	}
	interrupt() // the connection is still open
	rest, _ := io.ReadAll(out)
	if !strings.Contains(string(rest), "served 1 connections, 1 messages, 12 bytes") {
		t.Errorf("at the end: %q", rest)
	}
	if got := <-status; got != exitOK || stderr.Len() > 0 {
		t.Errorf("status %d, %s", got, &stderr)
	}
	c.Close()
}

func TestEchoSaysWhatIsWrong(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-addr", l.Addr().String()}, "address already in use"},
		{[]string{"-addr", "nowhere"}, "missing port"},
		{[]string{"-driver", "telepathy"}, `no driver "telepathy"`},
		{[]string{"-driver", "sim"}, "nobody can connect"},
		{[]string{"-loops", "-1"}, "number of loops"},
		{[]string{"more"}, "no arguments"},
	} {
		var stdout, stderr bytes.Buffer
		status := run(context.Background(), append([]string{"echo"}, c.args...), nil, &stdout, &stderr)
		if status != exitUsage || !strings.Contains(stderr.String(), c.want) || stdout.Len() > 0 {
			t.Errorf("echo %v: status %d, %q, %q", c.args, status, &stdout, &stderr)
		}
	}
}

func TestEchoServesNoSimulation(t *testing.T) {
	t.Setenv("PINION_AIO_DRIVER", "sim")
	var stdout, stderr bytes.Buffer
	status := run(context.Background(), []string{"echo", "-addr", "127.0.0.1:0"}, nil, &stdout, &stderr)
	if status != exitUsage || !strings.Contains(stderr.String(), "nobody can connect") || stdout.Len() > 0 {
		t.Errorf("status %d, %q, %q", status, &stdout, &stderr)
	}
}

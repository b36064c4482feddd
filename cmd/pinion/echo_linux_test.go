package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future/aio"
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

// TestEchoEndsWithStatus0AtSIGTERM runs the program itself, with each driver.
func TestEchoEndsWithStatus0AtSIGTERM(t *testing.T) {
	for _, driver := range []string{"uring", "epoll", "portable"} {
		t.Run(driver, func(t *testing.T) {
			rt, err := aio.NewRuntime(aio.Options{Loops: 1, Driver: driver})
			if err != nil {
				t.Skip(err)
			}
			rt.Shutdown(t.Context())
			cmd := exec.Command(os.Args[0], "echo", "-addr", "127.0.0.1:0", "-loops", "1", "-driver", driver)
			cmd.Env = append(os.Environ(), asProgram+"=1")
			cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
			cmd.Stderr = os.Stderr
			pipe, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() }).Stop()
			out := bufio.NewReader(pipe)
			line, _ := out.ReadString('\n')
			_, at, _ := strings.Cut(line, "listening on ")
			addr, why, _ := strings.Cut(at, " ")
			if !strings.Contains(why, "driver "+driver) {
				t.Errorf("it begins with %q", line)
			}
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			io.WriteString(c, "back, please")
			if _, err := io.ReadFull(c, make([]byte, 12)); err != nil {
				t.Error(err)
			}
			cmd.Process.Signal(syscall.SIGTERM)
			rest, _ := io.ReadAll(out)
			if !strings.Contains(string(rest), "served 1 connections, 1 messages, 12 bytes") {
				t.Errorf("at the end: %q", rest)
			}
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
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
		{[]string{"-loops", "-1"}, "-loops -1 is not between"},
		{[]string{"-loops", "1025"}, "-loops 1025 is not between"},
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

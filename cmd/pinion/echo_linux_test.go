package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
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
		status <- run(ctx, []string{"echo", "-addr", "127.0.0.1:0", "-loops", "1", "-zero-copy", "10"}, nil, w, &stderr)
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

// eachEcho runs f with the program itself, with each driver, and then ends it with SIGTERM: it says
// what it has served, and its status is 0.
func eachEcho(t *testing.T, f func(t *testing.T, addr string) (served string)) {
	for _, driver := range []string{"uring", "epoll", "portable"} {
		t.Run(driver, func(t *testing.T) {
			rt, err := aio.NewRuntime(aio.Options{Loops: 1, Driver: driver})
			if err != nil {
				t.Skip(err)
			}
			rt.Shutdown(t.Context())
			cmd := program("echo", "-addr", "127.0.0.1:0", "-loops", "1", "-driver", driver)
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
			served := f(t, addr)
			cmd.Process.Signal(syscall.SIGTERM)
			rest, _ := io.ReadAll(out)
			if !strings.Contains(string(rest), served) {
				t.Errorf("at the end: %q, want %q", rest, served)
			}
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestEchoOutlivesItsReader: nobody reads what it prints any more when it is to end.
func TestEchoOutlivesItsReader(t *testing.T) {
	cmd := program("echo", "-addr", "127.0.0.1:0", "-loops", "1")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() }).Stop()
	if _, err := bufio.NewReader(pipe).ReadString('\n'); err != nil {
		t.Error(err)
	}
	pipe.Close()
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// program is pinion, to be run with these arguments. It does not outlive the test.
func program(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = os.Stderr
	return cmd
}

func TestEchoEndsWithStatus0AtSIGTERM(t *testing.T) {
	eachEcho(t, func(t *testing.T, addr string) string {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		io.WriteString(c, "back, please")
		if _, err := io.ReadFull(c, make([]byte, 12)); err != nil {
			t.Error(err)
		}
		return "served 1 connections, 1 messages, 12 bytes"
	})
}

// TestEchoEndsWithStatus0UnderLoad has the signal come while all connections are busy, and some do not read.
func TestEchoEndsWithStatus0UnderLoad(t *testing.T) {
	eachEcho(t, func(t *testing.T, addr string) string {
		const clients, each = 40, 20
		var warm, all sync.WaitGroup
		t.Cleanup(all.Wait)
		for i := range clients {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			c.SetDeadline(time.Now().Add(30 * time.Second))
			t.Cleanup(func() { c.Close() })
			if i%8 == 0 {
				all.Go(func() { // until the server closes
					for {
						if _, err := c.Write(make([]byte, 1<<20)); err != nil {
							return
						}
					}
				})
				continue
			}
			warm.Add(1)
			all.Go(func() {
				want, got := []byte(fmt.Sprintf("message of client %d", i)), make([]byte, 100)
				for n := 0; ; n++ {
					if n == each {
						warm.Done()
					}
					_, err := c.Write(want)
					if err == nil {
						_, err = io.ReadFull(c, got[:len(want)])
					}
					if err != nil {
						if n < each {
							t.Errorf("client %d: %v after %d messages", i, err, n)
							warm.Done()
						}
						return
					}
					if !bytes.Equal(got[:len(want)], want) {
						t.Errorf("client %d had back %q", i, got[:len(want)])
					}
				}
			})
		}
		warm.Wait()
		return fmt.Sprintf("served %d connections", clients)
	})
}

// TestEchoOutlivesAKilledFarm: a process with many connections is killed while it sends.
func TestEchoOutlivesAKilledFarm(t *testing.T) {
	eachEcho(t, func(t *testing.T, addr string) string {
		n := 5000
		var limit syscall.Rlimit
		syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
		if testing.Short() || limit.Cur < 6000 {
			n = 500
		}
		farm := program()
		farm.Env = append(farm.Env, fmt.Sprintf("%s=%s %d", asFarm, addr, n))
		pipe, err := farm.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := farm.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(pipe).ReadString('\n'); line != "sending\n" {
			t.Errorf("the farm says %q, %v", line, err)
		}
		farm.Process.Kill()
		farm.Wait()
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(20 * time.Second))
		io.WriteString(c, "still there?")
		if got, err := io.ReadAll(io.LimitReader(c, 12)); string(got) != "still there?" {
			t.Errorf("%q, %v", got, err)
		}
		return fmt.Sprintf("served %d connections", n+1)
	})
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
		{[]string{"-zero-copy", "-1"}, "-zero-copy -1 is not"},
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

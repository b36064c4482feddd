package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A child is this binary, started anew.
type child struct {
	t      *testing.T
	cmd    *exec.Cmd
	out    *bufio.Scanner
	pipe   io.Closer // under out
	stderr strings.Builder
}

func startChild(t *testing.T, as string, args ...string) *child {
	t.Helper()
	c := &child{t: t, cmd: exec.Command(os.Args[0], args...)}
	c.cmd.Env = append(os.Environ(), "RELAY_TEST_AS="+as)
	c.cmd.Stderr = &c.stderr
	// It ends with this process, however that ends.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out, c.pipe = bufio.NewScanner(out), out
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(4*patience, func() { c.cmd.Process.Kill() })
	t.Cleanup(func() {
		stop.Stop()
		if c.cmd.ProcessState == nil {
			c.cmd.Process.Kill()
			c.cmd.Wait()
		}
	})
	return c
}

// until returns the first line of output from now on that has what is wanted in it.
func (c *child) until(what string) string {
	c.t.Helper()
	for c.out.Scan() {
		if strings.Contains(c.out.Text(), what) {
			return c.out.Text()
		}
	}
	c.cmd.Wait()
	c.t.Fatalf("the child has not printed %q: %v, %s", what, c.cmd.ProcessState, c.stderr.String())
	return ""
}

// status waits for the end and returns the exit status and the last line of output.
func (c *child) status() (status int, last string) {
	for c.out.Scan() {
		last = c.out.Text()
	}
	c.cmd.Wait()
	return c.cmd.ProcessState.ExitCode(), last
}

type address string

func (a address) Network() string { return "tcp" }
func (a address) String() string  { return string(a) }

// startServer starts the program and returns where it serves clients.
func startServer(t *testing.T, args ...string) (*child, net.Addr) {
	t.Helper()
	c := startChild(t, "server", append([]string{"-addr", "127.0.0.1:0", "-http", "127.0.0.1:0"}, args...)...)
	line := c.until("listening on ")
	_, at, _ := strings.Cut(line, "listening on ")
	addr, _, _ := strings.Cut(at, " ")
	return c, address(addr)
}

// Publishers count the answers that they have got when BYE comes; each of these messages
// has reached each subscriber before its own BYE.
func TestSIGTERMUnderLoadLosesNothingAcknowledged(t *testing.T) { eachDriver(t, terminateUnderLoad) }

func terminateUnderLoad(t *testing.T) {
	const publishers, subscribers, window, enough = 8, 16, 64, 20_000
	server, addr := startServer(t, "-loops", "2", "-queue", "268435456", "-grace", "20s")
	var acked [publishers]int // set before all is done
	var received [subscribers][publishers]int
	var total atomic.Int64
	var loaded sync.Once
	load := make(chan struct{})
	var all sync.WaitGroup
	for i := range subscribers {
		p := dial(t, addr)
		p.send("SUB t")
		p.expect("OK")
		all.Go(func() {
			defer p.Close()
			for bye := false; ; {
				line, err := p.r.ReadString('\n')
				if err == io.EOF && bye {
					return
				}
				f := strings.Fields(line)
				switch {
				case err != nil || bye:
					t.Errorf("subscriber %d: %q, %v, BYE before it: %v", i, line, err, bye)
					return
				case line == "BYE\n":
					bye = true
				case len(f) == 4 && f[0] == "MSG":
					from, _ := strconv.Atoi(f[2])
					n, _ := strconv.Atoi(f[3])
					if n != received[i][from] {
						t.Errorf("subscriber %d: message %d of %d, want %d", i, n, from, received[i][from])
						return
					}
					received[i][from]++
				default:
					t.Errorf("subscriber %d: %q", i, line)
					return
				}
			}
		})
	}
	for i := range publishers {
		p := dial(t, addr)
		free := make(chan struct{}, window)
		ended := make(chan struct{})
		go func() {
			for n := 0; ; n++ {
				select {
				case free <- struct{}{}:
				case <-ended:
					return
				}
				if _, err := fmt.Fprintf(p, "PUB t %d %d\n", i, n); err != nil {
					return
				}
			}
		}()
		all.Go(func() {
			defer p.Close()
			defer close(ended)
			for bye := false; ; {
				line, err := p.r.ReadString('\n')
				switch {
				case err == io.EOF && bye:
					return
				case err != nil || bye:
					t.Errorf("publisher %d: %q, %v, BYE before it: %v", i, line, err, bye)
					return
				case line == "BYE\n":
					bye = true
				case line == "OK\n":
					acked[i]++
					<-free
					if total.Add(1) == enough {
						loaded.Do(func() { close(load) })
					}
				default:
					t.Errorf("publisher %d: %q", i, line)
					return
				}
			}
		})
	}
	select {
	case <-load:
	case <-time.After(2 * patience):
		t.Errorf("only %d messages within %v", total.Load(), 2*patience)
	}
	if err := server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(2 * patience):
		t.Fatal("the clients have not ended")
	}
	for i := range subscribers {
		for from, n := range acked {
			if received[i][from] < n {
				t.Errorf("subscriber %d has %d messages of publisher %d, who has %d acknowledged", i, received[i][from], from, n)
			}
		}
	}
	status, last := server.status()
	if status != 0 || !strings.Contains(last, " 0 dropped, 0 lost") || server.stderr.Len() > 0 {
		t.Errorf("status %d, %q, %s", status, last, server.stderr.String())
	}
	t.Logf("%d acknowledged when the signal was sent or later; %s", total.Load(), last)
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	server, addr := startServer(t, "-loops", "1", "-grace", "1h")
	p := dial(t, addr)
	p.send("PING")
	p.expect("PONG")
	server.cmd.Process.Signal(os.Interrupt)
	p.expect("BYE")
	p.ends() // and does not close
	server.cmd.Process.Signal(os.Interrupt)
	if status, _ := server.status(); status != 1 || !strings.Contains(server.stderr.String(), "ending at once") {
		t.Errorf("status %d, %s", status, server.stderr.String())
	}
}

func TestGraceCutsOffWhoDoesNotClose(t *testing.T) {
	server, addr := startServer(t, "-loops", "1", "-grace", "200ms")
	p := dial(t, addr)
	p.send("PING")
	p.expect("PONG")
	server.cmd.Process.Signal(syscall.SIGTERM)
	if status, _ := server.status(); status != 0 || !strings.Contains(server.stderr.String(), "1 clients were cut off") {
		t.Errorf("status %d, %s", status, server.stderr.String())
	}
	p.expect("BYE")
	p.ends()
}

// TestAReaderOfTheOutputMayGo: nobody reads what the server prints any more when it is told to end, and the
// clients have what is theirs all the same.
func TestAReaderOfTheOutputMayGo(t *testing.T) {
	server, addr := startServer(t, "-loops", "1", "-grace", "5s")
	p := dial(t, addr)
	p.send("SUB t", "PUB t x")
	p.expect("OK", "MSG t x", "OK")
	server.pipe.Close()
	server.cmd.Process.Signal(syscall.SIGTERM)
	p.expect("BYE")
	p.ends()
	p.Close()
	if err := server.cmd.Wait(); err != nil {
		t.Error(err, server.stderr.String())
	}
}

// farm is so many clients, each of which publishes for ten subscribers once in a while, until they
// are killed.
func farm(addr, number, while string) {
	n, _ := strconv.Atoi(number)
	pause, _ := time.ParseDuration(while)
	var ready sync.WaitGroup
	dialing := make(chan struct{}, 64)
	for i := range n {
		ready.Add(1)
		go func() {
			dialing <- struct{}{}
			c, err := net.Dial("tcp", addr)
			<-dialing
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			fmt.Fprintf(c, "SUB f%d\n", i/10)
			if line, err := bufio.NewReader(io.LimitReader(c, 3)).ReadString('\n'); line != "OK\n" {
				fmt.Fprintln(os.Stderr, line, err)
				os.Exit(1)
			}
			ready.Done()
			go io.Copy(io.Discard, c)
			time.Sleep(pause * time.Duration(i%500) / 500)
			for {
				if _, err := fmt.Fprintf(c, "PUB f%d %s\n", i/10, strings.Repeat("x", 50)); err != nil {
					os.Exit(1)
				}
				time.Sleep(pause)
			}
		}()
	}
	ready.Wait()
	fmt.Println("ready")
	time.Sleep(4 * patience)
}

func TestKilledFarmLeavesNothing(t *testing.T) { eachDriver(t, killFarm) }

func killFarm(t *testing.T) {
	n, pause := 5000, "500ms"
	var limit syscall.Rlimit
	syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	if testing.Short() || limit.Cur < 6000 {
		n = 500
	}
	if os.Getenv("PINION_AIO_DRIVER") == "portable" {
		pause = "3s" // or a loop, which does the writes, would be too busy to get to the end
	}
	s := serve(t, config{loops: 2})
	f := startChild(t, "farm", s.addr().String(), strconv.Itoa(n), pause)
	f.until("ready")
	before := s.counts.published.Load()
	eventually(t, "the farm publishes", func() bool { return s.counts.published.Load() > before+int64(n) })
	if got := s.connections(); got != n {
		t.Errorf("%d connections, want %d", got, n)
	}
	// Two others talk all the time: what is acknowledged reaches the one who has subscribed, in order.
	sub, pub := dial(t, s.addr()), dial(t, s.addr())
	sub.send("SUB own")
	sub.expect("OK")
	stop, acked, got := make(chan struct{}), make(chan int, 1), make(chan int, 1)
	go func() {
		n := 0
		for going := true; going; n++ {
			pub.send(fmt.Sprint("PUB own ", n))
			pub.expect("OK")
			select {
			case <-stop:
				going = false
			default:
			}
		}
		acked <- n
	}()
	go func() {
		for n := 0; ; n++ {
			line, err := sub.r.ReadString('\n')
			if line == "BYE\n" {
				got <- n
				return
			}
			if want := fmt.Sprintf("MSG own %d\n", n); line != want || err != nil {
				t.Errorf("%q, %v; want %q", line, err, want)
				got <- -1
				return
			}
		}
	}()
	time.Sleep(20 * time.Millisecond)
	f.cmd.Process.Kill()
	f.cmd.Wait()
	eventually(t, "the farm's connections are gone", func() bool { return s.connections() == 2 })
	close(stop)
	sent := <-acked
	eventually(t, "the last is delivered", func() bool { return s.counts.delivered.Load()+s.counts.lost.Load() == s.counts.queued.Load() })
	sub.send("QUIT")
	if n := <-got; n != sent {
		t.Errorf("%d messages were acknowledged, and %d came", sent, n)
	}
	sub.Close()
	pub.Close()
	eventually(t, "the two are gone", func() bool { return s.connections() == 0 })
	p := dial(t, s.addr())
	p.send("SUB t", "PUB t x")
	p.expect("OK", "MSG t x", "OK")
	p.Close()
	t.Logf("%d connections; %v", n, &s.counts)
}

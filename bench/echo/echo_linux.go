// Package echo measures echo servers beside each other: each in a process and on a core of
// its own, with the client on another.
package echo

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

//go:generate go run github.com/pinion-go/pinion/future/async/internal/regen

// Case is what is measured.
type Case struct {
	Server string
	Conns  int
	Size   int
	For    time.Duration
}

// Result is one measurement.
type Result struct {
	Case
	Trips    float64       // round trips a second
	CPU      time.Duration // of the server, for each
	P50, P99 time.Duration
}

const childVar = "PINION_BENCH_ECHO"

// Child serves if this process was started to do so, and does not return then. Main calls it
// first.
func Child() {
	name := os.Getenv(childVar)
	if name == "" {
		return
	}
	pin(0)
	err := servers[name](func(port int) { fmt.Println(port) })
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// pin has all of this process's threads run on one core.
func pin(core int) {
	var set unix.CPUSet
	set.Set(core)
	threads, _ := os.ReadDir("/proc/self/task")
	for _, t := range threads {
		if tid, err := strconv.Atoi(t.Name()); err == nil {
			unix.SchedSetaffinity(tid, &set)
		}
	}
}

// Measure starts the server and puts the load on it.
func Measure(c Case) (Result, error) {
	if servers[c.Server] == nil {
		return Result{}, errUsage
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childVar+"="+c.Server, "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return Result{}, err
	}
	if err := cmd.Start(); err != nil {
		return Result{}, err
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(syscall.SIGKILL)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return Result{}, err
	}
	port, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		return Result{}, err
	}
	pin(1)
	before := cpu(cmd.Process.Pid)
	start := time.Now()
	trips, seconds, lat, err := load(port, c.Conns, c.Size, c.For)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", c.Server, err)
	}
	spent, wall := cpu(cmd.Process.Pid)-before, time.Since(start).Seconds()
	r := Result{Case: c, Trips: float64(trips) / seconds}
	r.CPU = time.Duration(float64(spent) / (r.Trips * wall))
	r.P50, r.P99 = lat[len(lat)/2], lat[len(lat)*99/100]
	return r, nil
}

// cpu returns the time that a process has spent on its cores.
func cpu(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	user, _ := strconv.ParseInt(f[11], 10, 64)
	sys, _ := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+sys) * 10 * time.Millisecond
}

// String is the result as JSON.
func (r Result) String() string {
	b, _ := json.Marshal(r)
	return string(b)
}

package echo

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const childVar = "PINION_BENCH_ECHO"

// Child serves if this process was started to do so, and does not return then. Main calls it
// first.
func Child() {
	name := os.Getenv(childVar)
	if name == "" {
		return
	}
	if runtime.GOMAXPROCS(0) == 1 {
		pin(0)
	}
	go answer(os.Stdin, os.Stdout)
	err := servers[name](func(port int) { fmt.Println(port) })
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// stats are what a server says of itself.
type stats struct {
	RSS    int64 // bytes, after what is free was given back
	Allocs uint64
	Calls  int64 // see Result
	CPU    time.Duration
}

// answer writes stats for each line that comes in, and ends the process with them.
func answer(in io.Reader, out io.Writer) {
	w := json.NewEncoder(out)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		debug.FreeOSMemory()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		var u unix.Rusage
		unix.Getrusage(unix.RUSAGE_SELF, &u)
		w.Encode(stats{RSS: resident(), Allocs: m.Mallocs, Calls: calls(), CPU: time.Duration(u.Utime.Nano() + u.Stime.Nano())})
	}
	os.Exit(0)
}

// resident returns this process's resident memory, without pages of files: what was run of the
// program for the first time is no connection's.
func resident() (bytes int64) {
	b, err := os.ReadFile("/proc/self/status")
	_, after, ok := strings.Cut(string(b), "RssAnon:")
	if err == nil && ok {
		_, err = fmt.Sscan(after, &bytes)
	}
	if err != nil || !ok {
		panic(fmt.Sprint("no RssAnon in /proc/self/status: ", err))
	}
	return bytes << 10
}

// child is a server in a process of its own.
type child struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	port int
}

// start starts a server, which gets cores.
func start(server string, cores int) (*child, error) {
	if servers[server] == nil {
		return nil, fmt.Errorf("echo: there is no server %q, but %s", server, strings.Join(Servers(), ", "))
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childVar+"="+server, "GOMAXPROCS="+strconv.Itoa(cores))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	pin(0, 1) // which the child inherits
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &child{cmd: cmd, in: in, out: bufio.NewReader(out)}
	line, err := s.out.ReadString('\n')
	if err == nil {
		s.port, err = strconv.Atoi(strings.TrimSpace(line))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("echo: server %s did not start: %w", server, err), s.stop())
	}
	return s, nil
}

func (s *child) stats() (st stats, err error) {
	if _, err = fmt.Fprintln(s.in); err != nil {
		return stats{}, fmt.Errorf("echo: the server has ended: %w", err)
	}
	line, err := s.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &st)
	}
	return st, err
}

// stop has the server end.
func (s *child) stop() error {
	s.in.Close()
	timer := time.AfterFunc(10*time.Second, func() { s.cmd.Process.Signal(syscall.SIGKILL) })
	defer timer.Stop()
	return s.cmd.Wait()
}

// pin has all of this process's threads, and those that it starts, run on these cores.
func pin(cores ...int) {
	var set unix.CPUSet
	for _, c := range cores {
		set.Set(c)
	}
	threads, _ := os.ReadDir("/proc/self/task")
	for _, t := range threads {
		if tid, err := strconv.Atoi(t.Name()); err == nil {
			unix.SchedSetaffinity(tid, &set)
		}
	}
}

package aio_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
	"github.com/pinion-go/pinion/internal/uring"
)

// These tests run the test's program again, under a seccomp filter or a limit.

const refusedVar = "PINION_TEST_REFUSED"

func TestMain(m *testing.M) {
	switch how, rest, _ := strings.Cut(os.Getenv(refusedVar), " "); how {
	case "":
		os.Exit(m.Run())
	case "filter": // and then the rest in the program that is executed, which keeps the filter
		call := uint32(unix.SYS_IO_URING_SETUP)
		var errno, entries, second uint32
		fmt.Sscan(rest, &errno, &entries, &call, &second)
		if err := filter(call, errno, entries, second); err != nil {
			fmt.Println("filter:", err)
			os.Exit(2)
		}
		os.Setenv(refusedVar, "probe")
		fmt.Println(syscall.Exec("/proc/self/exe", os.Args, os.Environ()))
		os.Exit(2)
	case "memlock": // of somebody who may not lock more than that all the same
		var limit uint64
		fmt.Sscan(rest, &limit)
		var now unix.Rlimit
		err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &now)
		if err == nil && now.Max > limit {
			err = unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: limit, Max: limit})
		}
		if err == nil && os.Getuid() == 0 {
			err = syscall.Setuid(65534)
		}
		if err != nil {
			fmt.Println("setrlimit:", err)
			os.Exit(2)
		}
	case "listen":
		listenAndServe()
		os.Exit(0)
	case "files":
		free, err := syscall.Dup(1) // the lowest number that is free
		if err == nil {
			syscall.Close(free)
			var left int
			fmt.Sscan(rest, &left)
			free += left
			err = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: uint64(free), Max: uint64(free)})
		}
		if err != nil {
			fmt.Println("setrlimit:", err)
			os.Exit(2)
		}
	}
	name, why := aio.Probe()
	rt, err := aio.NewRuntime(aio.Options{Loops: 1}) // whose rings are others than the probe's
	if err == nil {
		task := future.Spawn(rt.Loop(0), yieldOnce{})
		if _, err = task.Wait(); err == nil {
			task.Release()
			err = errors.Join(throughPool(rt), rt.Shutdown(context.Background()))
		}
	}
	if err != nil {
		fmt.Println("no runtime:", err)
		os.Exit(2)
	}
	fmt.Println(name, why)
	os.Exit(0)
}

// throughPool writes to a file and reads from it, in memory of a pool, which a ring may not be told of.
func throughPool(rt *future.Runtime) error {
	fd, err := unix.MemfdCreate("pinion", unix.MFD_CLOEXEC)
	if err == unix.EMFILE {
		return nil
	}
	f, err := aio.NewFD(uintptr(fd), "memory")
	if err != nil {
		return err
	}
	pool, err := aio.NewBuffers(2, 64<<10)
	if err != nil {
		return err
	}
	p, err := pool.Get()
	if err != nil {
		return err
	}
	got, err := pool.Get()
	if err != nil {
		return err
	}
	copy(p, "through a pool")
	if n, err := ended(future.Spawn(rt.Loop(0), f.WriteAtAsync(p[:14], 5))).Result(); n != 14 || err != nil {
		return fmt.Errorf("%d, %w", n, err)
	}
	if n, err := ended(future.Spawn(rt.Loop(0), f.ReadAtAsync(got[:14], 5))).Result(); string(got[:n]) != "through a pool" || err != nil {
		return fmt.Errorf("%q, %w", got[:n], err)
	}
	fmt.Println("rings know", aio.FixedPools(rt.Loop(0)), "pools")
	return errors.Join(pool.Put(p), pool.Put(got), pool.Close(), f.Close())
}

// filter has the calling thread's io_uring_setup fail if it asks for that many entries or more, or
// another call if its first argument is that great, and the second is second if that is not 0.
func filter(call, errno, entries, second uint32) error {
	runtime.LockOSThread()
	const load, jeq, jge, ret = 0x20, 0x15, 0x35, 0x06
	type ins struct {
		code   uint16
		jt, jf uint8
		k      uint32
	}
	prog := []ins{
		{load, 0, 0, 0}, // the number of the call
		{jeq, 0, 0, call},
		{load, 0, 0, 16}, // its first argument
		{jge, 0, 0, entries},
	}
	if second != 0 {
		prog = append(prog, ins{load, 0, 0, 24}, ins{jeq, 0, 0, second})
	}
	prog = append(prog, ins{ret, 0, 0, 0x50000 | errno}, ins{ret, 0, 0, 0x7fff0000})
	for i := range prog {
		if prog[i].code != load && prog[i].code != ret {
			prog[i].jf = uint8(len(prog) - 1 - (i + 1)) // to the end
		}
	}
	var code []byte
	for _, i := range prog {
		code = binary.NativeEndian.AppendUint16(code, i.code)
		code = append(code, i.jt, i.jf)
		code = binary.NativeEndian.AppendUint32(code, i.k)
	}
	var pins runtime.Pinner
	pins.Pin(&code[0])
	// A number and a pointer.
	head := binary.NativeEndian.AppendUint32(nil, uint32(len(prog)))
	if bits.UintSize == 32 {
		head = binary.NativeEndian.AppendUint32(head, uint32(uring.Addr(code)))
	} else {
		head = binary.NativeEndian.AppendUint64(append(head, 0, 0, 0, 0), uring.Addr(code))
	}
	pins.Pin(&head[0])
	defer pins.Unpin()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(uring.Addr(head)), 0, 0)
}

func TestProbeSaysWhyNotABetterOne(t *testing.T) {
	for _, test := range []struct{ how, driver, why string }{
		{fmt.Sprint("filter ", int(unix.ENOSYS), " 0"), "epoll", "hides it"},
		{fmt.Sprint("filter ", int(unix.EPERM), " 0"), "epoll", "not permitted: "},
		{fmt.Sprint("filter ", int(unix.ENOMEM), " 0"), "epoll", "ulimit -l"},
		{fmt.Sprint("filter ", int(unix.EPERM), " 0 ", unix.SYS_IO_URING_ENTER), "epoll", "io_uring_enter: operation not permitted: "},
		{fmt.Sprint("filter ", int(unix.ENOSYS), " 0 ", unix.SYS_IO_URING_ENTER), "epoll", "io_uring_enter: "},
		{fmt.Sprint("filter ", int(unix.EPERM), " 0 ", unix.SYS_IO_URING_REGISTER), "epoll", "registering a buffer ring: operation not permitted: "},
		{fmt.Sprint("filter ", int(unix.EPERM), " 0 ", unix.SYS_IO_URING_REGISTER, " 12"), "epoll", "enabling the ring: operation not permitted: "},
		{fmt.Sprint("filter ", int(unix.ENOMEM), " 100"), "uring", "with a ring of 64"},
		{"files 0", "portable", "ulimit -n"},
		{"files 5", "portable", "ulimit -n"},
		{"nothing", "uring", "rings know 1 pools"},
	} {
		if name, _ := aio.Probe(); name != "uring" && test.driver == "uring" {
			t.Log("there is no io_uring here") // and so no ring to be smaller
			continue
		}
		out, err := underRefusal(test.how)
		if err != nil || !strings.Contains("\n"+string(out), "\n"+test.driver+" ") || !strings.Contains(string(out), test.why) {
			t.Errorf("%s: %s%v; want %s, %q", test.how, out, err, test.driver, test.why)
		}
		t.Logf("%s: %s", test.how, out)
	}
}

// underRefusal runs this program again and returns what it prints.
func underRefusal(how string) (out []byte, err error) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), refusedVar+"="+how, "PINION_AIO_DRIVER=")
	return cmd.CombinedOutput()
}

// TestTooLittleMemoryThatMayBeLocked has a smaller ring, or one with fewer buffers, or another driver. The
// kernel decides what counts, and frees what a closed ring had some time later.
func TestTooLittleMemoryThatMayBeLocked(t *testing.T) {
	t.Setenv("PINION_AIO_DRIVER", "")
	best, _ := aio.Probe()
	for _, limit := range []int{0, 8 << 10, 24 << 10, 32 << 10, 48 << 10, 64 << 10, 128 << 10, 256 << 10} {
		out, err := underRefusal(fmt.Sprint("memlock ", limit))
		name, _, _ := strings.Cut(strings.TrimPrefix(string(out[bytes.IndexByte(out, '\n')+1:]), "\n"), " ")
		switch {
		case err != nil:
			t.Errorf("%d bytes: %s%v", limit, out, err)
		case name != best && !bytes.Contains(out, []byte("ulimit -l")), name != best && limit >= 256<<10:
			t.Errorf("%d bytes: %s", limit, out)
		case bytes.Contains(out, []byte("rings know 1 pools")):
			t.Errorf("%d bytes, and a ring has locked a pool: %s", limit, out)
		}
		t.Logf("%d bytes: %s", limit, out)
	}
}

// listenAndServe is what a server does, and its client.
func listenAndServe() {
	rt, err := aio.NewRuntime(aio.Options{Loops: 6})
	if err != nil {
		fmt.Println("no runtime:", err)
		return
	}
	name, _ := aio.Describe(rt)
	l, err := aio.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(name, "and no listener:", err, rt.Shutdown(context.Background()))
		return
	}
	future.Go(rt.Loop(1), acceptingOnce{f: l.AcceptConnAsync()})
	for i := range rt.Loops() {
		c, err := ended(future.Spawn(rt.Loop(i), aio.DialAsync("tcp", l.Addr().String()))).Result()
		fmt.Println(name, "and a connection, or not:", c != nil, err)
	}
	_, err = aio.Open("/dev/null")
	fmt.Println("a file, or not:", err)
	_, _, err = aio.Pipe()
	fmt.Println("a pipe, or not:", err)
	_, err = aio.Dial("tcp", l.Addr().String())
	fmt.Println("a connection of a goroutine, or not:", err)
	time.Sleep(time.Millisecond)
	fmt.Println("the end")
}

// acceptingOnce is an Accept whose connection stays.
type acceptingOnce struct{ f aio.ListenerAcceptConnFuture }

func (a *acceptingOnce) Poll(cx *future.Context) future.Poll { return a.f.Poll(cx) }

// TestTooFewDescriptorsAreAnErrorOrAnotherDriver, and never the end of the program, as it is by Go's runtime
// where there is none for its poller.
func TestTooFewDescriptorsAreAnErrorOrAnotherDriver(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	served := false
	for limit := 5; limit < 48; limit++ {
		cmd := exec.Command("/bin/sh", "-c", fmt.Sprint("ulimit -n ", limit, " && exec \"$0\""), exe)
		cmd.Env = append(os.Environ(), refusedVar+"=listen", "PINION_AIO_DRIVER=")
		out, err := cmd.CombinedOutput()
		if limit > 5 && err != nil || bytes.Contains(out, []byte("fatal")) {
			t.Errorf("%d descriptors: %s%v", limit, out, err)
		}
		served = served || bytes.Contains(out, []byte("the end"))
		first, _, _ := bytes.Cut(out, []byte("\n"))
		t.Logf("%d descriptors: %s", limit, first)
	}
	if !served {
		t.Error("nobody was served")
	}
}

func TestUnknownDrivers(t *testing.T) {
	_, err := aio.NewRuntime(aio.Options{Driver: "kqueue"})
	if err == nil || !strings.Contains(err.Error(), `"kqueue"`) || !strings.Contains(err.Error(), "epoll") {
		t.Error(err)
	}
	t.Setenv("PINION_AIO_DRIVER", "epoll")
	if name, why := aio.Probe(); name != "epoll" || !strings.Contains(why, "PINION_AIO_DRIVER") {
		t.Error(name, why)
	}
}

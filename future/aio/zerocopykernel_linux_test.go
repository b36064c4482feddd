package aio

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/internal/uring"
)

// pinned keeps how many buffers are pinned when it is told of a completion.
type pinned struct {
	got  []completion
	pins []int64
}

func (p *pinned) completed(e *engine, _ key, c completion) {
	p.got = append(p.got, c)
	p.pins = append(p.pins, e.count.Pins)
}

// spoiled begins sends without a copy of a kind that there is not, which the kernel refuses before it has
// anything to tell of later.
type spoiled struct{ *uringKernel }

func (s spoiled) begin(k key, o *op) bool {
	x, q := s.e.ops.io(o), s.next()
	q.Opcode, q.Flags, q.FD, q.UserData = uring.OpcodeSendZC, skipSuccess, x.fd, uint64(k)
	q.Addr, q.Len = uring.Addr(x.buf), uint32(len(x.buf))
	return true
}

// skipSuccess is IOSQE_CQE_SKIP_SUCCESS, which sends without a copy do not have.
const skipSuccess = 1 << 6

// TestZeroCopyPinsUntilThereIsNoMore: the completion of a send that has failed frees its buffer at once if
// it says that no more follow, and does not if they do.
func TestZeroCopyPinsUntilThereIsNoMore(t *testing.T) {
	kinds := make(map[bool]int) // sends, by whether others followed the first completion
	eachKernel(t, func(t *testing.T, e *engine, _ *recorder) {
		a, b := socketPair(t)
		defer unix.Close(a)
		tcp := zeroCopySocket(t)
		defer unix.Close(tcp)
		for _, x := range []struct {
			what  string
			fd    int32
			errno unix.Errno
		}{
			{"a descriptor that is none", 1 << 20, unix.EBADF},
			{"no socket", event(t), unix.ENOTSOCK},
			{"a socket without such sends", int32(a), unix.EOPNOTSUPP},
			{"nobody reads", int32(tcp), unix.EPIPE},
			{"a send of no kind", int32(tcp), unix.EINVAL},
		} {
			if x.errno == unix.EINVAL {
				e.k = spoiled{e.k.(*uringKernel)}
			}
			for range 100 {
				var p pinned
				k := e.startWith(opSend, opZeroCopy, x.fd, make([]byte, 100_000), false, -1, &p)
				if e.count.Pins != 1 {
					t.Fatalf("%s: %d buffers are pinned for a send", x.what, e.count.Pins)
				}
				runtime.GC()
				await(t, e, "its final completion", func() bool { return e.ops.find(k) == nil })
				if errno := p.got[0].errno(); errno != x.errno {
					t.Fatalf("%s: %v, want %v", x.what, errno, x.errno)
				}
				kinds[len(p.got) > 1]++
				for i, c := range p.got {
					if want := map[bool]int64{true: 1}[c.more]; p.pins[i] != want || c.more != (i < len(p.got)-1) {
						t.Fatalf("%s: completion %d of %+v finds %d buffers pinned", x.what, i, p.got, p.pins[i])
					}
				}
			}
		}
		unix.Close(b)
	}, "uring")
	if kinds[false] == 0 && len(kinds) > 0 {
		t.Error("no send has failed before there was anything to tell of later")
	}
	t.Logf("sends, by whether others followed their first completion: %v", kinds)
}

// zeroCopySocket returns a TCP socket whose end has been said.
func zeroCopySocket(t *testing.T) int {
	t.Helper()
	l, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Bind(l, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	if err == nil {
		err = unix.Listen(l, 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(l)
	at, err := unix.Getsockname(l)
	if err != nil {
		t.Fatal(err)
	}
	c, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Connect(c, at)
	}
	if err == nil {
		peer, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(peer) })
		err = unix.Shutdown(c, unix.SHUT_WR)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

package aio_test

import (
	"errors"
	"net/netip"
	"syscall"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// TestADriverThatCannotWaitForDatagramsSaysSo: it is an error, and neither a wait nor an
// endless try. Portable needs a descriptor to wait, and there is none.
func TestADriverThatCannotWaitForDatagramsSaysSo(t *testing.T) {
	rt, err := aio.NewRuntime(aio.Options{Loops: 1, Driver: "portable"})
	if err != nil {
		t.Fatal(err)
	}
	defer shutdown(t, rt)
	c, err := aio.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	defer withoutDescriptors(t)()
	read := future.Spawn(rt, c.ReadFromAddrPortAsync(make([]byte, 10)))
	defer read.Release()
	f, err := read.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if _, from, err := f.Result(); !errors.Is(err, syscall.EMFILE) || from != (netip.AddrPort{}) {
		t.Errorf("from %v: %v", from, err)
	}
}

// withoutDescriptors has this process open none until the function that it returns is called.
func withoutDescriptors(t testing.TB) (end func()) {
	t.Helper()
	return onlyDescriptors(t, 1)
}

// onlyDescriptors has this process open none from that number on.
func onlyDescriptors(t testing.TB, n uint64) (end func()) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: n, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	return func() { syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit) }
}

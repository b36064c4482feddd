package aio_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// mail sends n numbered datagrams, each again until it was sent: it is cancelled, or refused, now and then.
//
//pinion:async
func mail(c *aio.PacketConn, to netip.AddrPort, n int, tries *int) error {
	for i := range n {
		for try := 0; ; try++ {
			if try == 500 {
				return errors.New("there is no room")
			}
			*tries++
			w := future.Await(future.Timeout(3*tick, c.WriteToAddrPortAsync([]byte{byte(i), 0, 0}, to)))
			_, err := w.F().Result()
			if err == nil {
				break
			}
			if !errors.Is(err, future.ErrCanceled) && !errors.Is(err, syscall.ENOBUFS) {
				return err
			}
		}
	}
	return nil
}

// collect reads n datagrams by reads that are cancelled now and then, and gives up when one was surely lost.
//
//pinion:async
func collect(c *aio.PacketConn, n int, got *[]byte, tries *int) error {
	var buf [2]byte
	for try := 0; len(*got) < n && try < 50*n; try++ {
		*tries++
		r := future.Await(future.Timeout(tick, c.ReadMsgAddrPortAsync(buf[:])))
		m, flags, _, err := r.F().Result()
		switch {
		case err == nil && m == 2 && flags != 0:
			*got = append(*got, buf[0])
		case err == nil:
			return fmt.Errorf("%d bytes, flags %#x", m, flags)
		case !errors.Is(err, future.ErrCanceled) && !errors.Is(err, syscall.ENOBUFS):
			return err
		}
	}
	return nil
}

// TestNoDatagramOfASimulationIsLost, twice or overtaken, in whatever order things happen: with too little room,
// cancels on both sides, and errors.
func TestNoDatagramOfASimulationIsLost(t *testing.T) {
	const n = 40
	sends, reads, worlds := 0, 0, 0
	for _, resets := range []int{0, 10} {
		eachSeed(t, 2, aio.SimConfig{Buffer: 10, Resets: resets}, func(w *simWorld) {
			a, b := w.packets()
			var got []byte
			out := future.Spawn(w.loop(0), mailAsync(a, portOf(b), n, &sends))
			in := future.Spawn(w.loop(1), collectAsync(b, n, &got, &reads))
			w.run()
			if len(got) != n {
				w.Fatalf("%d datagrams of %d came", len(got), n)
			}
			for _, err := range []error{ended(out).Result(), ended(in).Result()} {
				if err != nil {
					w.Error(err)
				}
			}
			for i, b := range got {
				if int(b) != i {
					w.Errorf("datagram %d is %d", i, b)
				}
			}
			a.Close()
			b.Close()
			worlds++
		})
	}
	if sends == n*worlds || reads == n*worlds {
		t.Errorf("nothing was cancelled: %d sends, %d reads", sends, reads)
	}
}

// packets returns two sockets for datagrams.
func (w *simWorld) packets() (a, b *aio.PacketConn) {
	w.Helper()
	a, err := w.sim.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	if b, err = w.sim.ListenPacket("udp4", ":0"); err != nil {
		w.Fatal(err)
	}
	return a, b
}

func TestDatagramsOfASimulationFailAsTheSystems(t *testing.T) {
	inWorld(t, 1, 1, aio.SimConfig{Descriptors: 2}, func(w *simWorld) {
		a, b := w.packets()
		for _, c := range []struct {
			p    []byte
			to   string
			want error
		}{
			{make([]byte, 65_508), "127.0.0.1:9", syscall.EMSGSIZE},
			{nil, "[::1]:9", syscall.EAFNOSUPPORT},
			{[]byte("to nobody"), "127.0.0.1:9", nil},
		} {
			task := future.Spawn(w.loop(0), b.WriteToAddrPortAsync(c.p, netip.MustParseAddrPort(c.to)))
			w.run()
			if _, err := ended(task).Result(); !errors.Is(err, c.want) {
				t.Errorf("%v to %s", err, c.to)
			}
		}
		for port, want := range map[string]error{a.LocalAddr().String(): syscall.EADDRINUSE, ":0": syscall.EMFILE} {
			if _, err := w.sim.ListenPacket("udp", port); !errors.Is(err, want) {
				t.Error(err)
			}
		}
		var unknown net.UnknownNetworkError
		_, err1 := w.sim.ListenPacket("tcp", ":0")
		_, err2 := w.sim.Listen("udp", ":0")
		_, err3 := w.sim.Dial("udp", a.LocalAddr().String())
		for _, err := range []error{err1, err2, err3} {
			if !errors.As(err, &unknown) {
				t.Error(err)
			}
		}
		a.Close()
		b.Close()
	})
}

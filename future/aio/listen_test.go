package aio_test

import (
	"net"
	"runtime"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

func TestListenIsDoneInATask(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			t.Skip("what is not of the simulation is the system's")
		}
		l, err := ended(future.Spawn(w.rt, aio.ListenAsync("tcp", "localhost:0"))).Result()
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		peer, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		peer.Close()
		p, err := ended(future.Spawn(w.rt, aio.ListenPacketAsync("udp", "localhost:0"))).Result()
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		if _, err := ended(future.Spawn(w.rt, aio.ListenAsync("ip", "localhost"))).Result(); err == nil {
			t.Error("it listens on a network without connections")
		}
		task := future.Spawn(w.rt, aio.ListenAsync("tcp", "localhost:0"))
		task.Cancel()
		switch l, err := ended(task).Result(); err {
		case nil:
			l.Close()
		case future.ErrCanceled:
		default:
			t.Error(err)
		}
	})
}

// TestListenersShareAnAddress: connections come to both of those that ask for it, and to no other.
func TestListenersShareAnAddress(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("it is for Linux")
	}
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			t.Skip("what is not of the simulation is the system's")
		}
		shared := aio.ListenConfig{ReusePort: true}
		first, err := shared.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer first.Close()
		addr := first.Addr().String()
		second, err := ended(future.Spawn(w.rt, shared.ListenAsync("tcp", addr))).Result()
		if err != nil {
			t.Fatal(err)
		}
		defer second.Close()
		if l, err := aio.Listen("tcp", addr); err == nil {
			l.Close()
			t.Error("one that did not ask for it has the address too")
		}
		const dials = 64
		for range dials {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
		}
		accepted := make(chan *aio.Listener)
		for _, l := range []*aio.Listener{first, second} {
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					c.Close()
					accepted <- l
				}
			}()
		}
		count := make(map[*aio.Listener]int)
		within(t, "all are accepted", func() {
			for range dials {
				count[<-accepted]++
			}
		})
		if len(count) != 2 {
			t.Errorf("%d of %d came to the first", count[first], dials)
		}
	})
}

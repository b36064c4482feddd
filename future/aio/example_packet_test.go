package aio_test

import (
	"fmt"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

func ExamplePacketConn() {
	a, err := aio.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close()
	b, err := aio.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Close()
	b.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := a.WriteTo([]byte("a datagram"), b.LocalAddr()); err != nil {
		fmt.Println(err)
		return
	}
	buf := make([]byte, 1500)
	n, from, err := b.ReadFrom(buf)
	fmt.Printf("%q %v %v\n", buf[:n], from.String() == a.LocalAddr().String(), err)
	// Output: "a datagram" true <nil>
}

// A datagram is sent and received by futures.
func ExamplePacketConnWriteFuture() {
	c, err := aio.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	send := c.WriteToAsync([]byte("to itself"), c.LocalAddr())
	if err := future.Block(&send); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(send.Result())
	buf := make([]byte, 1500)
	receive := c.ReadFromAsync(buf) // a PacketConnReadFromFuture
	if err := future.Block(&receive); err != nil {
		fmt.Println(err)
		return
	}
	n, _, err := receive.Result()
	fmt.Printf("%q %v\n", buf[:n], err)
	// Output:
	// 9 <nil>
	// "to itself" <nil>
}

// A task takes the next datagram, with an address that costs no memory.
func ExamplePacketConnReadFromAddrPortFuture() {
	rt, err := aio.NewRuntime(aio.Options{Loops: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := aio.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	buf := make([]byte, 1500)
	task := future.Spawn(rt, c.ReadFromAddrPortAsync(buf))
	if _, err := c.WriteTo([]byte("to itself"), c.LocalAddr()); err != nil {
		fmt.Println(err)
		return
	}
	f, err := task.Wait()
	if err != nil {
		fmt.Println(err)
		return
	}
	n, from, err := f.Result()
	fmt.Printf("%q %v %v\n", buf[:n], from.Addr(), err)
	task.Release()
	// Output: "to itself" 127.0.0.1 <nil>
}

// If nobody sends, a read is cancelled.
func ExamplePacketConnReadFromFuture() {
	rt, err := aio.NewRuntime(aio.Options{Loops: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := aio.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	task := future.Spawn(rt, c.ReadFromAsync(make([]byte, 1500)))
	task.Cancel()
	f, err := task.Wait()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Result())
	task.Release()
	// Output: 0 <nil> future: canceled
}

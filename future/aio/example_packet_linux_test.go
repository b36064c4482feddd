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

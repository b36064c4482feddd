package aio_test

import (
	"fmt"
	"io"
	"net"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

func ExampleConn_WriteBuffers() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	c, err := aio.Dial("tcp", l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	fmt.Println(c.WriteBuffers(net.Buffers{[]byte("a head, "), []byte("a body")}))
	c.CloseWrite()
	peer, err := l.Accept()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer peer.Close()
	got, err := io.ReadAll(peer)
	fmt.Printf("%q %v\n", got, err)
	// Output:
	// 14 <nil>
	// "a head, a body" <nil>
}

func ExampleConnSendFuture() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	c, err := aio.Dial("tcp", l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	rt, err := aio.NewRuntime(aio.Options{Loops: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	task := future.Spawn(rt, c.WriteBuffersAsync(net.Buffers{[]byte("one, "), []byte("two")}))
	send, err := task.Wait()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(send.Result())
	task.Release()
	// Output: 8 <nil>
}

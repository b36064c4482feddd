package aio_test

import (
	"context"
	"fmt"
	"io"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// greet says hello, in as many pieces as the simulation has it.
//
//pinion:async
func greet(l *aio.Listener) {
	c, err := l.AcceptConn()
	if err != nil {
		return
	}
	c.Write([]byte("hello"))
	c.Close()
	l.Close()
}

// listen returns all that is said.
//
//pinion:async
func listen(c *aio.Conn) (said string, err error) {
	for {
		b, err := c.Next()
		said += string(b.Bytes())
		b.Release()
		if err == io.EOF {
			c.Close()
			return said, nil
		}
		if err != nil {
			return said, err
		}
	}
}

// A server and a client meet in a hundred simulations. One that fails would do so again with the
// same seed.
func ExampleSim() {
	for seed := range uint64(100) {
		sim := aio.NewSim(aio.SimConfig{Seed: seed})
		loop, err := sim.NewLoop(future.Config{})
		if err != nil {
			fmt.Println(err)
			return
		}
		l, err := sim.Listen("tcp", "127.0.0.1:7007")
		if err != nil {
			fmt.Println(err)
			return
		}
		future.Go(loop, greetAsync(l))
		c, err := sim.Dial("tcp", "127.0.0.1:7007")
		if err != nil {
			fmt.Println(err)
			return
		}
		client := future.Spawn(loop, listenAsync(c))
		if err := sim.Run(); err != nil {
			fmt.Println("seed", seed, err)
		}
		f, err := client.Wait()
		if err != nil {
			fmt.Println("seed", seed, err)
			return
		}
		if said, err := f.Result(); said != "hello" || err != nil {
			fmt.Println("seed", seed, said, err)
		}
		client.Release()
		if err := loop.Shutdown(context.Background()); err != nil {
			fmt.Println("seed", seed, err)
		}
	}
	// Output:
}

// Datagrams of a simulation wait for the ReadFrom that returns them.
func ExampleSim_ListenPacket() {
	sim := aio.NewSim(aio.SimConfig{Seed: 1})
	loop, err := sim.NewLoop(future.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := sim.ListenPacket("udp", "127.0.0.1:53")
	if err != nil {
		fmt.Println(err)
		return
	}
	future.Go(loop, c.WriteToAsync([]byte("to itself"), c.LocalAddr()))
	buf := make([]byte, 100)
	task := future.Spawn(loop, c.ReadFromAsync(buf))
	if err := sim.Run(); err != nil {
		fmt.Println(err)
	}
	f, err := task.Wait()
	if err != nil {
		fmt.Println(err)
		return
	}
	n, from, err := f.Result()
	fmt.Printf("%q %v %v\n", buf[:n], from, err)
	task.Release()
	c.Close()
	loop.Shutdown(context.Background())
	// Output: "to itself" 127.0.0.1:53 <nil>
}

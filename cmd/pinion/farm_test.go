package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"sync"
)

// asFarm is the environment variable that has this binary be a farm of clients: ADDRESS NUMBER.
const asFarm = "PINION_TEST_AS_FARM"

// farm connects as often as it is told, says so when each has had something back, and goes on
// sending until it is killed.
func farm(told string) {
	var addr string
	var n int
	fmt.Sscan(told, &addr, &n)
	var first sync.WaitGroup
	first.Add(n)
	start := make(chan struct{}) // those that send would leave no time to connect others
	for range n {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		go func() {
			<-start
			p := make([]byte, 1000)
			for i := 0; ; i++ {
				if _, err := c.Write(p); err != nil {
					return
				}
				if _, err := io.ReadFull(c, p); err != nil {
					return
				}
				if i == 0 {
					first.Done()
				}
			}
		}()
	}
	close(start)
	first.Wait()
	fmt.Println("sending")
	select {}
}

package serve

import (
	"time"

	"example.com/helper"
	"github.com/pinion-go/pinion/future"
)

//pinion:async
func Direct() { // want Direct:`.*`
	time.Sleep(1) // want `^Direct blocks its loop: Direct calls time\.Sleep \(serve\.go:12\); use future\.Sleep, run time\.Sleep with future\.FromFunc, or say //pinion:blocking REASON$`
}

//pinion:async
func Lifted(c chan int, other *helper.Queue[int]) { // want Lifted:`.*`
	future.Sleep(1)
	c <- <-c
	for range c {
	}
	select {
	case <-c:
	case c <- 1:
	}
	helper.Twin()
	helper.Marked()
	future.Await(future.SleepAsync(1))
	defer helper.Twin()
	defer func() {
		helper.Marked()
		<-c
	}()
	func() { helper.Twin() }()
	helper.Quick()
	helper.Start()
	helper.Meant()
}

func nap() { time.Sleep(1) } // want nap:`.*`

//pinion:async
func ByHelper() { // want ByHelper:`.*`
	nap()       // want `^ByHelper blocks its loop: ByHelper calls nap \(serve\.go:43\) calls time\.Sleep \(serve\.go:39\); use future\.Sleep and mark nap //pinion:async, run nap with future\.FromFunc, or say //pinion:blocking REASON$`
	defer nap() // want `ByHelper calls nap`
	go nap()
	helper.Deep() // want `^ByHelper blocks its loop: ByHelper calls helper\.Deep \(serve\.go:46\) calls helper\.middle \(example\.com/helper/helper\.go:16\) calls helper\.Nap \(example\.com/helper/helper\.go:19\) calls time\.Sleep \(example\.com/helper/helper\.go:12\); use future\.Sleep and mark helper\.Deep, helper\.middle and helper\.Nap //pinion:async, run helper\.Deep`
}

func unmarked() { helper.Twin() } // want unmarked:`.*`

func unmarkedOfMarked() { helper.Marked() } // want unmarkedOfMarked:`.*`

func unmarkedOfPolite() { helper.Polite(); future.Yield() }

//pinion:async
func Twins() { // want Twins:`.*`
	unmarked()         // want `^Twins blocks its loop: Twins calls unmarked \(.*\) calls helper\.Twin \(.*\); mark unmarked //pinion:async, run unmarked with`
	unmarkedOfMarked() // want `Twins calls unmarkedOfMarked \(.*\) calls helper\.Marked \(.*\) calls future\.Sleep \(example\.com/helper/helper\.go:38\); mark unmarkedOfMarked //pinion:async, run`
	unmarkedOfPolite()
}

func drain(c chan int) int { // want drain:`.*`
	n := 0
	for v := range c {
		n += v
	}
	return n
}

func push(c chan int) { c <- 1 } // want push:`.*`

func try(c chan int) bool {
	select {
	case c <- 1:
		return true
	default:
		return false
	}
}

func wait(a, b chan int) { // want wait:`.*`
	select {
	case <-a:
	case <-b:
	}
}

func stop() { select {} } // want stop:`.*`

//pinion:async
func Channels(c chan int, q *helper.Queue[string]) { // want Channels:`.*`
	drain(c) // want `calls drain \(.*\) ranges over a channel \(serve\.go:64\); mark drain //pinion:async`
	push(c)  // want `calls push \(.*\) sends to a channel`
	try(c)
	wait(c, c) // want `calls wait \(.*\) waits in a select \(`
	stop()     // want `calls stop \(.*\) waits for ever in a select without cases`
	q.Get()    // want `^Channels blocks its loop: Channels calls helper\.Queue\.Get \(.*\) receives from a channel \(example\.com/helper/helper\.go:26\); mark helper\.Queue\.Get //pinion:async`
}

// even and odd call each other, and odd blocks.
func even(n int) bool { // want even:`blocks: calls serve\.odd`
	return n == 0 || odd(n-1)
}

func odd(n int) bool { // want odd:`blocks: calls time\.Sleep`
	time.Sleep(1)
	return n != 0 && even(n-1)
}

// ping and pong call each other, and do not.
func ping(n int) { pong(n) }

func pong(n int) { ping(n) }

//pinion:async
func Recursion() { // want Recursion:`.*`
	even(1) // want `calls even \(.*\) calls odd \(.*\) calls time\.Sleep`
	ping(1)
}

//pinion:async
func Blocked(t future.Task[int], l *future.Loop) { // want Blocked:`.*`
	t.Wait()
	waitFor(t) // want `calls waitFor \(.*\) calls future\.Task\.Wait \(.*\); mark waitFor //pinion:async`
	f := future.SleepAsync(1)
	future.Block(&f) // want `^Blocked blocks its loop: Blocked calls future\.Block \(.*\); use future\.Await, run`
	l.RunUntilIdle() // want `calls future\.Loop\.RunUntilIdle \(.*\); run future\.Loop\.RunUntilIdle with future\.FromFunc, or say`
	helperAwaits()   // want `calls helperAwaits \(.*\) calls future\.Await \(.*\); mark helperAwaits`
}

func waitFor(t future.Task[int]) { t.Wait() } // want waitFor:`.*`

func helperAwaits() { future.Await(future.SleepAsync(1)) } // want helperAwaits:`.*`

func drainAny[C chan int | <-chan int](c C) { // want drainAny:`.*`
	for range c {
	}
}

//pinion:async
func ChannelsOfParameters(c chan int) { // want ChannelsOfParameters:`.*`
	drainAny(c) // want `calls drainAny \(.*\) ranges over a channel`
}

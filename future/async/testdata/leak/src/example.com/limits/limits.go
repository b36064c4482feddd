// Package limits shows function values and literals: which are followed and which
// are not.
package limits

import (
	"sync"
	"time"

	"example.com/helper"
	"github.com/pinion-go/pinion/future"
)

type conn struct{}

func (conn) Read() error { return nil }
func (conn) ReadAsync() future.SleepFuture {
	return future.SleepFuture{}
}

// reader has both twins: a method of it is known to block.
type reader interface {
	Read() error
	ReadAsync() future.SleepFuture
}

// sleeper has not: what it reaches is not known.
type sleeper interface{ Sleep() }

type bed struct{}

func (bed) Sleep() { time.Sleep(1) } // want Sleep:`.*`

func read(r reader) { r.Read() } // want read:`.*`

func sleep(s sleeper) { s.Sleep() }

func generic[R reader](r R) { r.Read() } // want generic:`.*`

//pinion:async
func Interfaces(r reader, s sleeper, b bed, c conn) { // want Interfaces:`.*`
	r.Read()
	c.Read()
	read(r) // want `calls read \(.*\) calls reader\.Read \(.*\); mark read //pinion:async`
	sleep(s)
	s.Sleep()
	b.Sleep()  // want `^Interfaces blocks its loop: Interfaces calls bed\.Sleep \(.*\) calls time\.Sleep`
	generic(c) // want `calls generic \(.*\) calls R\.Read`
}

//pinion:async
func Values(c conn) { // want Values:`.*`
	read := c.Read
	read()       // want `^Values blocks its loop: Values calls conn\.Read through read \(.*\); call conn\.Read by its name, or say //pinion:blocking REASON$`
	conn.Read(c) // want `^Values blocks its loop: Values calls conn\.Read \(.*\); call it as a method of its receiver, or say`
	nap := time.Sleep
	nap(1) // want `calls time\.Sleep through nap`
	marked := helper.Marked
	marked() // want `calls helper\.Marked through marked \(.*\) calls future\.Sleep \(.*\); call helper\.Marked by its name`
	unknown := time.Sleep
	pass(unknown)
	unknown(1)
}

func pass(f func(time.Duration)) { f(1) }

//pinion:async
func Literals(c conn, ch chan int) { // want Literals:`.*`
	f := func() { c.Read() }
	f()       // want `^Literals blocks its loop: Literals calls f \(.*\) calls conn\.Read \(.*\); call a function marked //pinion:async instead of f, run f with`
	defer f() // want `calls f`
	go f()
	var g func(int)
	g = func(n int) {
		if n > 0 {
			g(n - 1)
		}
		<-ch
	}
	g(1) // want `calls g \(.*\) receives from a channel`
	nap := func() { time.Sleep(1) }
	nap() // want `calls nap \(.*\) calls time\.Sleep \(.*\); use future\.Sleep in a function marked //pinion:async instead of nap`
	never := func() { time.Sleep(1) }
	_ = never
	func() {
		time.Sleep(1) // want `calls time\.Sleep`
		<-ch
	}()
	defer func() {
		time.Sleep(1) // want `calls time\.Sleep`
	}()
	go func() { time.Sleep(1) }()
	go conn.Read(func() conn { time.Sleep(1); return c }()) // want `calls time\.Sleep`
	go later()()                                            // want `calls later \(.*\) calls time\.Sleep`
	var once sync.Once
	once.Do(func() { time.Sleep(1) })
	future.Await(future.FromFunc(func() (int, error) { time.Sleep(1); return 0, nil }))
}

// later is called before the goroutine starts, what it returns after that.
func later() func() { // want later:`.*`
	time.Sleep(1)
	return func() {}
}

func seq(yield func(int) bool) { // want seq:`.*`
	time.Sleep(1)
	yield(1)
}

//pinion:async
func Iterators() { // want Iterators:`.*`
	for range seq { // want `calls seq \(.*\) calls time\.Sleep`
	}
	for range func(yield func() bool) {
		time.Sleep(1) // want `calls time\.Sleep`
		yield()
	} {
	}
	for range rows {
	}
	for range (visits)(seq) { // want `calls seq \(.*\) calls time\.Sleep`
	}
	for range visits(rows) { // want `calls rows \(.*\) calls future\.Sleep`
	}
	f, g, h := seq, rows, func(yield func(int) bool) { time.Sleep(1) }
	for range f { // want `calls seq through f \(.*\) calls time\.Sleep`
	}
	for range g { // want `calls rows through g \(.*\) calls future\.Sleep`
	}
	for range visits(h) { // want `calls h \(.*\) calls time\.Sleep`
	}
}

type visits func(func(int) bool)

// rows has a twin, and so a loop over it waits for that.
//
//pinion:async
func rows(yield func(int) bool) { // want rows:`^marked, .*`
	future.Sleep(1)
	yield(1)
}

func rowsAsync(yield func(int) bool) (f rowsFuture) { return }

type rowsFuture struct{}

func (*rowsFuture) Poll(*future.Context) (p future.Poll) { return }
func (*rowsFuture) Result()                              {}

type shadow struct{}

func (shadow) Sleep(int) {}

//pinion:async
func Shadowed() { // want Shadowed:`^marked$`
	time := shadow{}
	time.Sleep(1)
	len := func(string) int { return 1 }
	len("")
}

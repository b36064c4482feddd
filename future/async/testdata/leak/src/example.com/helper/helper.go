// Package helper is what package serve calls: what it knows of these functions, it
// knows by facts.
package helper

import (
	"time"

	"github.com/pinion-go/pinion/future"
)

func Nap() { // want Nap:`blocks: calls time\.Sleep \(example\.com/helper/helper\.go:12\)`
	time.Sleep(1)
}

func Deep() { // want Deep:`blocks: calls helper\.middle \(example\.com/helper/helper\.go:16\) calls helper\.Nap \(.*:19\) calls time\.Sleep`
	middle()
}

func middle() { Nap() } // want middle:`blocks`

func Quick() int { return 1 }

type Queue[T any] struct{ c chan T }

func (q *Queue[T]) Get() T { // want Get:`blocks: receives from a channel`
	return <-q.c
}

// Twin has an async form that is written by hand.
func Twin() error { return future.Sleep(1) } // want Twin:`blocks`

func TwinAsync() future.SleepFuture { return future.SleepAsync(1) }

// Marked blocks when a goroutine calls it.
//
//pinion:async
func Marked() error { // want Marked:`marked, blocks: calls future\.Sleep`
	return future.Sleep(1)
}

func MarkedAsync() MarkedFuture { return MarkedFuture{} }

type MarkedFuture struct{ future.SleepFuture }

// Polite only yields, which is allowed everywhere.
//
//pinion:async
func Polite() { // want Polite:`^marked$`
	future.Yield()
}

func PoliteAsync() future.YieldFuture { return future.YieldAsync() }

// Start starts a goroutine, which may block.
func Start() {
	go Nap()
	go func() { time.Sleep(1) }()
}

// Meant is for machines whose clock is fast.
//
//pinion:blocking one nanosecond only
func Meant() {
	time.Sleep(1)
}

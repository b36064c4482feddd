package compiled

import (
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/unsafeptr"
)

// Function is a function compiled and written by hand.
type Function struct {
	Name     string
	What     string
	Compiled Way
	Hand     Way
}

// Functions are all that are compared.
func Functions() []Function {
	return []Function{
		{"echo", "echo loop", way(echoCalls[*echoFuture]), way(echoCalls[*echoHand])},
		{"retry", "retry with pauses that grow", way(retryCalls[*retryFuture]), way(retryCalls[*retryHand])},
		{"duplicate", "copy to two others, two buffers", way(duplicateCalls[*duplicateFuture]), way(duplicateCalls[*duplicateHand])},
		{"mean", "accumulate over a stream", way(meanCalls[*meanFuture]), way(meanCalls[*meanHand])},
		{"add", "counter under a lock", way(addCalls[*addFuture]), way(addCalls[*addHand])},
		{"sumOfTwo", "calls of calls of a function", way(sumOfTwoCalls[*sumOfTwoFuture]), way(sumOfTwoCalls[*sumOfTwoHand])},
		{"words", "state machine with a switch", way(wordsCalls[*wordsFuture]), way(wordsCalls[*wordsHand])},
		{"total", "range over a slice", way(totalCalls[*totalFuture]), way(totalCalls[*totalHand])},
		{"stage", "pipeline stage", way(stageCalls[*stageFuture]), way(stageCalls[*stageHand])},
		{"barrier", "three awaits, used together", way(barrierCalls[*barrierFuture]), way(barrierCalls[*barrierHand])},
		{"greet", "conversation, each step may end it", way(greetCalls[*greetFuture]), way(greetCalls[*greetHand])},
	}
}

// Way is one of the two futures of a function.
type Way struct {
	Size uintptr // of the frame, in bytes
	// Polls adds a task to the loop that calls the function n times, with operations
	// that are pending once, or ready at once, and gives the last result to done.
	Polls func(l *future.Loop, n int, waits bool, done func(result any))
}

// calls calls a function over and over.
type calls[F any, P future.Ptr[F]] struct {
	child  F
	left   int
	begun  bool
	begin  func(P)
	result func(P) any
	done   func(any)
}

// perPoll is how many calls are made within one poll: few enough for the budget of
// the task to last.
const perPoll = 16

func (c *calls[F, P]) Poll(cx *future.Context) future.Poll {
	child := P(&c.child)
	for range perPoll {
		if !c.begun {
			c.begin(child)
			c.begun = true
		}
		// Polled again here, and not by the loop, whose work is the same for both.
		for child.Poll(cx) == future.Pending {
		}
		c.begun = false
		if c.left--; c.left == 0 {
			c.done(c.result(child))
			return future.Ready
		}
	}
	cx.Wake(cx.Waker())
	return future.Pending
}

// way makes the calls of a future. begin sets up what the call works on, and begins
// it; it is made by setup, once.
func way[F any, P future.Ptr[F]](setup func(waits bool) (begin func(P), result func(P) any)) Way {
	return Way{
		Size: unsafeptr.LayoutOf[F]().Size,
		Polls: func(l *future.Loop, n int, waits bool, done func(any)) {
			begin, result := setup(waits)
			future.Go(l, calls[F, P]{left: n, begin: begin, result: result, done: done})
		},
	}
}

func both(a, b any) any { return [2]any{a, b} }

// delay is for pause.
func delay(waits bool) int {
	if waits {
		return 1
	}
	return 0
}

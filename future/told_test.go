package future

import (
	"testing"
)

// TestEachWaiterIsToldOnceThatThereIsNoMore: receivers that leave a closed channel
// once told the others again, each all of them: the end of 100,000 receivers took
// minutes, and that of as many goroutines longer. What is counted is how often one
// is woken that waits on, with the others leaving in each of the ways there are.
func TestEachWaiterIsToldOnceThatThereIsNoMore(t *testing.T) {
	const others = 1000
	for _, way := range []string{"told", "canceled before", "canceled after"} {
		t.Run("Chan/"+way, func(t *testing.T) {
			c := NewChan[int](1)
			toldOnce(t, c.RecvAsync, c.Close, others, way)
		})
		t.Run("Chan with values/"+way, func(t *testing.T) {
			c := NewChan[int](8)
			toldOnce(t, c.RecvAsync, func() {
				for range c.Cap() {
					c.TrySend(1) // before the close, to those who wait
				}
				c.Close()
			}, others, way)
		})
		t.Run("Oneshot/"+way, func(t *testing.T) {
			var o Oneshot[int]
			toldOnce(t, o.RecvAsync, o.Close, others, way)
		})
		t.Run("Oneshot with its value/"+way, func(t *testing.T) {
			var o Oneshot[int]
			toldOnce(t, o.RecvAsync, func() { o.Send(1) }, others, way)
		})
		t.Run("Broadcast/"+way, func(t *testing.T) {
			b := NewBroadcast[int](1)
			toldOnce(t, b.Subscribe().RecvAsync, b.Close, others, way)
		})
		t.Run("Watch/"+way, func(t *testing.T) {
			w := NewWatch(0)
			toldOnce(t, w.Subscribe().ChangedAsync, w.Close, others, way)
		})
		t.Run("Notify/"+way, func(t *testing.T) {
			var n Notify
			toldOnce(t, n.WaitAsync, n.NotifyAll, others, way)
		})
	}
}

// toldOnce checks that a waiter which nobody polls is woken once by end, whatever
// the others that wait with it do then.
func toldOnce[F any, P interface {
	Ptr[F]
	Canceler
}](t *testing.T, wait func() F, end func(), others int, way string) {
	l := newTestLoop(t)
	ears, polls := true, 0
	idle := Spawn(l, deaf[F, P]{wait(), &ears, &polls})
	rest := make([]Task[F], others)
	for i := range rest {
		rest[i] = Spawn[F, P](l, wait())
	}
	run(t, l)
	ears, polls = false, 0
	cancel := func() {
		for _, f := range rest {
			f.Cancel()
		}
	}
	if way == "canceled before" {
		cancel()
	}
	end()
	if _, err := l.Step(); err != nil { // of the others only some are polled
		t.Fatal(err)
	}
	if way == "canceled after" {
		cancel()
	}
	run(t, l)
	for _, f := range rest {
		wantDone(t, l, f, true)
		release(t, f)
	}
	if polls != 1 {
		t.Errorf("it was woken %d times while %d others left, want 1", polls, others)
	}
	ears = true
	idle.Waker().Wake()
	run(t, l)
	wantDone(t, l, idle, true)
	release(t, idle)
}

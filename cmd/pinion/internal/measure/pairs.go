package measure

import (
	"context"
	"runtime"
	"sync"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// Times are what small things take, in nanoseconds; 0 for what was not measured.
// Each is measured with pinion and with what one would use instead.
type Times struct {
	WakePoll float64 // one wake and one poll of a task, by the loop it is on

	PingPong, GoroutinePingPong   float64 // a round trip of two tasks on one loop; of two goroutines
	SpawnJoin, GoroutineSpawnJoin float64 // start, wait for, and release one
	Pin, Pinner                   float64 // pin and release a value of 64 bytes
}

// Pairs measures the Times, until ctx ends. Errors are those of memory that
// cannot be pinned, or of tasks that did not end as they should.
func Pairs(ctx context.Context) (t Times, err error) {
	loop, err := future.NewLoop(future.Config{})
	if err != nil {
		return t, err
	}
	defer func() {
		if e := loop.Shutdown(context.WithoutCancel(ctx)); err == nil {
			err = e
		}
	}()
	arena, err := pin.NewArena[value](pin.Options{})
	if err != nil {
		return t, err
	}
	defer func() {
		if e := arena.Close(); err == nil {
			err = e
		}
	}()
	note := func(e error) {
		if err == nil {
			err = e
		}
	}
	if v := PerOp(ctx,
		func(n int) { note(wakePoll(loop, n)) },
		func(n int) { note(pingPong(loop, n)) }, goroutinePingPong); v != nil {
		t.WakePoll, t.PingPong, t.GoroutinePingPong = v[0], v[1], v[2]
	}
	if v := PerOp(ctx, func(n int) { note(spawnJoin(loop, n)) }, goroutineSpawnJoin); v != nil {
		t.SpawnJoin, t.GoroutineSpawnJoin = v[0], v[1]
	}
	if v := PerOp(ctx, func(n int) { note(pinRelease(arena, n)) }, pinner); v != nil {
		t.Pin, t.Pinner = v[0], v[1]
	}
	return t, err
}

// waker is a task that wakes itself and waits for that.
type waker struct{ left int }

func (w *waker) Poll(cx *future.Context) future.Poll {
	if w.left--; w.left <= 0 {
		return future.Ready
	}
	cx.Wake(cx.Waker())
	return future.Pending
}

func wakePoll(loop *future.Loop, n int) error {
	t := future.Spawn(loop, waker{n})
	defer t.Release()
	_, err := t.Wait()
	return err
}

// ponger wakes its partner and waits to be woken.
type ponger struct {
	partner *future.Waker
	left    int
}

func (p *ponger) Poll(cx *future.Context) future.Poll {
	cx.Wake(*p.partner)
	if p.left--; p.left <= 0 {
		return future.Ready
	}
	return future.Pending
}

func pingPong(loop *future.Loop, n int) error {
	var w [2]future.Waker
	a := future.Spawn(loop, ponger{&w[1], n})
	b := future.Spawn(loop, ponger{&w[0], n})
	defer a.Release()
	defer b.Release()
	w[0], w[1] = a.Waker(), b.Waker()
	if _, err := a.Wait(); err != nil {
		return err
	}
	_, err := b.Wait()
	return err
}

func goroutinePingPong(n int) {
	ping, pong := make(chan struct{}), make(chan struct{})
	go func() {
		for range ping {
			pong <- struct{}{}
		}
		close(pong)
	}()
	for range n {
		ping <- struct{}{}
		<-pong
	}
	close(ping)
	<-pong
}

// child is a small future that is ready at once.
type child struct{ state [4]uint64 }

func (c *child) Poll(*future.Context) future.Poll { return future.Ready }

// parent spawns, waits for and releases one child after the other.
type parent struct {
	left int
	task future.Task[child]
	wait future.TaskWaitFuture[child]
	busy bool
	err  error
}

func (p *parent) Poll(cx *future.Context) future.Poll {
	for {
		if p.busy {
			if p.wait.Poll(cx) == future.Pending {
				return future.Pending
			}
			if _, err := p.wait.Result(); err != nil {
				p.err = err
				return future.Ready
			}
			p.task.ReleaseCx(cx)
			p.busy = false
		}
		if p.left--; p.left < 0 {
			return future.Ready
		}
		p.task = future.Spawn(cx, child{})
		p.wait = p.task.WaitAsync()
		p.busy = true
	}
}

func spawnJoin(loop *future.Loop, n int) error {
	t := future.Spawn(loop, parent{left: n})
	defer t.Release()
	p, err := t.Wait()
	if err != nil {
		return err
	}
	return p.err
}

func goroutineSpawnJoin(n int) {
	for range n {
		var wg sync.WaitGroup
		wg.Go(func() {})
		wg.Wait()
	}
}

// value is what is pinned.
type value [64]byte

func pinRelease(arena *pin.Arena[value], n int) error {
	for range n {
		p, err := arena.New(nil)
		if err != nil {
			return err
		}
		p.Release()
	}
	return nil
}

// sink keeps the compiler from placing values on the stack.
var sink *value

func pinner(n int) {
	for range n {
		v := new(value)
		sink = v
		var p runtime.Pinner
		p.Pin(v)
		p.Unpin()
	}
}

package future

import (
	"runtime"
	"sync"
	"testing"
	"time"
)

// ponger wakes its partner and waits to be woken: half a round trip a poll.
type ponger struct {
	partner Waker
	left    int
}

func (p *ponger) Poll(cx *Context) Poll {
	cx.Wake(p.partner)
	if p.left--; p.left <= 0 {
		return Ready
	}
	return Pending
}

func BenchmarkPingPong(b *testing.B) {
	b.Run("tasks", func(b *testing.B) {
		l := newTestLoop(b)
		b.ReportAllocs()
		x := Spawn(l, ponger{left: b.N})
		y := Spawn(l, ponger{left: b.N})
		l.futureOf(l.own.header(x.w.slot)).(*ponger).partner = y.w
		l.futureOf(l.own.header(y.w.slot)).(*ponger).partner = x.w
		b.ResetTimer()
		if err := l.RunUntilIdle(); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		x.Release()
		y.Release()
	})
	b.Run("goroutines", func(b *testing.B) {
		b.ReportAllocs()
		ping, pong := make(chan struct{}), make(chan struct{})
		go func() {
			for range ping {
				pong <- struct{}{}
			}
			close(pong)
		}()
		for range b.N {
			ping <- struct{}{}
			<-pong
		}
		close(ping)
		<-pong
	})
}

// small is a future with 32 bytes of state that is ready at its second poll.
type small struct {
	state [3]uint64
	n     uint64
}

func (s *small) Poll(cx *Context) Poll { return Ready }

// spawner spawns, waits for and releases one child after the other.
type spawner struct {
	left int
	kid  TaskWaitFuture[small]
	busy bool
}

func (s *spawner) Poll(cx *Context) Poll {
	for {
		if s.busy {
			if s.kid.Poll(cx) == Pending {
				return Pending
			}
			s.kid.Task().ReleaseCx(cx)
			s.busy = false
			s.left--
		}
		if s.left <= 0 {
			return Ready
		}
		s.kid = Spawn(cx, small{}).WaitAsync()
		s.busy = true
	}
}

func BenchmarkSpawnWait(b *testing.B) {
	b.Run("task", func(b *testing.B) {
		l := newTestLoop(b)
		b.ReportAllocs()
		t := Spawn(l, spawner{left: b.N})
		b.ResetTimer()
		if _, err := t.Wait(); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		t.Release()
	})
	b.Run("loop", func(b *testing.B) {
		l := newTestLoop(b)
		b.ReportAllocs()
		for range b.N {
			t := Spawn(l, small{})
			if _, err := t.Wait(); err != nil {
				b.Fatal(err)
			}
			t.Release()
		}
	})
	b.Run("goroutine", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			var wg sync.WaitGroup
			wg.Add(1)
			go func() { wg.Done() }()
			wg.Wait()
		}
	})
}

type frame4K struct {
	buf [4096]byte
	n   int
}

func (f *frame4K) Poll(cx *Context) Poll { return Ready }

type frame64 struct {
	buf [56]byte
	n   int
}

func (f *frame64) Poll(cx *Context) Poll { return Ready }

func BenchmarkSpawnInit(b *testing.B) {
	b.Run("64B", func(b *testing.B) { benchInit(b, func(f *frame64) error { f.n = 1; return nil }) })
	b.Run("4KiB", func(b *testing.B) { benchInit(b, func(f *frame4K) error { f.n = 1; return nil }) })
}

func benchInit[F any, P Ptr[F]](b *testing.B, init func(*F) error) {
	l := newTestLoop(b)
	b.ReportAllocs()
	for range b.N {
		t, err := SpawnInit[F, P](l, init)
		if err != nil {
			b.Fatal(err)
		}
		if err := l.RunUntilIdle(); err != nil {
			b.Fatal(err)
		}
		t.Release()
	}
}

type waitForWake struct {
	woken int
	left  int
	done  chan struct{}
}

func (w *waitForWake) Poll(cx *Context) Poll {
	w.woken++
	if w.woken > 1 {
		w.done <- struct{}{}
	}
	if w.left--; w.left < 0 {
		return Ready
	}
	return Pending
}

// BenchmarkRemoteWake wakes a task of another goroutine's loop, which sleeps, and
// waits until it has run, beside a goroutine waiting on an unbuffered channel.
func BenchmarkRemoteWakeAsleep(b *testing.B) {
	b.Run("task", func(b *testing.B) {
		rt, err := NewRuntime(Config{Loops: 1})
		if err != nil {
			b.Fatal(err)
		}
		defer rt.Shutdown(b.Context())
		b.ReportAllocs()
		done := make(chan struct{})
		t := Spawn(rt, waitForWake{left: b.N, done: done})
		time.Sleep(time.Millisecond)
		b.ResetTimer()
		for range b.N {
			t.w.Wake()
			<-done
		}
		t.Wait()
		t.Release()
	})
	b.Run("channel", func(b *testing.B) {
		b.ReportAllocs()
		c, done := make(chan struct{}), make(chan struct{})
		go func() {
			for range c {
				done <- struct{}{}
			}
		}()
		runtime.Gosched()
		for range b.N {
			c <- struct{}{}
			<-done
		}
		close(c)
	})
}

package bench

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
)

func wakePairs() []Pair {
	return []Pair{{
		Name: "PingPong", What: "round trip of two tasks on one loop",
		Ours: Side{"tasks", pingPongTasks}, Theirs: Side{"goroutines", pingPongGoroutines},
		Mark: 1.0 / 15, Unit: "ns/op", Allocs: true,
	}, {
		Name: "WakePoll", What: "one wake and poll (beside a goroutine round trip)",
		Ours: Side{"task", wakePoll}, Theirs: Side{"goroutines", pingPongGoroutines},
		Mark: 15.0 / 500, Unit: "ns/op", Allocs: true,
	}, {
		Name: "RemoteWakeAwake", What: "wake from another goroutine, loop awake",
		Ours: Side{"task", remoteWakeAwake}, Theirs: Side{"channel", channelSends},
		Mark: 1.0 / 3, Unit: "ns/op", Allocs: true,
	}, {
		Name: "RemoteWakeAsleep", What: "wake from another goroutine, loop asleep, and its answer",
		Ours: Side{"task", remoteWakeAsleep}, Theirs: Side{"channel", channelRoundTrip},
		Mark: 1.2, Unit: "ns/op", Allocs: true,
	}}
}

func newLoop(b *testing.B) *future.Loop {
	l, err := future.NewLoop(future.Config{})
	if err != nil {
		b.Fatal(err)
	}
	return l
}

func shutdown(b *testing.B, x interface{ Shutdown(context.Context) error }) {
	b.StopTimer()
	if err := x.Shutdown(context.Background()); err != nil {
		b.Fatal(err)
	}
}

// ponger wakes its partner at each poll.
type ponger struct {
	partner future.Waker
	left    int
}

func (p *ponger) Poll(cx *future.Context) future.Poll {
	cx.Wake(p.partner) // nobody at the first poll, before they are introduced
	p.left--
	return p.left <= 0
}

func pingPongTasks(b *testing.B) {
	l := newLoop(b)
	defer shutdown(b, l)
	b.ReportAllocs()
	var players [2]*ponger
	var wakers [2]future.Waker
	for i := range players {
		t, err := future.SpawnInit(l, func(p *ponger) error {
			players[i] = p
			p.left = 2
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		wakers[i] = t.Waker()
		t.Release()
	}
	if err := l.RunUntilIdle(); err != nil {
		b.Fatal(err)
	}
	for i, p := range players {
		p.partner, p.left = wakers[1-i], b.N
	}
	b.ResetTimer()
	wakers[0].Wake()
	if err := l.RunUntilIdle(); err != nil {
		b.Fatal(err)
	}
}

func pingPongGoroutines(b *testing.B) {
	b.ReportAllocs()
	ping, pong := make(chan struct{}), make(chan struct{})
	go func() {
		for range ping {
			pong <- struct{}{}
		}
		close(pong)
	}()
	b.ResetTimer()
	for range b.N {
		ping <- struct{}{}
		<-pong
	}
	b.StopTimer()
	close(ping)
	<-pong
}

// selfWaker wakes itself at each poll.
type selfWaker struct{ left int }

func (s *selfWaker) Poll(cx *future.Context) future.Poll {
	if s.left--; s.left < 0 {
		return future.Ready
	}
	cx.Wake(cx.Waker())
	return future.Pending
}

func wakePoll(b *testing.B) {
	l := newLoop(b)
	defer shutdown(b, l)
	b.ReportAllocs()
	future.Go(l, selfWaker{left: b.N})
	b.ResetTimer()
	if err := l.RunUntilIdle(); err != nil {
		b.Fatal(err)
	}
}

// counted is polled whenever it is woken, and counts; it ends when told to.
type counted struct {
	polls *atomic.Int64
	end   *atomic.Bool
}

func (c counted) Poll(cx *future.Context) future.Poll {
	c.polls.Add(1)
	return future.Poll(c.end.Load())
}

// spinner keeps its loop awake.
type spinner struct{ end *atomic.Bool }

func (s spinner) Poll(cx *future.Context) future.Poll {
	cx.Wake(cx.Waker())
	return future.Poll(s.end.Load())
}

const wakeBatch = 1000

// remoteWakeAwake measures what the waker pays, for tasks that really have to be
// scheduled: each of a batch once, then the loop catches up.
func remoteWakeAwake(b *testing.B) {
	rt, err := future.NewRuntime(future.Config{Loops: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer shutdown(b, rt)
	b.ReportAllocs()
	var polls atomic.Int64
	var end atomic.Bool
	wakers := make([]future.Waker, wakeBatch)
	for i := range wakers {
		t := future.Spawn(rt, counted{&polls, &end})
		wakers[i] = t.Waker()
		t.Release()
	}
	for polls.Load() < wakeBatch {
		runtime.Gosched()
	}
	future.Go(rt, spinner{&end})
	var spent time.Duration
	b.ResetTimer()
	for done := 0; done < b.N; {
		n := min(wakeBatch, b.N-done)
		polls.Store(0)
		start := time.Now()
		for _, w := range wakers[:n] {
			w.Wake()
		}
		spent += time.Since(start)
		for polls.Load() < int64(n) {
			runtime.Gosched()
		}
		done += n
	}
	b.StopTimer()
	b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N), "ns/op")
	end.Store(true)
	for _, w := range wakers {
		w.Wake()
	}
}

// channelSends measures what the sender pays on unbuffered channels whose
// receivers wait.
func channelSends(b *testing.B) {
	b.ReportAllocs()
	var got atomic.Int64
	chans := make([]chan struct{}, wakeBatch)
	for i := range chans {
		c := make(chan struct{})
		chans[i] = c
		go func() {
			for range c {
				got.Add(1)
			}
		}()
	}
	settle := func() {
		for range 100 {
			runtime.Gosched()
		}
	}
	settle()
	var spent time.Duration
	b.ResetTimer()
	for done := 0; done < b.N; {
		n := min(wakeBatch, b.N-done)
		got.Store(0)
		start := time.Now()
		for _, c := range chans[:n] {
			c <- struct{}{}
		}
		spent += time.Since(start)
		for got.Load() < int64(n) {
			runtime.Gosched()
		}
		done += n
	}
	b.StopTimer()
	b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N), "ns/op")
	for _, c := range chans {
		close(c)
	}
}

// answerer answers each wake on a channel.
type answerer struct {
	answer chan struct{}
	left   int
}

func (a *answerer) Poll(cx *future.Context) future.Poll {
	a.answer <- struct{}{}
	a.left--
	return a.left < 0
}

func remoteWakeAsleep(b *testing.B) {
	rt, err := future.NewRuntime(future.Config{Loops: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer shutdown(b, rt)
	b.ReportAllocs()
	answer := make(chan struct{})
	t := future.Spawn(rt, answerer{answer, b.N})
	defer t.Release()
	w := t.Waker()
	<-answer
	b.ResetTimer()
	for range b.N {
		w.Wake()
		<-answer
	}
}

func channelRoundTrip(b *testing.B) {
	b.ReportAllocs()
	ask, answer := make(chan struct{}), make(chan struct{})
	go func() {
		for range ask {
			answer <- struct{}{}
		}
		close(answer)
	}()
	b.ResetTimer()
	for range b.N {
		ask <- struct{}{}
		<-answer
	}
	b.StopTimer()
	close(ask)
	<-answer
}

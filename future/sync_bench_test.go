package future

import (
	"sync"
	"testing"
)

// relock locks and unlocks n times within one poll.
type relock struct {
	m *Mutex
	n int
	f MutexLockFuture
}

func (x *relock) Poll(cx *Context) Poll {
	for ; x.n > 0; x.n-- {
		x.f = x.m.LockAsync()
		if !x.f.Poll(cx) {
			return Pending // its budget is used up
		}
		x.m.UnlockCx(cx)
	}
	return Ready
}

func BenchmarkMutexUncontended(b *testing.B) {
	b.Run("Lock", func(b *testing.B) {
		b.ReportAllocs()
		var m Mutex
		for b.Loop() {
			m.Lock()
			m.Unlock()
		}
	})
	b.Run("LockAsync", func(b *testing.B) {
		b.ReportAllocs()
		var m Mutex
		l := newTestLoop(b)
		task := Spawn(l, relock{m: &m, n: b.N})
		b.ResetTimer()
		release(b, task)
	})
	b.Run("sync.Mutex", func(b *testing.B) {
		b.ReportAllocs()
		var m sync.Mutex
		for b.Loop() {
			m.Lock()
			m.Unlock()
		}
	})
}

// locker locks, lets the other tasks run while it holds the lock, and unlocks.
type locker struct {
	m    *Mutex
	n    int
	f    MutexLockFuture
	step int
}

func (x *locker) Poll(cx *Context) Poll {
	for {
		switch x.step {
		case 0:
			if x.n == 0 {
				return Ready
			}
			x.n--
			x.f, x.step = x.m.LockAsync(), 1
		case 1:
			if !x.f.Poll(cx) {
				return Pending
			}
			x.step = 2
			cx.Wake(cx.Waker())
			return Pending
		case 2:
			x.m.UnlockCx(cx)
			x.step = 0
		}
	}
}

// BenchmarkMutexContended: four contend for a lock and let others run while they
// hold it.
func BenchmarkMutexContended(b *testing.B) {
	const contenders = 4
	b.Run("tasks", func(b *testing.B) {
		b.ReportAllocs()
		var m Mutex
		l := newTestLoop(b)
		var tasks []Task[locker]
		for range contenders {
			tasks = append(tasks, Spawn(l, locker{m: &m, n: b.N / contenders}))
		}
		b.ResetTimer()
		for _, task := range tasks {
			release(b, task)
		}
	})
	b.Run("goroutines", func(b *testing.B) {
		b.ReportAllocs()
		var m Mutex
		contend(b.N, contenders, func() { m.Lock() }, m.Unlock)
	})
	b.Run("sync.Mutex", func(b *testing.B) {
		b.ReportAllocs()
		var m sync.Mutex
		contend(b.N, contenders, m.Lock, m.Unlock)
	})
}

func contend(n, contenders int, lock, unlock func()) {
	var wg sync.WaitGroup
	for range contenders {
		wg.Go(func() {
			for range n / contenders {
				lock()
				Yield()
				unlock()
			}
		})
	}
	wg.Wait()
}

func BenchmarkRWMutexUncontended(b *testing.B) {
	b.Run("RLock", func(b *testing.B) {
		b.ReportAllocs()
		var m RWMutex
		for b.Loop() {
			m.RLock()
			m.RUnlock()
		}
	})
	b.Run("sync.RWMutex", func(b *testing.B) {
		b.ReportAllocs()
		var m sync.RWMutex
		for b.Loop() {
			m.RLock()
			m.RUnlock()
		}
	})
}

// echoer sends what it receives, or receives what it has sent, n times.
type echoer struct {
	in, out *Chan[int]
	n       int
	serves  bool
	begun   bool
	r       ChanRecvFuture[int]
	s       ChanSendFuture[int]
}

func (x *echoer) Poll(cx *Context) Poll {
	for x.n > 0 {
		if x.serves {
			if !x.begun {
				x.s, x.begun = x.out.SendAsync(x.n), true
			}
			if !x.s.Poll(cx) {
				return Pending
			}
		} else {
			if !x.begun {
				x.r, x.begun = x.in.RecvAsync(), true
			}
			if !x.r.Poll(cx) {
				return Pending
			}
		}
		x.n--
		x.serves, x.begun = !x.serves, false
	}
	return Ready
}

// BenchmarkChanPingPong is a round trip: a value to the other and one back.
func BenchmarkChanPingPong(b *testing.B) {
	for _, kind := range []struct {
		name string
		cap  int
	}{{"unbuffered", 0}, {"buffered", 1}} {
		b.Run("tasks/"+kind.name, func(b *testing.B) {
			b.ReportAllocs()
			l := newTestLoop(b)
			ping, pong := NewChan[int](kind.cap), NewChan[int](kind.cap)
			x := Spawn(l, echoer{in: pong, out: ping, n: 2 * b.N, serves: true})
			y := Spawn(l, echoer{in: ping, out: pong, n: 2 * b.N})
			b.ResetTimer()
			release(b, x)
			release(b, y)
		})
		b.Run("goroutines/"+kind.name, func(b *testing.B) {
			b.ReportAllocs()
			ping, pong := make(chan int, kind.cap), make(chan int, kind.cap)
			go func() {
				for v := range ping {
					pong <- v
				}
				close(pong)
			}()
			for i := range b.N {
				ping <- i
				<-pong
			}
			close(ping)
			<-pong
		})
	}
}

// BenchmarkChanStream sends values one way, through a buffer.
func BenchmarkChanStream(b *testing.B) {
	const buffer = 64
	b.Run("tasks", func(b *testing.B) {
		b.ReportAllocs()
		l := newTestLoop(b)
		c := NewChan[int](buffer)
		x, y := Spawn(l, sendAll{c: c, n: b.N}), Spawn(l, recvAll{c: c, n: b.N})
		b.ResetTimer()
		release(b, x)
		release(b, y)
	})
	b.Run("goroutines", func(b *testing.B) {
		b.ReportAllocs()
		c := make(chan int, buffer)
		go func() {
			for i := range b.N {
				c <- i
			}
		}()
		for range b.N {
			<-c
		}
	})
}

type sendAll struct {
	c     *Chan[int]
	n     int
	begun bool
	f     ChanSendFuture[int]
}

func (x *sendAll) Poll(cx *Context) Poll {
	for x.n > 0 {
		if !x.begun {
			x.f, x.begun = x.c.SendAsync(x.n), true
		}
		if !x.f.Poll(cx) {
			return Pending
		}
		x.begun = false
		x.n--
	}
	return Ready
}

type recvAll struct {
	c     *Chan[int]
	n     int
	begun bool
	f     ChanRecvFuture[int]
}

func (x *recvAll) Poll(cx *Context) Poll {
	for x.n > 0 {
		if !x.begun {
			x.f, x.begun = x.c.RecvAsync(), true
		}
		if !x.f.Poll(cx) {
			return Pending
		}
		x.begun = false
		x.n--
	}
	return Ready
}

func BenchmarkNotifyPingPong(b *testing.B) {
	b.ReportAllocs()
	l := newTestLoop(b)
	var ping, pong Notify
	x := Spawn(l, notifier{in: &pong, out: &ping, n: b.N, serves: true})
	y := Spawn(l, notifier{in: &ping, out: &pong, n: b.N})
	b.ResetTimer()
	release(b, x)
	release(b, y)
}

// notifier notifies and waits to be notified, n times each.
type notifier struct {
	in, out *Notify
	n       int
	serves  bool
	begun   bool
	f       NotifyWaitFuture
}

func (x *notifier) Poll(cx *Context) Poll {
	for x.n > 0 {
		if x.serves {
			x.out.NotifyOneCx(cx)
			x.serves = false
		}
		if !x.begun {
			x.f, x.begun = x.in.WaitAsync(), true
		}
		if !x.f.Poll(cx) {
			return Pending
		}
		x.begun, x.serves = false, true
		x.n--
	}
	if x.serves {
		x.out.NotifyOneCx(cx)
	}
	return Ready
}

package locks

import (
	"sync"

	"github.com/pinion-go/pinion/future"
)

type server struct {
	mu    sync.Mutex
	rw    sync.RWMutex
	other sync.Mutex
	n     int
}

//pinion:async
func (s *server) Short() { // want Short:`.*`
	s.mu.Lock()
	s.n++
	s.mu.Unlock()
	future.Sleep(1)
	s.rw.RLock()
	defer s.rw.RUnlock()
	s.n++
}

//pinion:async
func (s *server) Across(c chan int) { // want Across:`.*`
	s.mu.Lock() // want `^server\.Across blocks its loop: server\.Across locks s\.mu \(locks\.go:29\) and suspends with it \(locks\.go:30\), so that a task that locks it meanwhile blocks for good; unlock it before, use future\.Mutex, or say //pinion:blocking REASON$`
	future.Sleep(1)
	s.mu.Unlock()
	<-c
}

//pinion:async
func (s *server) Deferred() { // want Deferred:`.*`
	s.rw.RLock() // want `locks s\.rw .*use future\.RWMutex`
	defer s.rw.RUnlock()
	future.Await(future.SleepAsync(1))
}

//pinion:async
func (s *server) Branches(b bool, c chan int) { // want Branches:`.*`
	s.mu.Lock() // want `suspends with it \(locks\.go:51\)`
	if b {
		s.mu.Unlock()
		future.Sleep(1)
		return
	}
	s.other.Lock() // want `locks s\.other`
	for range c {
	}
	s.mu.Unlock()
	s.other.Unlock()
}

//pinion:async
func (s *server) Loop(c chan int) { // want Loop:`.*`
	for {
		future.Sleep(1) // the mutex comes from the round before
		s.mu.Lock()     // want `suspends with it \(locks\.go:60\)`
		if s.n > 0 {
			continue
		}
		s.mu.Unlock()
	}
}

//pinion:async
func (s *server) Good(c chan int) { // want Good:`.*`
	for {
		future.Sleep(1)
		s.mu.Lock()
		if s.n > 0 {
			s.mu.Unlock()
			continue
		}
		s.mu.Unlock()
		c <- 1
	}
}

//pinion:async
func (s *server) Selects(a, b chan int) { // want Selects:`.*`
	s.mu.Lock()
	select {
	case <-a:
	default:
	}
	s.mu.Unlock()
	s.rw.Lock() // want `locks s\.rw`
	select {
	case <-a:
	case b <- 1:
	}
	s.rw.Unlock()
}

//pinion:async
func (s *server) Panics() { // want Panics:`.*`
	s.mu.Lock()
	if s.n == 0 {
		panic("the process ends")
	}
	s.mu.Unlock()
	future.Sleep(1)
}

//pinion:async
func (s *server) Other(t *server) { // want Other:`.*`
	s.mu.Lock() // want `locks s\.mu`
	t.mu.Unlock()
	future.Sleep(1)
}

//pinion:async
func (s *server) InPlace() { // want InPlace:`.*`
	func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.n++
	}()
	go func() {
		s.mu.Lock()
	}()
	f := func() { s.mu.Lock() }
	f()
	future.Sleep(1)
}

//pinion:async
func (s *server) Meant() { // want Meant:`.*`
	s.mu.Lock() //pinion:blocking nothing else locks it
	future.Sleep(1)
	s.mu.Unlock()
}

// lock and unlock are not followed.
func (s *server) lock() { s.mu.Lock() }

//pinion:async
func (s *server) ByHelper() { // want ByHelper:`.*`
	s.lock()
	future.Sleep(1)
	if s.mu.TryLock() {
		future.Sleep(1)
	}
}

// Plain is no async code: its mutex waits in future.Sleep, like any goroutine's.
func (s *server) Plain() { // want Plain:`.*`
	s.mu.Lock()
	future.Sleep(1)
	s.mu.Unlock()
}

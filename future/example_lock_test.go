package future_test

import (
	"errors"
	"fmt"
	"sync"

	"github.com/pinion-go/pinion/future"
)

// From goroutines a Mutex is used like a sync.Mutex; tasks that wait for the same
// lock call LockAsync.
func ExampleMutex() {
	var mu future.Mutex
	var wg sync.WaitGroup
	sum := 0
	for i := range 10 {
		wg.Go(func() {
			if err := mu.Lock(); err != nil {
				return
			}
			defer mu.Unlock()
			sum += i
		})
	}
	wg.Wait()
	fmt.Println(sum)
	// Output: 45
}

// transfer takes two locks, one after the other, and holds both.
type transfer struct {
	from, to *account
	amount   int
	step     int
	lock     future.MutexLockFuture
}

type account struct {
	mu      future.Mutex
	balance int
}

func (t *transfer) Poll(cx *future.Context) future.Poll {
	for {
		switch t.step {
		case 0:
			t.lock, t.step = t.from.mu.LockAsync(), 1
		case 1:
			if !t.lock.Poll(cx) {
				return future.Pending
			}
			if t.lock.Result() != nil {
				return future.Ready // cancelled
			}
			t.lock, t.step = t.to.mu.LockAsync(), 2
		case 2:
			if !t.lock.Poll(cx) {
				return future.Pending
			}
			defer t.from.mu.UnlockCx(cx)
			if t.lock.Result() != nil {
				return future.Ready
			}
			defer t.to.mu.UnlockCx(cx)
			t.from.balance -= t.amount
			t.to.balance += t.amount
			return future.Ready
		}
	}
}

func ExampleMutexLockFuture() {
	a, b := &account{balance: 100}, &account{}
	future.Await(future.All(
		transfer{from: a, to: b, amount: 30},
		transfer{from: a, to: b, amount: 12},
	))
	fmt.Println(a.balance, b.balance)
	// Output: 58 42
}

func ExampleRWMutex() {
	var mu future.RWMutex
	mu.RLock()
	fmt.Println("another reader:", mu.TryRLock())
	fmt.Println("a writer:", mu.TryLock())
	mu.RUnlock()
	mu.RUnlock()
	fmt.Println("a writer, later:", mu.TryLock())
	mu.Unlock()
	// Output:
	// another reader: true
	// a writer: false
	// a writer, later: true
}

func ExampleRWMutexLockFuture() {
	var mu future.RWMutex
	lock := future.Await(mu.LockAsync())
	fmt.Println(lock.Result(), mu.TryRLock())
	mu.Unlock()
	// Output: <nil> false
}

func ExampleRWMutexRLockFuture() {
	var mu future.RWMutex
	for range 3 {
		future.Await(mu.RLockAsync())
	}
	fmt.Println("three readers at once")
	for range 3 {
		mu.RUnlock()
	}
	// Output: three readers at once
}

// A Semaphore bounds how much goes on at once.
func ExampleSemaphore() {
	const most = 3
	s := future.NewSemaphore(most)
	var mu sync.Mutex
	now, high := 0, 0
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := s.Acquire(1); err != nil {
				return
			}
			defer s.Release(1)
			mu.Lock()
			now++
			high = max(high, now)
			mu.Unlock()
			future.Yield()
			mu.Lock()
			now--
			mu.Unlock()
		})
	}
	wg.Wait()
	fmt.Println(high <= most)
	// Output: true
}

func ExampleSemaphoreAcquireFuture() {
	s := future.NewSemaphore(10)
	f := future.Await(s.AcquireAsync(7))
	fmt.Println(f.Result(), s.TryAcquire(4), s.TryAcquire(3))
	s.Release(10)
	// Output: <nil> false true
}

func ExamplePermitError() {
	s := future.NewSemaphore(2)
	var e *future.PermitError
	if err := s.Acquire(3); errors.As(err, &e) {
		fmt.Printf("%s of %d, there are %d\n", e.Op, e.N, e.Have)
	}
	// Output: Semaphore.Acquire of 3, there are 2
}

// postbox is a condition of one's own: an unbounded queue.
type postbox struct {
	mu    sync.Mutex
	mail  []string
	added future.Notify
}

func (m *postbox) put(s string) {
	m.mu.Lock()
	m.mail = append(m.mail, s)
	m.mu.Unlock()
	m.added.NotifyOne()
}

func (m *postbox) get() (string, error) {
	for {
		m.mu.Lock()
		if len(m.mail) > 0 {
			s := m.mail[0]
			m.mail = m.mail[1:]
			m.mu.Unlock()
			return s, nil
		}
		m.mu.Unlock()
		if err := m.added.Wait(); err != nil {
			return "", err
		}
	}
}

func ExampleNotify() {
	var m postbox
	go m.put("letter")
	fmt.Println(m.get())
	// Output: letter <nil>
}

func ExampleNotifyWaitFuture() {
	var n future.Notify
	f := n.WaitAsync() // the wait begins here
	n.NotifyAll()
	fmt.Println(future.Await(f).Result())
	// Output: <nil>
}

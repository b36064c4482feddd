package future

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestBlockRunsAFutureToItsEnd(t *testing.T) {
	checkLeaks(t)
	polls := 0
	f := script{f: func(cx *Context, n int) Poll {
		polls = n
		if n < 4 {
			w := cx.Waker()
			go w.Wake()
			return Pending
		}
		return Ready
	}}
	if err := Block(&f); err != nil || polls != 4 {
		t.Errorf("Block = %v after %d polls", err, polls)
	}
	s := Await(SleepAsync(time.Millisecond))
	if err := s.Result(); err != nil {
		t.Error(err)
	}
}

func TestBlockSleepsWithoutSpuriousPolls(t *testing.T) {
	polls := 0
	var w Waker
	got := make(chan struct{})
	go func() {
		defer close(got)
		f := script{f: func(cx *Context, n int) Poll {
			polls, w = n, cx.Waker()
			if n == 1 {
				got <- struct{}{}
			}
			return Poll(n == 2)
		}}
		Block(&f)
	}()
	<-got
	first := w
	time.Sleep(2 * time.Millisecond)
	for range 10 {
		first.Wake()
	}
	<-got
	if polls != 2 {
		t.Errorf("%d polls, want 2", polls)
	}
	w.Wake() // stale
}

func TestManyBlocksShareLoopsOverTime(t *testing.T) {
	checkLeaks(t)
	blockLoops.mu.Lock()
	before := len(blockLoops.free)
	blockLoops.mu.Unlock()
	for range 20 {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				s := SleepAsync(10 * time.Microsecond)
				if err := Block(&s); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	blockLoops.mu.Lock()
	defer blockLoops.mu.Unlock()
	if n := len(blockLoops.free); n > before+4 {
		t.Errorf("%d loops for 4 Blocks at once, %d before", n, before)
	}
}

func TestBlockInABlockedFuture(t *testing.T) {
	checkLeaks(t)
	var ready, waits error
	f := script{f: func(cx *Context, n int) Poll {
		now := script{f: func(*Context, int) Poll { return Ready }}
		ready = Block(&now)
		s := SleepAsync(time.Hour)
		waits = Block(&s)
		return Ready
	}}
	if err := Block(&f); err != nil || ready != nil || waits != ErrBlockedPoll {
		t.Errorf("Block = %v; inside %v for one that is Ready, %v for one that waits", err, ready, waits)
	}
}

func TestPanicAndGoexitComeOutOfBlock(t *testing.T) {
	checkLeaks(t)
	func() {
		defer func() {
			if v := recover(); v != "boom" {
				t.Errorf("recovered %v", v)
			}
		}()
		Block(&script{f: func(*Context, int) Poll { panic("boom") }})
	}()
	if onGoroutine(func() { Block(&script{f: func(*Context, int) Poll { runtime.Goexit(); return Ready }}) }) {
		t.Error("Goexit did not end the goroutine")
	}
	func() {
		defer func() {
			if v := recover(); v != ErrBlockedPoll {
				t.Errorf("Await panicked with %v", v)
			}
		}()
		Block(&script{f: func(*Context, int) Poll { Await(SleepAsync(time.Hour)); return Ready }})
	}()
	func() {
		defer func() {
			if v := recover(); v == nil {
				t.Error("Block took a future that is no pointer")
			}
		}()
		Block(noPointer{})
	}()
}

type noPointer struct{}

func (noPointer) Poll(*Context) Poll { return Ready }

func TestBlockRunsItsScopes(t *testing.T) {
	checkLeaks(t)
	var scope Scope
	ended := 0
	f := script{f: func(cx *Context, n int) Poll {
		if n == 1 {
			for range 5 {
				Spawn(scope.In(cx), script{f: func(cx *Context, n int) Poll {
					if n == 3 {
						ended++
						return Ready
					}
					cx.Wake(cx.Waker())
					return Pending
				}})
			}
			Go(cx, script{f: func(*Context, int) Poll { return Ready }}) // on the Default runtime
		}
		return scope.Poll(cx)
	}}
	if err := Block(&f); err != nil || ended != 5 {
		t.Errorf("Block = %v, %d of 5 tasks had ended", err, ended)
	}
}

// TestBlockThatPanicsWaitsForItsScopes has the tasks write into the frame of the
// future that panics.
func TestBlockThatPanicsWaitsForItsScopes(t *testing.T) {
	checkLeaks(t)
	var kids, canceled int
	func() {
		defer func() {
			if v := recover(); v != "boom" {
				t.Errorf("recovered %v", v)
			}
		}()
		var scope Scope
		Block(&script{f: func(cx *Context, n int) Poll {
			for range 3 {
				kids++
				sleep := SleepAsync(time.Hour)
				Spawn(scope.In(cx), script{f: func(cx *Context, n int) Poll {
					p := sleep.Poll(cx)
					if p {
						kids--
						if errors.Is(sleep.Result(), ErrCanceled) {
							canceled++
						}
					}
					return p
				}})
			}
			panic("boom")
		}})
	}()
	if kids != 0 || canceled != 3 {
		t.Errorf("%d tasks outlived their scope, %d were cancelled", kids, canceled)
	}
}

func TestStaleWakersOfBlocksDoNothing(t *testing.T) {
	var wakers []Waker
	for range 50 {
		polls := 0
		f := script{f: func(cx *Context, n int) Poll {
			polls = n
			for _, w := range wakers {
				w.Wake()
				cx.Wake(w)
			}
			if n == 1 {
				wakers = append(wakers, cx.Waker())
				w := cx.Waker()
				time.AfterFunc(100*time.Microsecond, w.Wake)
				return Pending
			}
			return Ready
		}}
		if err := Block(&f); err != nil || polls != 2 {
			t.Fatalf("Block = %v after %d polls", err, polls)
		}
	}
}

func TestAbandonedBlockKeepsItsMemoryPinned(t *testing.T) {
	abandoned.mu.Lock()
	before := len(abandoned.list)
	abandoned.mu.Unlock()
	// A future that does not mind being cancelled, with a timer in it.
	stubborn := &shieldedSleep{s: SleepAsync(time.Hour)}
	Block(&script{f: func(*Context, int) Poll {
		if err := Block(stubborn); err != ErrBlockedPoll || !strings.Contains(err.Error(), "inside a poll") {
			t.Errorf("Block = %v", err)
		}
		return Ready
	}})
	abandoned.mu.Lock()
	defer abandoned.mu.Unlock()
	if n := len(abandoned.list) - before; n != 1 {
		t.Errorf("%d futures were kept pinned, want 1", n)
	}
}

type shieldedSleep struct{ s SleepFuture }

func (f *shieldedSleep) Poll(cx *Context) Poll { return cx.PollShielded(&f.s) }

// TestASleepInABlockBeginsWithIt regresses one that went by the time of the Block before, and was
// over too soon.
func TestASleepInABlockBeginsWithIt(t *testing.T) {
	const d = 5 * time.Millisecond
	for range 3 {
		begin := time.Now()
		if err := Await(SleepAsync(d)).Result(); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took < d {
			t.Errorf("a sleep of %v took %v", d, took)
		}
		time.Sleep(2 * d)
	}
}

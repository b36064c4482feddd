package fuzz_test

import (
	"errors"
	"fmt"

	"github.com/pinion-go/pinion/future"
)

// A lockOp takes a lock or permits, and checks that nobody has more of them than
// there are.
type lockOp struct {
	future.Future
	result func() error
	unlock func(cx *future.Context)
	held   *int
	n, max int
	w      *loopWorld
}

func (o *lockOp) taken() bool {
	err := o.result()
	if err != nil {
		if err != future.ErrCanceled {
			o.w.wrong("a lock operation ended with %v", err)
		}
		return false
	}
	if *o.held += o.n; *o.held > o.max {
		o.w.wrong("%d permits are held of %d", *o.held, o.max)
	}
	return true
}

func (o *lockOp) give(cx *future.Context) {
	*o.held -= o.n
	o.unlock(cx)
}

func (o *lockOp) Cancel() {
	if c, ok := o.Future.(future.Canceler); ok {
		c.Cancel()
	}
}

// A value that is sent is in exactly one place.
type valueState byte

const (
	sending  valueState = iota // its send has not ended
	sent                       // the channel, or a receiver, has taken it over
	received                   // a receiver has it
	returned                   // the send was cancelled or refused, and gave it back
)

// A sendOp sends a value of its own on a channel.
type sendOp struct {
	future.ChanSendFuture[int]
	w     *loopWorld
	value int
}

func (o *sendOp) taken() bool {
	err := o.Result()
	state := &o.w.values[o.value]
	if err == nil {
		if *state != received {
			*state = sent
		}
		return false
	}
	e, ok := errors.AsType[*future.SendError[int]](err)
	if !ok || e.Value != o.value || !errors.Is(err, future.ErrCanceled) && !errors.Is(err, future.ErrClosed) {
		o.w.wrong("the send of %d ended with %v", o.value, err)
	}
	if *state != sending {
		o.w.wrong("value %d was handed back in state %d", o.value, *state)
	}
	*state = returned
	return false
}

func (o *sendOp) give(*future.Context) {}

// A recvOp receives a value.
type recvOp struct {
	future.ChanRecvFuture[int]
	w *loopWorld
}

func (o *recvOp) taken() bool {
	v, err := o.Result()
	if err == nil {
		o.w.received(v)
	} else if err != future.ErrCanceled && err != future.ErrClosed {
		o.w.wrong("a receive ended with %v", err)
	}
	return false
}

func (o *recvOp) give(*future.Context) {}

func (w *loopWorld) received(v int) {
	if v < 0 || v >= len(w.values) || w.values[v] == received || w.values[v] == returned {
		w.wrong("value %d was received, which is nobody's to receive", v)
		return
	}
	w.values[v] = received
}

// A notifyOp waits for a notification.
type notifyOp struct {
	future.NotifyWaitFuture
	w *loopWorld
}

func (o *notifyOp) taken() bool {
	switch err := o.Result(); err {
	case nil:
		o.w.syncs.notified++
		o.w.syncs.stored = false
	case future.ErrCanceled:
	default:
		o.w.wrong("a wait for a notification ended with %v", err)
	}
	return false
}

func (o *notifyOp) give(*future.Context) {}

const semaphoreSize = 3

// syncs are the primitives of one world.
type syncs struct {
	mutex     future.Mutex
	rw        future.RWMutex
	semaphore *future.Semaphore
	notify    future.Notify
	rendez    *future.Chan[int] // of capacity 0
	buffered  *future.Chan[int] // of capacity 2
	inMutex   int               // permits held, by the ledger
	inRW      int
	inSem     int
	notified  int  // waits that were ended by a notification
	stored    bool // a notification that nobody waited for
	told
}

func newSyncs() *syncs {
	return &syncs{
		semaphore: future.NewSemaphore(semaphoreSize),
		rendez:    future.NewChan[int](0),
		buffered:  future.NewChan[int](2),
		told:      newTold(),
	}
}

func (s *syncs) channel(i int) *future.Chan[int] {
	if i%2 == 0 {
		return s.rendez
	}
	return s.buffered
}

// waitsFor names what an operation waits for, for checkSync.
type waitsFor byte

const (
	forMutex waitsFor = iota
	forRLock
	forLock
	forSemaphore
	forNotify
	forSend // and forSend+1 for the other channel
	_
	forRecv
	_
	forCast
	forChange
	waitKinds
)

// operation returns a new operation.
func (w *loopWorld) operation(kind waitsFor, n int) operation {
	s := w.syncs
	lock := func(f future.Future, result func() error, unlock func(*future.Context), held *int, n, max int) operation {
		return &lockOp{Future: f, result: result, unlock: unlock, held: held, n: n, max: max, w: w}
	}
	const readers = 1000
	switch kind {
	case forMutex:
		f := s.mutex.LockAsync()
		return lock(&f, f.Result, s.mutex.UnlockCx, &s.inMutex, 1, 1)
	case forRLock:
		f := s.rw.RLockAsync()
		return lock(&f, f.Result, s.rw.RUnlockCx, &s.inRW, 1, readers)
	case forLock:
		f := s.rw.LockAsync()
		return lock(&f, f.Result, s.rw.UnlockCx, &s.inRW, readers, readers)
	case forSemaphore:
		n = 1 + n%semaphoreSize
		f := s.semaphore.AcquireAsync(n)
		return lock(&f, f.Result, func(cx *future.Context) { s.semaphore.ReleaseCx(cx, n) }, &s.inSem, n, semaphoreSize)
	case forNotify:
		return &notifyOp{s.notify.WaitAsync(), w}
	case forSend, forSend + 1:
		w.values = append(w.values, sending)
		v := len(w.values) - 1
		return &sendOp{s.channel(int(kind - forSend)).SendAsync(v), w, v}
	case forCast:
		i := n % listeners
		return &castOp{s.receivers[i].RecvAsync(), w, i}
	case forChange:
		i := n % listeners
		return &changeOp{s.watchers[i].ChangedAsync(), w, i}
	default:
		return &recvOp{s.channel(int(kind - forRecv)).RecvAsync(), w}
	}
}

// waiting returns how many wait for each.
func (w *loopWorld) waiting() (n [waitKinds]int) {
	for _, t := range w.tasks {
		for l := range t.root.leaves {
			if l.started && !l.ready && l.op != nil {
				n[l.waits]++
			}
		}
	}
	return n
}

// checkSync returns an error if somebody waits, with the loop at rest, for what is there.
func (w *loopWorld) checkSync() error {
	s, waiting := w.syncs, w.waiting()
	recv := func(i waitsFor) int { return waiting[forRecv+i] }
	send := func(i waitsFor) int { return waiting[forSend+i] }
	for what, bad := range map[string]bool{
		"a mutex that is unlocked":                      waiting[forMutex] > 0 && s.inMutex == 0,
		"a read-write mutex that is unlocked":           waiting[forLock]+waiting[forRLock] > 0 && s.inRW == 0,
		"a semaphore of which all permits are free":     waiting[forSemaphore] > 0 && s.inSem == 0,
		"a value in a channel":                          recv(1) > 0 && s.buffered.Len() > 0,
		"a receiver in a rendezvous that waits as well": send(0) > 0 && recv(0) > 0,
		"a receiver of a channel that waits as well":    send(1) > 0 && recv(1) > 0,
		"room in a channel":                             send(1) > 0 && s.buffered.Len() < s.buffered.Cap(),
		"a notification that was stored":                waiting[forNotify] > 0 && s.stored,
	} {
		if bad {
			return fmt.Errorf("the loop is at rest, and somebody waits for %s", what)
		}
	}
	if err := w.checkTold(); err != nil {
		return err
	}
	if n := w.count(sent); n != s.buffered.Len() {
		return fmt.Errorf("%d values were sent and not received, and the channels hold %d", n, s.buffered.Len())
	}
	return nil
}

func (w *loopWorld) count(state valueState) (n int) {
	for _, s := range w.values {
		if s == state {
			n++
		}
	}
	return n
}

package future

import (
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

// ErrBusy is returned by methods of a [Loop] that run it, when another goroutine
// is running it already.
var ErrBusy = errors.New("future: the loop is being run by another goroutine; a Loop belongs to one goroutine at a time")

// Config says how a [Loop] or a [Runtime] is to be. The zero Config is a good one.
type Config struct {
	// Loops is the number of loops of a Runtime, by default GOMAXPROCS.
	Loops int
	// Driver makes the driver of each loop, given its number. By default a loop
	// sleeps on a channel.
	Driver func(loop int) (Driver, error)
	// Clock is by default the monotonic clock.
	Clock Clock
	// Choose lets an explorer take over every decision.
	Choose Choose
	// OnPanic is called with a panic that nobody joins, on the loop. By default
	// the program crashes as it does when a goroutine panics; on a Loop that is
	// stepped by hand, the panic comes out of the step.
	OnPanic func(*PanicError)
	// SlowPoll is the duration from which OnSlow is told of a poll. 0 is never.
	// Measuring costs two clock readings a poll.
	SlowPoll time.Duration
	// OnSlow is by default a line on standard error.
	OnSlow func(name string, took time.Duration)
}

// Loop runs futures on one goroutine at a time: the one that calls its methods.
// It starts no goroutine, so that it embeds in any event loop: [Loop.Step] does a
// bounded amount of work, [Loop.OnWake] tells when there is more, and
// [Loop.NextTimer] when there will be.
//
// Spawn, Task.Wait, Task.Cancel and Task.Release may be called from any goroutine;
// they are fastest inside a poll of the loop, through its [Context].
type Loop struct {
	own    *owner
	id     uint32 // of the owner
	number int    // in its Runtime
	cfg    Config
	claim  atomic.Uint32 // who may touch the fields below: free, running, visited or over

	// The chunk of headers that was used last: mostly it is the next one too, and
	// a branch that is predicted costs less than loads that depend on each other.
	hotFirst uint32
	hotChunk *[chunkLen]header
	hotSlab  *slab // likewise, the slab of the task that was polled last

	cx     Context
	next   uint32 // the oldest slot to be polled, or 0: a queue of one needs no ring
	ready  ring   // the other slots to be polled, oldest first; empty if next is 0
	now    time.Duration
	born   uint32 // now in units of bornUnit, once that is known
	clock  Clock
	choose Choose
	rotor  uint32
	instr  bool // polls take the instrumented path: choices, slow polls, traces

	cache  [slabCacheLen]*slab
	byType map[itab]*slab
	slabs  []*slab // slabs[0] is nil: a header without a slot

	extras    []extra // extras[0] is unused
	freeExtra uint32
	sets      []childSet
	freeSets  []uint32

	timers *wheel // made with the first timer

	alarms     []*Alarm // those that are set, by the gen of their timers
	freeAlarms []uint32
	dueAlarms  []uint32
	sounded    int // how many of these have been dealt with

	driver Driver
	custom bool // the driver wants to be called every turn
	onWake atomic.Pointer[func()]

	live    int          // tasks and set children that are not done
	tasks   int          // tasks that are not reclaimed
	waiting atomic.Int32 // goroutines in Wait that would run the loop if it were free
	waiters waiterList

	closing    bool // tasks are cancelled as they are spawned
	ending     bool // frames are not reused any more
	closed     bool
	report     *ShutdownError
	debts      debts              // children of sets that were chosen and not polled yet
	lapses     uint64             // waiters that lost their turn, see waitQueue
	leaked     int                // frames that were not reused, since something pointed into them
	panics     []*PanicError      // to come out of Step
	retiring   int                // headers with flagRetire
	signaled   []uint32           // slots taken from the inbox
	obeyed     int                // how many of them have been dealt with
	mail       []message          // taken from the mailbox
	read       int                // how many of them have been run
	early      map[uint32]signals // for tasks whose spawn is still in the mailbox
	block      bool               // serves Block
	nested     bool               // and that Block is inside a poll; set when it opens a scope
	runtime    *Runtime
	load       atomic.Int64 // tasks, as of the last turn; for placement
	coming     atomic.Int64 // tasks on their way here
	blockWoken bool
	err        error // of the driver
	stopping   *shutdownRequest
	aborts     atomic.Uint32 // tasks whose abort has begun, and futures in them whose abort is over
}

// NewLoop returns a loop that is run by calling its methods. It must be closed,
// by [Loop.Shutdown]. Of cfg, Loops is ignored.
func NewLoop(cfg Config) (*Loop, error) { return newLoop(cfg, 0, nil) }

func newLoop(cfg Config, number int, rt *Runtime) (*Loop, error) {
	if err := checkIface(); err != nil {
		return nil, err
	}
	l := &Loop{number: number, now: timeUnknown, cfg: cfg, clock: cfg.Clock, choose: cfg.Choose, runtime: rt}
	if l.clock == nil {
		l.clock = monotonic{}
	}
	if cfg.Driver != nil {
		d, err := cfg.Driver(number)
		if err != nil {
			return nil, err
		}
		l.driver, l.custom = d, true
		if a, ok := d.(Attacher); ok {
			a.Attach(l)
		}
	} else {
		l.driver = newParker()
	}
	l.instr = cfg.Choose != nil || cfg.SlowPoll > 0
	l.slabs = make([]*slab, 1)
	l.hotSlab = new(slab)
	l.byType = make(map[itab]*slab)
	l.extras = make([]extra, 1)
	l.sets = make([]childSet, 1)
	l.cx.loop = l
	l.hotFirst = 1<<32 - chunkLen // no slot is there
	l.own = acquireOwner(l)
	l.id = l.own.id
	l.own.mail.open()
	l.own.idle.Store(resting)
	return l, nil
}

// Step does one turn: it takes up what other goroutines have asked for, polls a
// bounded number of tasks, fires timers and calls the driver. It never sleeps. It
// reports whether there is more to do at once; when there is not, OnWake's
// function is called as soon as there is. It returns ErrBusy when another
// goroutine runs the loop, or it is called from a poll, ErrClosed after Shutdown,
// and a *PanicError for a task's panic that nobody joins and no OnPanic handles.
func (l *Loop) Step() (more bool, err error) {
	if !l.enter() {
		return false, l.unavailable()
	}
	ended := false
	defer func() {
		if !ended {
			l.pause() // a task's Goexit ends this goroutine: another one has to step
		}
		l.leave()
	}()
	l.own.idle.Store(awake)
	more = l.turn() || !l.rest(resting)
	ended = true
	return more, l.takeError()
}

// RunUntilIdle steps until nothing is left to do at once: every task waits for
// something. Errors are those of Step, which end it.
func (l *Loop) RunUntilIdle() error {
	for {
		more, err := l.Step()
		if err != nil || !more {
			return err
		}
	}
}

// OnWake sets a function that is called when there is something to do again
// after Step has reported that there was not. It is called once for each such
// time, from whichever goroutine woke the task, which may be in a poll of another loop,
// and should only pass the word on.
//
// No lock of this package is held then, so that f may use any primitive, also the one whose
// waiter was woken. It may even step the loop, at the expense of whoever woke the task; but where
// that is a Drop of this very loop, Step returns ErrBusy, and has to be called again
// when that is over, without a further call of f.
func (l *Loop) OnWake(f func()) { l.onWake.Store(&f) }

// NextTimer returns the time until the loop should be stepped for its timers'
// sake, at least 0; never later than the earliest timer, but perhaps sooner. ok
// is false when there is none. Like Step it belongs to the goroutine that runs
// the loop.
func (l *Loop) NextTimer() (d time.Duration, ok bool) {
	if len(l.dueAlarms) > 0 {
		return 0, true
	}
	if l.timers == nil {
		return 0, false
	}
	when, ok := l.timers.next()
	if !ok {
		return 0, false
	}
	return max(0, when-l.clock.Now()), true
}

// turn is one turn of the loop, without sleeping. It reports whether tasks are
// left in the run queue.
func (l *Loop) turn() bool {
	l.now = timeUnknown
	if l.custom {
		l.setError(l.driver.Submit())
	}
	if l.own.inbox.Load() != 0 || len(l.signaled) > 0 {
		l.drainInbox()
	}
	if l.own.mail.full.Load() || len(l.mail) > 0 {
		l.drainMail()
	}
	if l.timers != nil && l.timers.some {
		l.timers.expire(l.time(), l)
	}
	if len(l.dueAlarms) > 0 {
		l.sound()
	}
	l.batch(pollsPerTurn)
	if len(l.debts.list) > 0 {
		l.collectDebts()
	}
	if l.runtime != nil && l.load.Load() != int64(l.tasks) {
		l.load.Store(int64(l.tasks))
	}
	if oneThread && l.queued() {
		runtime.Gosched()
	}
	return l.queued()
}

// oneThread says that Go runs on one thread and preempts nobody: a loop that always has
// something to do would keep it from all other goroutines, and from timers.
const oneThread = runtime.GOARCH == "wasm"

// pollsPerTurn is how many tasks are polled before the loop looks at timers, the
// driver and what other goroutines want; the number is the one that Go's
// scheduler and tokio use.
const pollsPerTurn = 61

// time returns the time of this turn. Most turns need none, and reading a clock
// costs as much as a few polls.
func (l *Loop) time() time.Duration {
	if l.now == timeUnknown {
		l.now = l.clock.Now()
		l.born = uint32(l.now / bornUnit)
	}
	return l.now
}

const timeUnknown time.Duration = -1

// rest marks the loop as resting or asleep, so that the next signal rouses it.
// It reports false if something has come in already.
func (l *Loop) rest(how uint32) bool {
	l.now = timeUnknown // until somebody asks, which may be much later
	l.own.idle.Store(how)
	if l.called() {
		l.own.idle.Store(awake)
		return false
	}
	return true
}

// called reports whether there is something from outside to be taken up.
func (l *Loop) called() bool {
	return l.own.inbox.Load() != 0 || l.own.mail.full.Load() || len(l.signaled) > 0 || len(l.mail) > 0
}

// sleep waits in the driver for a wake, a completion or a timer.
func (l *Loop) sleep() {
	d := time.Duration(-1)
	if next, ok := l.NextTimer(); ok {
		if next == 0 {
			return
		}
		d = next
	}
	if l.rest(asleep) {
		l.setError(l.driver.Wait(d))
		if l.own.idle.Load() != awake { // it was not a wake that ended the wait
			l.own.idle.Store(awake)
		}
	}
}

// roused is called by the goroutine whose signal found the loop not awake.
func (l *Loop) roused(was uint32) {
	if was == asleep {
		l.driver.Wake()
	} else if f := l.onWake.Load(); f != nil {
		(*f)()
	}
}

func (l *Loop) setError(err error) {
	if err != nil && l.err == nil {
		l.err = err
	}
}

func (l *Loop) takeError() error {
	err := l.err
	l.err = nil
	for _, p := range l.panics {
		err = errors.Join(err, p)
	}
	l.panics = nil
	return err
}

// header returns the header at slot, or nobody when there is none.
func (l *Loop) header(slot uint32) *header {
	if d := slot - l.hotFirst; d < chunkLen {
		return &l.hotChunk[d]
	}
	return l.coldHeader(slot)
}

func (l *Loop) coldHeader(slot uint32) *header {
	h := l.own.header(slot)
	if h == nil {
		return &nobody
	}
	if chunk := (*l.own.chunks.Load())[slot>>chunkShift]; len(chunk) == chunkLen {
		l.hotFirst = slot &^ (chunkLen - 1)
		l.hotChunk = (*[chunkLen]header)(chunk)
	}
	return h
}

// nobody is a header that is never anybody's, so that finding a header needs no
// check of its own: it is done, and of a generation that is not used. It is never
// written.
var nobody = header{flags: flagDone}

func init() { nobody.word.Store((lastGen + 1) << 32) }

// wake is w.Wake() on the goroutine that runs the loop.
func (l *Loop) wake(w Waker) {
	if w.owner != l.id {
		w.Wake()
		return
	}
	h := l.header(w.slot)
	if h.gen() != w.gen {
		return
	}
	switch h.flags & (flagQueued | flagDone | flagChild) {
	case 0:
		h.flags |= flagQueued
		l.schedule(w.slot)
	case flagChild:
		l.enqueueChild(w.slot, h)
	}
}

// wakeHeader is wake of whoever has the header at slot now. It is small enough to be
// inlined.
func (l *Loop) wakeHeader(slot uint32, h *header) {
	if h.flags&(flagQueued|flagDone) == 0 {
		l.enqueue(slot, h)
	}
}

// queued reports whether tasks are to be polled.
func (l *Loop) queued() bool { return l.next != 0 }

// queueLen returns how many there are.
func (l *Loop) queueLen() int {
	if !l.queued() {
		return 0
	}
	return 1 + l.ready.len()
}

// enqueue has a task or child polled that is not queued.
func (l *Loop) enqueue(slot uint32, h *header) {
	if h.flags&flagChild != 0 {
		l.enqueueChild(slot, h)
		return
	}
	h.flags |= flagQueued
	l.schedule(slot)
}

// schedule puts a slot into the run queue.
func (l *Loop) schedule(slot uint32) {
	if l.next == 0 {
		l.next = slot
	} else {
		l.ready.push(slot)
	}
}

// drainInbox carries out what other goroutines have signalled, in the order of
// their first signals.
func (l *Loop) drainInbox() {
	slot := l.own.inbox.Swap(0)
	if slot != 0 && len(l.signaled) == 0 && l.own.header(slot).link == 0 {
		l.heed(slot) // it is the only one, as it mostly is where a loop sleeps in between
		return
	}
	first := len(l.signaled)
	for slot != 0 {
		l.signaled = append(l.signaled, slot)
		slot = l.own.header(slot).link
	}
	slices.Reverse(l.signaled[first:])
	// A callback may end this goroutine: what is not carried out by then stays
	// in the list for the next.
	for len(l.signaled) > l.obeyed {
		slot := l.signaled[l.obeyed]
		l.obeyed++
		l.heed(slot)
	}
	l.signaled, l.obeyed = l.signaled[:0], 0
}

// heed takes the signals off the header at slot and carries them out.
func (l *Loop) heed(slot uint32) {
	h := l.header(slot)
	// From here on another goroutine may put the slot into the inbox again.
	s := signals(h.word.And(^uint64(sigMask))) & sigMask
	switch {
	case h.flags&flagLive == 0:
		l.signalEarlyOrLate(slot, h, s)
	case s == sigWake|sigInbox && h.flags&(flagQueued|flagDone|flagChild) == 0:
		h.flags |= flagQueued
		l.schedule(slot)
	default:
		l.obey(slot, h, s)
	}
}

// obey carries out the signals of a live task or child.
func (l *Loop) obey(slot uint32, h *header, s signals) {
	if s&sigCancel != 0 {
		l.cancel(slot, h)
	}
	if s&sigGrant != 0 {
		l.granted(slot, h)
	}
	if s&sigWake != 0 && h.flags&(flagQueued|flagDone) == 0 {
		l.enqueue(slot, h)
	}
	if s&sigRelease != 0 {
		l.release(slot, h)
	}
}

// signalEarlyOrLate deals with signals of a header that is not in use: its task
// was reclaimed while they were set, or was spawned by another goroutine and is
// still in the mailbox.
func (l *Loop) signalEarlyOrLate(slot uint32, h *header, s signals) {
	if h.flags&flagRetire != 0 {
		if s&sigGrant != 0 {
			l.lapse(slot, h) // it was chosen while it ended
		}
		h.flags &^= flagRetire
		l.retiring--
		l.recycle(slot, h)
		return
	}
	if l.early == nil {
		l.early = make(map[uint32]signals)
	}
	l.early[slot] |= s
}

// recycle frees a header that is no longer in use, now or when its signals have
// been drained.
func (l *Loop) recycle(slot uint32, h *header) {
	// A slot that is still in a queue stays queued: the entry will serve for the
	// next tenant.
	h.flags &= flagQueued | flagRemote
	if !l.own.recycle(slot, h) {
		h.flags |= flagRetire
		l.retiring++
	}
}

package future

import (
	"math"
	"math/bits"
	"time"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// timer is one entry of a loop's wheel. It lies inside the future that waits, so
// that a timer costs no allocation; the frame that it lies in is pinned.
type timer struct {
	next, prev *timer // in the list of a slot; nil when not started
	when       time.Duration
	slot, gen  uint32 // whom to wake; slot 0 is an Alarm
}

// wheel is a hierarchical timing wheel (Varghese and Lauck, 1987) of eleven
// levels of 64 slots, whose lowest level counts nanoseconds: starting and
// stopping a timer takes constant time, and timers fire in the order of their
// deadlines. A timer is on the level of the highest 6-bit digit in which its
// deadline differs from elapsed, and moves down as time comes closer, at most
// ten times.
type wheel struct {
	elapsed  time.Duration
	some     bool                // there may be timers
	occupied [wheelLevels]uint64 // slots that may have timers
	slots    [wheelLevels][64]timer
}

const wheelLevels = 11

func newWheel(now time.Duration) *wheel {
	w := &wheel{elapsed: now}
	for l := range w.slots {
		for s := range w.slots[l] {
			head := &w.slots[l][s]
			head.next, head.prev = head, head
		}
	}
	return w
}

// start puts t, whose when is set, into the wheel.
func (w *wheel) start(t *timer) {
	when := max(t.when, w.elapsed)
	level := (bits.Len64(uint64(when^w.elapsed)|1) - 1) / 6
	slot := uint(when>>(6*level)) & 63
	w.some = true
	w.occupied[level] |= 1 << slot
	head := &w.slots[level][slot]
	t.prev, t.next = head.prev, head
	t.prev.next, head.prev = t, t
}

// stop takes t out. A timer that was not started, has fired or was stopped is
// left alone.
func (t *timer) stop() {
	if t.next == nil {
		return
	}
	t.check()
	t.next.prev, t.prev.next = t.prev, t.next
	t.next, t.prev = nil, nil
}

// check panics with a [pin.MovedError] if t is a copy of a timer that is in the
// wheel, which its neighbours give away.
func (t *timer) check() {
	if t.next != nil && t.next.prev != t {
		panic(&pin.MovedError{Pinned: unsafeptr.Addr(t.next.prev), Now: unsafeptr.Addr(t)})
	}
}

// earliest returns the first slot with timers and the time at which it begins.
func (w *wheel) earliest() (head *timer, level int, start time.Duration, ok bool) {
	for level := range w.occupied {
		for w.occupied[level] != 0 {
			slot := bits.TrailingZeros64(w.occupied[level])
			head := &w.slots[level][slot]
			if head.next == head {
				w.occupied[level] &^= 1 << slot // its timers were stopped
				continue
			}
			shift := 6 * level
			digits := time.Duration(-1) << shift << 6 // the digits above this level
			return head, level, w.elapsed&digits | time.Duration(slot)<<shift, true
		}
	}
	return nil, 0, 0, false
}

// next returns a time that is not later than the earliest deadline, and is that
// deadline when few timers are close to it.
func (w *wheel) next() (time.Duration, bool) {
	head, _, start, ok := w.earliest()
	if ok && head.next == head.prev {
		return max(head.next.when, start), true // a cancelled timer's deadline is gone
	}
	return start, ok
}

// expire wakes all whose deadline is not after now, in the order of deadlines.
func (w *wheel) expire(now time.Duration, l *Loop) {
	for {
		head, level, start, ok := w.earliest()
		if !ok || start > now {
			w.some = ok
			w.elapsed = max(w.elapsed, now)
			return
		}
		w.elapsed = max(w.elapsed, start)
		// Empty the slot before looking at its timers: they may go back to it.
		first, last := head.next, head.prev
		head.next, head.prev = head, head
		last.next = nil
		for t := first; t != nil; {
			next := t.next
			if level > 0 && t.when > start {
				w.start(t)
			} else {
				t.next, t.prev = nil, nil
				if t.slot == 0 {
					l.fall(t)
				} else {
					l.wake(Waker{t.slot, t.gen, l.id})
				}
			}
			t = next
		}
	}
}

// startTimer starts t for the future being polled.
func (cx *Context) startTimer(t *timer, when time.Duration) {
	l := cx.loop
	if l.timers == nil {
		l.timers = newWheel(l.time())
	}
	if when < 0 { // the sum of loop time and duration has overflowed
		when = math.MaxInt64
	}
	t.when, t.slot, t.gen = when, cx.slot, cx.gen
	l.timers.start(t)
	cx.hold(cx.Waker())
}

// rewake makes t wake the future being polled, which may have another parent than
// when t was started.
func (cx *Context) rewake(t *timer) {
	if t.slot != cx.slot || t.gen != cx.gen {
		cx.unholdTimer(t)
		t.slot, t.gen = cx.slot, cx.gen
		cx.hold(cx.Waker())
	}
}

// unholdTimer is called when t no longer points into its frame.
func (cx *Context) unholdTimer(t *timer) { cx.loop.hold(t.slot, t.gen, -1) }

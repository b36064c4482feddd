package future

import (
	"math"
	"time"
)

// An Alarm calls a function of the loop's driver at a time of the loop's clock, where a
// [SleepFuture] wakes a task. The zero Alarm is not set. Setting it and stopping it take constant
// time, and no memory. It must not be copied while it is set, and belongs to whoever runs the
// loop: the driver, functions of [Loop.Do], polls of the loop. An alarm whose loop ends before its
// time is forgotten.
type Alarm struct {
	t    timer // its slot is 0, and its gen the place in the loop's alarms
	loop *Loop // while it is set
	due  bool  // it has been taken out of the wheel, and is about to be called
	f    func()
}

// Set has f called between polls, in the first turn of l that begins at the time when or later;
// math.MaxInt64 is never. What was set before is forgotten. f must not block; it may set and stop
// alarms, also this one. Its panic is dealt with as that of a function of [Loop.Do].
func (a *Alarm) Set(l *Loop, when time.Duration, f func()) {
	a.Stop()
	if when == math.MaxInt64 || l.closed {
		return
	}
	if l.timers == nil {
		l.timers = newWheel(l.time())
	}
	a.loop, a.f = l, f
	a.t.when, a.t.gen = when, l.keepAlarm(a)
	l.timers.start(&a.t)
}

// Stop has the alarm be forgotten, if it is set.
func (a *Alarm) Stop() {
	if a.loop == nil {
		return
	}
	a.t.stop()
	a.loop.dropAlarm(a.t.gen)
	a.loop, a.due, a.f = nil, false, nil
}

func (l *Loop) keepAlarm(a *Alarm) uint32 {
	if n := len(l.freeAlarms); n > 0 {
		i := l.freeAlarms[n-1]
		l.freeAlarms = l.freeAlarms[:n-1]
		l.alarms[i] = a
		return i
	}
	l.alarms = append(l.alarms, a)
	return uint32(len(l.alarms) - 1)
}

func (l *Loop) dropAlarm(i uint32) {
	l.alarms[i] = nil
	l.freeAlarms = append(l.freeAlarms, i)
}

// fall notes that the time of an alarm has come. Its function must not be called yet: it may change
// the wheel, which is being looked through.
func (l *Loop) fall(t *timer) {
	l.alarms[t.gen].due = true
	l.dueAlarms = append(l.dueAlarms, t.gen)
}

// sound calls the functions of alarms whose time has come, but for those that were stopped or set
// again since. One that ends this goroutine leaves the rest to the next.
func (l *Loop) sound() {
	for len(l.dueAlarms) > l.sounded {
		i := l.dueAlarms[l.sounded]
		l.sounded++
		if a := l.alarms[i]; a != nil && a.due {
			f := a.f
			a.Stop()
			l.guard("an alarm", f)
		}
	}
	l.dueAlarms, l.sounded = l.dueAlarms[:0], 0
}

// stopAlarms is for the end of the loop.
func (l *Loop) stopAlarms() {
	for _, a := range l.alarms {
		if a != nil {
			a.Stop()
		}
	}
}

// Now returns the time from which deadlines are counted that a poll sets. In functions that are
// compiled, and by [NowCx], it is that of the loop.
func Now() time.Time { return time.Now() }

// NowCx is [Now] within a poll. On a loop with a [Clock] of its own it is that clock's time, which
// is known by its location, also with a duration added, and is good for deadlines of that loop and
// for comparing it with others of the same clock: what package time says of it is of another age,
// and UTC, Local and In make one of package time's of it.
//
//pinion:noescape
func NowCx(cx *Context) time.Time {
	if _, ok := cx.loop.clock.(monotonic); ok {
		return time.Now()
	}
	return clockStart.Add(cx.loop.clock.Now())
}

// clockStart is when clocks other than the default have begun. Its location is what times of them
// are known by: none else has the same.
var clockStart = time.Unix(0, 0).In(time.FixedZone("loop", 0))

func ofClock(t time.Time) bool { return t.Location() == clockStart.Location() }

// At returns the time of the loop's clock that is meant by t, math.MaxInt64 for one that is further
// away than durations go: by one of [NowCx] exactly, and by one of package time that which is as far
// away now. With a [Clock] of its own it is then rounded up to the next millisecond from now, so that
// for most deadlines, which are of whole ones, it does not matter how long the program took to say
// it. At may be called wherever the clock may be read.
func (l *Loop) At(t time.Time) time.Duration {
	if ofClock(t) {
		return t.Sub(clockStart)
	}
	d := time.Until(t)
	if _, ok := l.clock.(monotonic); !ok && d > 0 && d < math.MaxInt64-time.Millisecond {
		d = (d + time.Millisecond - 1).Truncate(time.Millisecond)
	}
	now := l.clock.Now()
	if d > math.MaxInt64-now {
		return math.MaxInt64
	}
	return now + d
}

// Elsewhere returns what t, which is of this loop's polls, is for who has another clock: the time of package
// time that is as far away now.
func (l *Loop) Elsewhere(t time.Time) time.Time {
	if !ofClock(t) {
		return t
	}
	return time.Now().Add(l.At(t) - l.clock.Now())
}

// Now returns the time of the loop's [Clock], which [Context.Now] has read at the begin of the turn.
func (l *Loop) Now() time.Duration { return l.clock.Now() }

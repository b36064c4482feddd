package future

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// handClock is a clock that a test sets.
type handClock struct{ now time.Duration }

func (c *handClock) Now() time.Duration { return c.now }

func alarmLoop(t *testing.T) (*Loop, *handClock) {
	t.Helper()
	c := &handClock{now: 5}
	l, err := NewLoop(Config{Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Shutdown(t.Context()) })
	return l, c
}

func step(t *testing.T, l *Loop) {
	t.Helper()
	if err := l.RunUntilIdle(); err != nil {
		t.Fatal(err)
	}
}

// TestAlarmsAsModel sets, stops and sets again many alarms, also from their own functions, beside
// a model.
func TestAlarmsAsModel(t *testing.T) {
	for seed := range uint64(50) {
		l, clock := alarmLoop(t)
		rng := rand.New(rand.NewPCG(seed, 3))
		alarms := make([]Alarm, 20)
		want := make([]time.Duration, len(alarms)) // 0 for one that is not set
		var rung []int
		var set func(i int)
		set = func(i int) {
			want[i] = clock.now + time.Duration(rng.IntN(300))
			alarms[i].Set(l, want[i], func() {
				if want[i] == 0 || want[i] > clock.now {
					t.Fatalf("seed %d: alarm %d at %d, want %d", seed, i, clock.now, want[i])
				}
				want[i] = 0
				rung = append(rung, i)
				switch other := rng.IntN(len(alarms)); rng.IntN(4) {
				case 0:
					set(i)
				case 1:
					set(other)
				case 2:
					alarms[other].Stop()
					want[other] = 0
				}
			})
		}
		for range 400 {
			switch i := rng.IntN(len(alarms)); rng.IntN(3) {
			case 0:
				set(i)
			case 1:
				alarms[i].Stop()
				want[i] = 0
			case 2:
				clock.now += time.Duration(rng.IntN(100))
				for { // those that are set for now meanwhile ring in the next turn
					rung = rung[:0]
					step(t, l)
					if len(rung) == 0 {
						break
					}
				}
				for i, when := range want {
					if when != 0 && when <= clock.now {
						t.Fatalf("seed %d: alarm %d is silent at %d, want %d", seed, i, clock.now, when)
					}
				}
				next, ok := l.NextTimer()
				earliest := time.Duration(0)
				for _, when := range want {
					if when != 0 && (earliest == 0 || when < earliest) {
						earliest = when
					}
				}
				if ok != (earliest != 0) || ok && clock.now+next > earliest {
					t.Fatalf("seed %d: the next timer in %d, %v, want %d", seed, next, ok, earliest)
				}
			}
		}
		if n := len(l.alarms) - len(l.freeAlarms); n != len(alarms)-count(want, 0) {
			t.Fatalf("seed %d: the loop knows %d alarms of %d", seed, n, len(alarms)-count(want, 0))
		}
	}
}

func count[T comparable](s []T, v T) (n int) {
	for _, x := range s {
		if x == v {
			n++
		}
	}
	return n
}

// TestAlarmsAreInOrderOfTime has them ring beside sleeps.
func TestAlarmsAreInOrderOfTime(t *testing.T) {
	l, clock := alarmLoop(t)
	alarms := make([]Alarm, 100)
	var rung, want []int
	for _, i := range rand.Perm(len(alarms)) {
		alarms[i].Set(l, time.Duration(10+i*i), func() { rung = append(rung, i) })
	}
	for i := range alarms {
		want = append(want, i)
	}
	clock.now = 1 << 40
	step(t, l)
	if !slices.Equal(rung, want) {
		t.Errorf("they rang as %v", rung)
	}
}

func TestAlarmsTakeNoMemory(t *testing.T) {
	l, clock := alarmLoop(t)
	var a, b Alarm
	f := func() {}
	if n := testing.AllocsPerRun(100, func() {
		a.Set(l, clock.now+1, f)
		b.Set(l, clock.now+2, f)
		a.Set(l, clock.now+3, f)
		b.Stop()
		clock.now += 10
		l.Step()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestTimesOfAClock(t *testing.T) {
	l, clock := alarmLoop(t)
	clock.now = 1e9
	var cx Context
	cx.loop = l
	if at := l.At(NowCx(&cx).Add(1234567)); at != 1e9+1234567 {
		t.Errorf("a time of the clock's is %d", at)
	}
	exact := 0
	for range 100 { // of package time's, however long it takes to say it
		if l.At(time.Now().Add(5*time.Millisecond)) == 1e9+5e6 {
			exact++ // or the thread was away
		}
	}
	if exact == 0 {
		t.Error("times of package time are not rounded")
	}
	if at := l.At(time.Unix(1<<40, 0)); at < 1<<60 {
		t.Errorf("in a distant future: %d", at)
	}
	if at := l.At(time.Unix(0, 0)); at > 1e9 {
		t.Errorf("long ago: %d", at)
	}
	real, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer real.Shutdown(t.Context())
	cx.loop = real
	if at, now := real.At(NowCx(&cx).Add(time.Hour)), real.Now(); at < now+59*time.Minute || at > now+time.Hour {
		t.Errorf("in an hour is %v, it is %v", at, now)
	}
}

func TestAlarmsThatAreNeverAndOfEndedLoops(t *testing.T) {
	l, clock := alarmLoop(t)
	var never, later, after Alarm
	fail := func() { t.Error("it rang") }
	never.Set(l, math.MaxInt64, fail)
	if d, ok := l.NextTimer(); ok {
		t.Errorf("never is in %v", d)
	}
	later.Set(l, clock.now+100, fail)
	if err := l.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	clock.now += 1000
	if d, ok := l.NextTimer(); ok {
		t.Errorf("a loop that has ended wants to be stepped in %v", d)
	}
	later.Stop()
	after.Set(l, clock.now+1, fail)
	after.Stop()
	if d, ok := l.NextTimer(); ok {
		t.Errorf("a loop that has ended wants to be stepped in %v", d)
	}
}

// TestAlarmsThatPanicHoldUpNoOther.
func TestAlarmsThatPanicHoldUpNoOther(t *testing.T) {
	l, clock := alarmLoop(t)
	var a, b Alarm
	rung := 0
	a.Set(l, clock.now+1, func() { panic("on purpose") })
	b.Set(l, clock.now+1, func() { rung++ })
	clock.now += 10
	var pe *PanicError
	if err := l.RunUntilIdle(); !errors.As(err, &pe) || pe.Value != "on purpose" {
		t.Error(err)
	}
	step(t, l)
	if rung != 1 {
		t.Errorf("the other one rang %d times", rung)
	}
}

func TestTimesOfAnotherClock(t *testing.T) {
	l, clock := alarmLoop(t)
	clock.now = 1e18
	var cx Context
	cx.loop = l
	for range 100 {
		if d := time.Until(l.Elsewhere(NowCx(&cx).Add(time.Hour))); d > time.Hour {
			t.Fatal(d)
		} else if d > time.Hour-time.Millisecond {
			break // or the thread was away
		}
	}
	if now := time.Now(); l.Elsewhere(now) != now {
		t.Error("a time of package time is another")
	}
}

package frame_test

import (
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/frame"
	"github.com/pinion-go/pinion/pin"
)

// compiled is f as the compiler would have it.
type compiled struct {
	anchor  pin.Anchor
	unwind  frame.Unwind
	outer   *frame.Unwind
	m       *machine
	f       *function
	pc      int
	yielded bool
	child   *compiled
	iter    frame.FuncIter[int, struct{}]
	step    frame.StepIter[int, struct{}]
	ranging bool
	leaving int // the remainder that says how
	started bool
	emit    func(int) bool // the yield that is being called
	called  bool
	yield   frame.YieldFuture
	result  int
}

func (f *compiled) Deferred(outer *frame.Unwind) { f.outer = outer }

func (f *compiled) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if !f.unwind.Exiting() && f.body(cx) == frame.Suspended {
		return future.Pending
	}
	return f.unwind.Run(cx)
}

func (f *compiled) body(cx *future.Context) (step frame.Step) {
	defer f.unwind.Catch(cx, &step)
	m := f.m
	if !f.started {
		f.started = true
		m.print("%s begins", f.f.name)
	}
	for ; f.pc < len(f.f.body); f.pc++ {
		s := f.f.body[f.pc]
		switch s.op {
		case opPrint:
			m.print("%s %d", f.f.name, f.pc)
		case opYield:
			if !f.yielded && m.yield() {
				f.yielded = true
				cx.Wake(cx.Waker())
				return frame.Suspended
			}
			f.yielded = false
			m.print("%s %d", f.f.name, f.pc)
		case opCall:
			if f.child == nil {
				f.child = &compiled{m: m, f: s.f}
			}
			if f.child.Poll(cx) == future.Pending {
				return frame.Suspended
			}
			m.print("%s got %d", f.f.name, f.child.result)
			f.child = nil
		case opDefer:
			fn, arg := m.native, s.f
			f.unwind.Defer(func(u *frame.Unwind) { defer u.Caught(); defer fn(arg); u.Raise() })
		case opDeferAsync:
			f.unwind.DeferAsync(&compiled{m: m, f: s.f})
		case opDeferOther:
			f.deferOther(s.v)
		case opRecover:
			m.print("%s recovers %s", f.f.name, show(f.outer.Recover()))
		case opPanicAgain:
			if v := f.outer.Recover(); v != nil {
				panic(v)
			}
		case opReturn:
			f.result = s.v
			return frame.Returned
		case opResult:
			f.result = s.v
		case opRange:
			if step := f.overFunc(cx, s); step != 0 {
				return step
			}
		case opEmit:
			if f.pollEmit(cx, s.v) == future.Pending {
				return frame.Suspended
			}
			if !f.yield.Result() && s.v%3 > 0 {
				f.result = -s.v
				return frame.Returned
			}
		default:
			cause(s)
		}
	}
	return frame.Returned
}

// pollEmit is machine.emit.
func (f *compiled) pollEmit(cx *future.Context, v int) (p future.Poll) {
	m := f.m
	if f.emit == nil {
		n := len(m.emits) - 1
		if n < 0 {
			f.yield = frame.YieldFuture{}
			return future.Ready
		}
		f.emit = m.emits[n]
		m.emits = m.emits[:n]
	}
	p = future.Ready
	defer func() {
		if p == future.Ready { // or a panic
			m.emits = append(m.emits, f.emit)
			f.emit = nil
		}
	}()
	if !f.called {
		f.called = true
		frame.Yield1(&f.yield, cx, f.emit, v)
	}
	if p = f.yield.Poll(cx); p == future.Ready {
		f.called = false
		m.print("yield says %t", f.yield.Result())
	}
	return p
}

// iterated is an iterator as the compiler would have it.
type iterated struct {
	compiled
	yield func(int) bool
	begun bool
}

func (f *iterated) Poll(cx *future.Context) (p future.Poll) {
	m := f.m
	if !f.begun {
		f.begun = true
		m.emits = append(m.emits, f.yield)
	}
	p = future.Ready
	defer func() {
		if p == future.Ready {
			m.emits = m.emits[:len(m.emits)-1]
		}
	}()
	if p = f.compiled.Poll(cx); p == future.Ready {
		m.print("%s ends with %d", f.f.name, f.result)
	}
	return p
}

// overFunc is zero when the statement is over and what follows it is to be done.
func (f *compiled) overFunc(cx *future.Context, s statement) frame.Step {
	if !f.ranging {
		f.ranging = true
		if s.in {
			f.step.Init(&f.unwind)
			f.step.Over(&iterated{compiled: compiled{m: f.m, f: s.f}, yield: f.step.Yield1()})
		} else {
			f.iter.Init1(&f.unwind, f.m.iterator(s.f))
		}
	}
	for {
		if f.child == nil {
			if p, more := f.next(cx, s.in); p == future.Pending {
				return frame.Suspended
			} else if !more {
				break
			}
			if s.v%2 == 0 {
				f.m.print("%s: the body recovers %s", f.f.name, show(f.recover(cx, s.in)))
			}
			f.child = &compiled{m: f.m, f: s.g}
		}
		v := f.key(s.in)
		if f.child.Poll(cx) == future.Pending {
			return frame.Suspended
		}
		r := f.child.result
		f.child = nil
		f.m.print("%s: the body got %d and did %d", f.f.name, v, r)
		if r%4 == 1 || r%4 == 2 {
			if r%4 == 2 {
				f.result = r
			}
			f.leaving = r % 4
			if s.in {
				f.step.Leave()
				continue
			}
			f.iter.Stop(cx)
			break
		}
	}
	f.ranging = false
	left := f.leaving
	if f.leaving = 0; left == 2 {
		return frame.Returned
	}
	f.m.print("%s is behind the range", f.f.name)
	return 0
}

func (f *compiled) next(cx *future.Context, in bool) (p future.Poll, more bool) {
	if !in {
		return future.Ready, f.iter.Next(cx)
	}
	p = f.step.Poll(cx)
	return p, p == future.Ready && f.step.More()
}

// recover is that of the body.
func (f *compiled) recover(cx *future.Context, in bool) any {
	if in {
		return recover()
	}
	return f.iter.Recover(cx)
}

func (f *compiled) key(in bool) int {
	if in {
		return f.step.Key()
	}
	return f.iter.Key()
}

func (f *compiled) deferOther(which int) {
	m := f.m
	switch which {
	case 0:
		f.unwind.DeferRecover(f.outer)
	case 1:
		f.unwind.Defer(func(u *frame.Unwind) { defer u.Caught(); defer m.method(); u.Raise() })
	case 2:
		fn := func() { m.print("literal: %s", show(recover())); f.result += 100 }
		f.unwind.Defer(func(u *frame.Unwind) { defer u.Caught(); defer fn(); u.Raise() })
	case 3:
		var none func()
		f.unwind.Defer(func(u *frame.Unwind) { defer u.Caught(); defer none(); u.Raise() })
	case 4:
		f.unwind.Defer(func(u *frame.Unwind) { defer u.Caught(); defer m.indirect(); u.Raise() })
	case 5:
		g := m.method
		f.unwind.Defer(func(u *frame.Unwind) { defer u.Caught(); defer g(); u.Raise() })
	}
}

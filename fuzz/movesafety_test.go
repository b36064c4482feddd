package fuzz_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/fuzz"
	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// A moveWorld is a number of futures at different places. One task polls them, each
// when it is used.
type moveWorld struct {
	loop    *future.Loop
	task    future.Task[poker]
	poker   *poker
	futures []movable
	locked  future.Mutex
	quiet   future.Notify
	empty   *future.Chan[int]
	ended   []func() // give back the memory of those that are gone
	collect int
}

// A poker polls what it is told to, as part of its own task.
type poker struct{ todo *poke }

type poke struct {
	f      future.Future
	cancel bool
	p      future.Poll
	how    ending
	v      any
}

func (f *poker) Poll(cx *future.Context) future.Poll {
	if t := f.todo; t != nil {
		f.todo = nil
		func() {
			defer func() {
				if t.v = recover(); t.v != nil {
					t.how = panics
				}
			}()
			if t.cancel {
				t.p = cx.PollCanceled(t.f)
			} else {
				t.p = t.f.Poll(cx)
			}
		}()
		return future.Pending
	}
	return future.Poll(cx.Canceled())
}

func newMoveWorld() (*moveWorld, error) {
	l, err := future.NewLoop(future.Config{Clock: stopped{}})
	if err != nil {
		return nil, err
	}
	w := &moveWorld{loop: l, collect: 3, empty: future.NewChan[int](0)}
	w.locked.TryLock() // it stays locked
	w.task, err = future.SpawnInit(l, func(p *poker) error { w.poker = p; return nil })
	return w, err
}

// stopped is a clock that stands still, so that no timer fires.
type stopped struct{}

func (stopped) Now() time.Duration { return time.Hour }

func (w *moveWorld) poll(f future.Future, cancel bool) (*poke, error) {
	t := &poke{f: f, cancel: cancel}
	w.poker.todo = t
	w.task.Waker().Wake()
	if err := w.loop.RunUntilIdle(); err != nil {
		return nil, err
	}
	if w.poker.todo != nil {
		return nil, errors.New("the task was woken and not polled")
	}
	return t, nil
}

func (w *moveWorld) end() error {
	for _, f := range w.futures {
		if err := f.finish(); err != nil {
			return err
		}
	}
	for _, free := range w.ended {
		free()
	}
	w.task.Cancel()
	w.task.Release()
	return w.loop.Shutdown(context.Background())
}

// anchored is a future as users write them.
type anchored struct {
	anchor pin.Anchor
	self   pin.Self[[4]byte]
	data   [4]byte
}

func (f *anchored) Poll(cx *future.Context) future.Poll {
	fresh := !f.anchor.Pinned()
	f.anchor.Check()
	if fresh {
		pin.Bind(f, &f.self, &f.data)
	}
	f.self.Get()[0]++
	if f.self.Get() != &f.data {
		panic(errors.New("the Anchor has not noticed a move"))
	}
	return future.Poll(cx.Canceled())
}

// plain is a future without Go pointers.
type plain struct {
	anchor pin.Anchor
	n      int
}

func (f *plain) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	f.n++
	return future.Poll(cx.Canceled())
}

// outer has futures in it that do not begin where it begins.
type outer struct {
	head  [3]uint16
	inner plain
	sleep future.SleepFuture
}

func (f *outer) Poll(cx *future.Context) future.Poll {
	a := f.inner.Poll(cx)
	return f.sleep.Poll(cx) && a
}

func (w *moveWorld) newFuture(kind int) movable {
	switch kind {
	case 0:
		return newItem(w, anchored{}, false)
	case 1:
		return newItem(w, plain{}, false)
	case 2:
		return newItem(w, future.SleepAsync(time.Hour), true)
	case 3:
		return newItem(w, outer{sleep: future.SleepAsync(time.Minute)}, true)
	case 4:
		return newItem(w, future.Timeout(time.Hour, plain{}), true)
	case 5:
		return newItem(w, future.Join(plain{}, future.SleepAsync(time.Hour)), true)
	case 6:
		return newItem(w, w.locked.LockAsync(), true)
	case 7:
		return newItem(w, w.quiet.WaitAsync(), true)
	default:
		return newItem(w, w.empty.RecvAsync(), true)
	}
}

// onAStack checks an Anchor in a frame that moves.
func onAStack(depth int) error {
	var f plain
	if err := f.anchor.Err(); err != nil {
		return fmt.Errorf("an Anchor that was never checked: %w", err)
	}
	was := unsafeptr.Addr(&f)
	growStack(depth)
	moved := unsafeptr.Addr(&f) != was
	if err := f.anchor.Err(); (err != nil) != moved {
		return fmt.Errorf("the Anchor has not noticed a move of its stack from %#x to %#x: %v", was, unsafeptr.Addr(&f), err)
	}
	return nil
}

const maxFutures = 24

func (w *moveWorld) add(f movable) {
	if len(w.futures) < maxFutures {
		w.futures = append(w.futures, f)
	}
}

type moveOp = fuzz.Op[moveWorld]

func onFuture(name string, args int, do func(w *moveWorld, f movable, args fuzz.Args) error) moveOp {
	return moveOp{Name: name, Args: 1 + args, Do: func(w *moveWorld, args fuzz.Args) error {
		if len(w.futures) == 0 {
			return nil
		}
		return do(w, w.futures[args.Pick(0, len(w.futures))], args)
	}}
}

var moveMachine = fuzz.Machine[moveWorld]{
	New: newMoveWorld,
	Ops: []moveOp{
		{Name: "new", Args: 1, Do: func(w *moveWorld, args fuzz.Args) error {
			w.add(w.newFuture(args.Pick(0, 9)))
			return nil
		}},
		onFuture("use", 0, func(w *moveWorld, f movable, args fuzz.Args) error { return f.use() }),
		onFuture("copy", 1, func(w *moveWorld, f movable, args fuzz.Args) error {
			w.add(f.copied(int(args[1])))
			return nil
		}),
		onFuture("copy-and-use", 1, func(w *moveWorld, f movable, args fuzz.Args) error {
			c := f.copied(int(args[1]))
			w.add(c)
			return errors.Join(c.use(), f.use(), c.use())
		}),
		onFuture("move", 1, func(w *moveWorld, f movable, args fuzz.Args) error {
			f.move(int(args[1]))
			return nil
		}),
		onFuture("overwrite", 1, func(w *moveWorld, f movable, args fuzz.Args) error {
			f.overwrite(w.futures[args.Pick(1, len(w.futures))])
			return nil
		}),
		onFuture("finish", 0, func(w *moveWorld, f movable, args fuzz.Args) error {
			i := args.Pick(0, len(w.futures))
			w.futures = append(w.futures[:i:i], w.futures[i+1:]...)
			return f.finish()
		}),
		{Name: "stack", Args: 1, Do: func(w *moveWorld, args fuzz.Args) error { return onAStack(args.Pick(0, 120)) }},
		{Name: "use-all", Do: func(w *moveWorld, args fuzz.Args) error {
			for _, f := range w.futures {
				if err := f.use(); err != nil {
					return err
				}
			}
			return nil
		}},
		{Name: "collect", Do: func(w *moveWorld, args fuzz.Args) error {
			if w.collect--; w.collect >= 0 {
				runtime.GC()
			}
			return nil
		}},
	},
	End: (*moveWorld).end,
}

// FuzzMoveSafety copies and moves fresh and started futures in every way that Go has. A fresh one must
// go on to work, one that was started must be caught at its next use, every
// time, and one that was not moved must never be.
func FuzzMoveSafety(f *testing.F) { moveMachine.Fuzz(f) }

func TestMovedFuturesAreCaughtOnRandomOps(t *testing.T) { runRandom(t, &moveMachine, 100, 150) }

var moveSeeds = map[string]string{
	"fresh-copies-work": "new 0; new 1; new 2; new 3; new 4; new 5; copy 0 1; copy 1 2; copy 2 3; copy 3 4; copy 4 5; copy 5 6; use-all; use-all; collect; use-all",
	"started-copies":    "new 0; use 0; copy-and-use 0 0; copy-and-use 0 1; copy-and-use 0 2; copy-and-use 0 3; copy-and-use 0 4; copy-and-use 0 5; copy-and-use 0 6; copy-and-use 0 7; copy-and-use 0 8; copy-and-use 0 9; copy-and-use 0 10; copy-and-use 0 11; use-all; use 0",
	"started-plain":     "new 1; use 0; copy-and-use 0 0; copy-and-use 0 1; copy-and-use 0 2; copy-and-use 0 3; copy-and-use 0 4; copy-and-use 0 5; copy-and-use 0 6; copy-and-use 0 7; copy-and-use 0 8; copy-and-use 0 9; copy-and-use 0 10; copy-and-use 0 11; collect; use-all",
	"waiters":           "new 6; new 7; new 8; new 6; copy 0 0; use-all; copy-and-use 0 1; copy-and-use 1 2; copy-and-use 2 3; copy-and-use 3 7; move 1 4; use-all; finish 3; use-all; finish 0; finish 0; use-all; collect; finish 0; use-all",
	"sleepers":          "new 2; new 2; new 2; use 1; use 0; use 2; copy-and-use 1 0; copy-and-use 0 7; copy 2 1; finish 1; use-all; finish 0; use-all; finish 0; use-all",
	"composites":        "new 3; new 4; new 5; use-all; copy-and-use 0 1; copy-and-use 1 2; copy-and-use 2 8; finish 0; use-all; finish 0; finish 0; use-all; new 4; new 5; use-all; copy 0 0; copy 1 1; move 2 2; use-all",
	"moved-and-back":    "new 0; copy 0 0; use 0; move 0 1; use 0; overwrite 1 0; use 1; use 0; new 1; use 2; copy 2 3; overwrite 2 3; use 2; use 3; overwrite 3 2; use 3",
	"moved-after-start": "new 1; new 0; use-all; move 0 7; move 1 8; use-all; use-all; move 0 0; use-all; copy 0 1; copy 1 2; use-all; collect; use-all",
	"stacks":            "stack 0; stack 1; stack 30; stack 119; stack 60",
}

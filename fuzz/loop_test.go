package fuzz_test

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/fuzz"
	"github.com/pinion-go/pinion/unsafeptr"
)

type loopOp = fuzz.Op[loopWorld]

const (
	maxTasks = 16
	maxStack = 8
)

// pickTask returns one of the tasks, or nil.
func (w *loopWorld) pickTask(i byte) *taskModel {
	if len(w.tasks) == 0 {
		return nil
	}
	return w.tasks[int(i)%len(w.tasks)]
}

// pickLeaf returns one of the leaves that are not Ready, or nil.
func (w *loopWorld) pickLeaf(i byte) *leaf {
	var some []*leaf
	for _, t := range w.tasks {
		for l := range t.root.leaves {
			if !l.ready {
				some = append(some, l)
			}
		}
	}
	if len(some) == 0 {
		return nil
	}
	return some[int(i)%len(some)]
}

// elsewhere calls f on another goroutine and waits for it.
func elsewhere(f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	wg.Wait()
}

// wake wakes a leaf, in one of several ways.
func (w *loopWorld) wake(l *leaf, how int) {
	switch how {
	case 0:
		l.wake(future.Waker.Wake)
	case 1:
		l.wake(func(k future.Waker) { elsewhere(k.Wake) })
	case 2:
		l.wake(func(k future.Waker) {
			k.Wake()
			elsewhere(k.Wake)
			k.Wake()
		})
	case 3:
		w.inPoll(func(cx *future.Context) { l.wake(cx.Wake) })
	}
}

// ask cancels or releases a task, in one of several ways.
func (w *loopWorld) ask(how int, ask func(), askCx func(cx *future.Context)) {
	switch how {
	case 0:
		ask()
	case 1:
		elsewhere(ask)
	case 2:
		w.inPoll(askCx)
	}
}

func (w *loopWorld) cancel(t *taskModel, how int) {
	t.canceled = true
	due := func() {
		for l := range t.root.leaves {
			l.due = true
		}
	}
	w.ask(how, func() { due(); t.task.Cancel() }, func(cx *future.Context) { due(); t.task.CancelCx(cx) })
}

// push puts a node that is made of the n last ones on the stack.
func (w *loopWorld) push(n *node, kids int) {
	rest := len(w.stack) - kids
	if rest < 0 {
		return
	}
	n.kids = append(n.kids, w.stack[rest:]...)
	if w.stack = w.stack[:rest]; len(w.stack) < maxStack {
		w.stack = append(w.stack, n)
	}
}

func (w *loopWorld) newLeaf(yields, stubborn int) *leaf {
	w.leaves++
	return &leaf{w: w, id: w.leaves, yields: yields, stubborn: stubborn}
}

// wait waits for a task that is done.
func (w *loopWorld) wait(t *taskModel) error {
	if err := w.idle(); err != nil || t.gone || t.released || !t.root.done {
		return err
	}
	for range 2 {
		p, err := t.task.Wait()
		_, panicked := errors.AsType[*future.PanicError](err)
		if panicked != t.root.panicked() || (err != nil) != panicked || unsafeptr.Addr(p) != t.at {
			return fmt.Errorf("%s is at %#x, and Wait gives %p, %v", t.name, t.at, p, err)
		}
	}
	t.joined = true
	return nil
}

// useOld uses the handle of a task that was reclaimed, and a waker of its.
func (w *loopWorld) useOld(i byte) error {
	if err := w.idle(); err != nil { // Wait runs the loop
		return err
	}
	if len(w.old) > 0 {
		w.old[int(i)%len(w.old)].Wake()
	}
	if len(w.past) == 0 {
		return nil
	}
	t := w.past[int(i)%len(w.past)]
	t.Waker().Wake()
	t.Cancel()
	t.Release()
	if p, err := t.Wait(); p != nil || err == nil {
		return fmt.Errorf("Wait for a task that was released gives %p, %v", p, err)
	}
	return nil
}

// storm wakes everything from several goroutines while the loop runs, and cancels a task.
func (w *loopWorld) storm(seed byte, cancel *taskModel) error {
	if err := w.idle(); err != nil {
		return err
	}
	w.loose = true
	defer func() { w.loose = false }()
	wakers := append([]future.Waker{{}}, w.old...)
	for _, t := range w.tasks {
		for l := range t.root.leaves {
			l.wake(func(k future.Waker) { wakers = append(wakers, k) })
		}
	}
	var wg sync.WaitGroup
	for g := range 3 {
		wg.Go(func() {
			for i := range 3 * len(wakers) {
				wakers[(i*7+g*int(seed))%len(wakers)].Wake()
				if i%16 == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	if cancel != nil && !cancel.bare {
		cancel.canceled = true
		wg.Go(cancel.task.Cancel)
	}
	for range 5 {
		if err := w.run(); err != nil {
			return err
		}
	}
	wg.Wait()
	// Each was woken at least once, from the first of which on it counts.
	for _, k := range wakers {
		k.Wake()
	}
	return w.idle()
}

// notify tells one waiter, or all, and counts who has heard it.
func (w *loopWorld) notify(all bool) error {
	if err := w.idle(); err != nil {
		return err
	}
	s := w.syncs
	waiting, before := w.waiting()[forNotify], s.notified
	want := waiting
	if all {
		s.notify.NotifyAll()
	} else {
		want = min(waiting, 1)
		s.notify.NotifyOne()
	}
	if err := w.idle(); err != nil {
		return err
	}
	if got := s.notified - before; got != want {
		return fmt.Errorf("%d waited for a notification, %d have got it", waiting, got)
	}
	s.stored = s.stored || waiting == 0 && !all
	return nil
}

func onTask(name string, args int, do func(w *loopWorld, t *taskModel, args fuzz.Args) error) loopOp {
	return loopOp{Name: name, Args: 1 + args, Do: func(w *loopWorld, args fuzz.Args) error {
		if t := w.pickTask(args[0]); t != nil {
			return do(w, t, args)
		}
		return nil
	}}
}

func onLeaf(name string, args int, do func(w *loopWorld, l *leaf, args fuzz.Args) error) loopOp {
	return loopOp{Name: name, Args: 1 + args, Do: func(w *loopWorld, args fuzz.Args) error {
		if l := w.pickLeaf(args[0]); l != nil {
			return do(w, l, args)
		}
		return nil
	}}
}

func pushOp(name string, kids int, kind nodeKind) loopOp {
	return loopOp{Name: name, Args: 1, Do: func(w *loopWorld, args fuzz.Args) error {
		n := kids
		if n < 0 {
			n = args.Pick(0, 6)
		}
		w.push(&node{kind: kind, d: time.Duration(args[0]) * time.Minute}, n)
		return nil
	}}
}

var loopMachine = fuzz.Machine[loopWorld]{
	New: newLoopWorld,
	Ops: append([]loopOp{
		{Name: "leaf", Args: 2, Do: func(w *loopWorld, args fuzz.Args) error {
			w.push(&node{leaf: w.newLeaf(args.Pick(0, 4), args.Pick(1, 3))}, 0)
			return nil
		}},
		{Name: "operation", Args: 3, Do: func(w *loopWorld, args fuzz.Args) error {
			l := w.newLeaf(0, args.Pick(1, 3))
			l.waits = waitsFor(args.Pick(0, int(waitKinds)))
			l.op = w.operation(l.waits, int(args[2]))
			w.push(&node{leaf: l}, 0)
			return nil
		}},
		{Name: "wait-for", Args: 1, Do: func(w *loopWorld, args fuzz.Args) error {
			if t := w.pickTask(args[0]); t != nil && !t.bare {
				w.push(&node{kind: nodeWait, task: t}, 0)
			}
			return nil
		}},
		pushOp("sleep", 0, nodeSleep),
		pushOp("all", -1, nodeAll),
		pushOp("join", 2, nodeJoin),
		pushOp("race", -1, nodeRace),
		pushOp("select", 2, nodeSelect),
		pushOp("timeout", 1, nodeTimeout),
		pushOp("shield", 1, nodeShield),
		{Name: "spawn", Args: 1, Do: func(w *loopWorld, args fuzz.Args) error {
			if len(w.tasks) >= maxTasks {
				return nil
			}
			n := &node{leaf: w.newLeaf(0, 0)}
			if top := len(w.stack) - 1; top >= 0 {
				n, w.stack = w.stack[top], w.stack[:top]
			}
			return w.spawn(n, args.Pick(0, 5))
		}},
		{Name: "spawn-fails", Args: 1, Do: func(w *loopWorld, args fuzz.Args) error {
			_, err := future.SpawnInit(w.here.loop, func(*root) error { return (fails + ending(args.Pick(0, 2))).end(errInit) })
			if !errors.Is(err, errInit) && !errors.Is(err, errPanic) {
				return fmt.Errorf("SpawnInit with an initialiser that fails gives %v", err)
			}
			return nil
		}},
		{Name: "step", Do: func(w *loopWorld, args fuzz.Args) error {
			return w.here.step()
		}},
		{Name: "idle", Do: func(w *loopWorld, args fuzz.Args) error { return w.idle() }},
		{Name: "advance", Args: 1, Do: func(w *loopWorld, args fuzz.Args) error {
			w.clock += time.Duration(args[0]) * time.Minute
			return w.idle()
		}},
		onLeaf("wake", 1, func(w *loopWorld, l *leaf, args fuzz.Args) error {
			w.wake(l, args.Pick(1, 4))
			return nil
		}),
		onLeaf("fire", 2, func(w *loopWorld, l *leaf, args fuzz.Args) error {
			if !l.fired {
				l.fired, l.ending = true, [...]ending{ends, ends, panics, exits}[args.Pick(2, 4)]
				if l.ending == exits && !l.solo {
					l.ending = panics // with a Goexit the others would be aborted
				}
			}
			w.wake(l, args.Pick(1, 4))
			return nil
		}),
		onTask("cancel", 1, func(w *loopWorld, t *taskModel, args fuzz.Args) error {
			if !t.bare {
				w.cancel(t, args.Pick(1, 3))
			}
			return nil
		}),
		onTask("release", 1, func(w *loopWorld, t *taskModel, args fuzz.Args) error {
			t.released = true
			w.ask(args.Pick(1, 3), t.task.Release, t.task.ReleaseCx)
			return nil
		}),
		onTask("wait", 0, func(w *loopWorld, t *taskModel, args fuzz.Args) error { return w.wait(t) }),
		{Name: "old", Args: 1, Do: func(w *loopWorld, args fuzz.Args) error { return w.useOld(args[0]) }},
		{Name: "storm", Args: 2, Do: func(w *loopWorld, args fuzz.Args) error {
			var t *taskModel
			if args[1] > 64 {
				t = w.pickTask(args[1])
			}
			return w.storm(args[0], t)
		}},
		{Name: "notify", Args: 1, Do: func(w *loopWorld, args fuzz.Args) error { return w.notify(args[0]%2 == 1) }},
		{Name: "send", Args: 1, Do: func(w *loopWorld, args fuzz.Args) error {
			v := len(w.values)
			w.values = append(w.values, sent)
			if err := w.syncs.channel(int(args[0])).TrySend(v); err != nil {
				w.values[v] = returned
			}
			return nil
		}},
		{Name: "receive", Args: 1, Do: func(w *loopWorld, args fuzz.Args) error {
			if v, err := w.syncs.channel(int(args[0])).TryRecv(); err == nil {
				w.received(v)
			}
			return nil
		}},
		{Name: "close-channel", Args: 1, Do: func(w *loopWorld, args fuzz.Args) error {
			w.syncs.channel(int(args[0])).Close()
			return nil
		}},
		{Name: "collect", Do: func(w *loopWorld, args fuzz.Args) error {
			if w.collect--; w.collect >= 0 {
				runtime.GC()
			}
			return nil
		}},
		{Name: "shutdown", Args: 1, Do: func(w *loopWorld, args fuzz.Args) error { return w.shutdown(uint32(args[0])) }},
	}, loopOpsMore...),
	Check: (*loopWorld).check,
	End:   (*loopWorld).end,
}

// FuzzFuture runs trees of combinators over scripted leaves and synchronisation
// primitives, wakes, cancels, releases and shuts them down at any point, and
// compares what becomes of them with a model that knows no polls.
func FuzzFuture(f *testing.F) { loopMachine.Fuzz(f) }

func TestLoopAgreesWithItsModelOnRandomOps(t *testing.T) { runRandom(t, &loopMachine, 100, 150) }

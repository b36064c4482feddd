package fuzz_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// A loopWorld is two loops and their tasks, beside what should become of them.
type loopWorld struct {
	here   *side // the loop that ops are about, and the other one behind it
	clock  time.Duration
	random uint32 // the state of the loops' choices; 0 for loops that make their own

	tasks    []*taskModel // spawned and not reclaimed
	stack    []*node      // trees that are not spawned yet
	old      []future.Waker
	past     []future.Task[root] // released
	spawned  int
	leaves   int
	syncs    *syncs
	values   []valueState
	reported []*future.PanicError // by OnPanic
	unjoined int                  // panics that should have been
	loose    bool                 // wakes come from other goroutines: polls cannot be told apart
	errs     []error              // found inside of polls
	collect  int                  // collections that are left
	moments  int
	stuck    func() // called when both loops would sleep for ever
	vain     int    // how often each has left it to the other
}

// taskModel is what a task should be.
type taskModel struct {
	name     string
	task     future.Task[root]
	root     *node
	at       uintptr // where its future is, once it was polled
	bare     bool    // there is no handle for it
	canceled bool
	released bool
	joined   bool // somebody was given its result
	gone     bool // reclaimed
}

func (t *taskModel) isDone() bool { return t.gone || t.root.done }

// root is the future of each task.
type root struct {
	anchor pin.Anchor
	box    box
	task   *taskModel
	tail   [3]byte
}

func (f *root) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	f.task.at = unsafeptr.Addr(f)
	return f.box.Poll(cx)
}

func (f *root) Cancel() { f.box.Cancel() }
func (f *root) Drop()   { f.box.Drop() }

// An agent does things within a poll of the loop.
type agent struct{ todo []func(cx *future.Context) }

func (a *agent) Poll(cx *future.Context) future.Poll {
	for len(a.todo) > 0 {
		f := a.todo[0]
		a.todo = a.todo[1:]
		f(cx)
	}
	return future.Poll(cx.Canceled())
}

// Now implements [future.Clock].
func (w *loopWorld) Now() time.Duration { return w.clock }

func newLoopWorld() (*loopWorld, error) {
	w := &loopWorld{syncs: newSyncs(), clock: time.Hour, collect: 3}
	w.here = &side{w: w}
	w.here.other = &side{w: w, other: w.here}
	return w, w.open(0)
}

// open makes the loops.
func (w *loopWorld) open(random uint32) error {
	w.random = random
	return errors.Join(w.here.open(), w.here.other.open())
}

// wrong notes what a future has noticed.
func (w *loopWorld) wrong(format string, args ...any) {
	w.errs = append(w.errs, fmt.Errorf(format, args...))
}

// inPoll has f called within a poll of the loop that is here.
func (w *loopWorld) inPoll(f func(cx *future.Context)) {
	w.here.agent.todo = append(w.here.agent.todo, f)
	w.here.work.Waker().Wake()
}

// run runs the loops until both are idle, the one that is here first.
func (w *loopWorld) run() error {
	for {
		s := w.here
		if !s.due() {
			s = s.other
		}
		if !s.due() {
			return nil
		}
		s.taken()
		var err error
		how, v := catch(func() { err = s.loop.RunUntilIdle() })
		switch {
		case how == panics:
			return fmt.Errorf("RunUntilIdle panicked: %v", v)
		case err != nil:
			return err
		} // after a Goexit OnWake has told whether there is more
	}
}

// idle runs the loops until both are idle, and compares them with the model.
func (w *loopWorld) idle() error {
	if err := w.run(); err != nil {
		return err
	}
	if len(w.here.agent.todo)+len(w.here.other.agent.todo) > 0 {
		return errors.New("a task was woken and not polled")
	}
	m := w.moment()
	for _, t := range w.tasks {
		for l := range t.root.leaves {
			if l.unheard && !l.ready {
				return fmt.Errorf("lost wake: leaf %d of %s was woken and not polled", l.id, t.name)
			}
		}
		t.root.evaluate(m, t.canceled)
	}
	w.reclaimed()
	if err := w.compare(); err != nil {
		return err
	}
	if err := w.checkSync(); err != nil {
		return err
	}
	return w.check()
}

// reclaimed notes which tasks are gone, now that the loop is idle.
func (w *loopWorld) reclaimed() {
	w.tasks = slices.DeleteFunc(w.tasks, func(t *taskModel) bool {
		if t.released && t.root.done && !t.gone {
			w.reclaim(t)
		}
		return t.gone
	})
}

func (w *loopWorld) reclaim(t *taskModel) {
	t.gone = true
	if t.root.panicked() && !t.joined && !t.exited() {
		w.unjoined++
	}
	for l := range t.root.leaves {
		w.old = append(w.old, l.waker)
		if l.made != (l.drops == 1) {
			w.wrong("%s is reclaimed, and its leaf %d was dropped %d times", t.name, l.id, l.drops)
		}
	}
	w.past = append(w.past, t.task)
}

// exited reports whether the task has ended its goroutine.
func (t *taskModel) exited() bool { return t.root.leaf != nil && t.root.leaf.ended == exits }

func (t *taskModel) state() string {
	switch {
	case t.root.done && t.root.panicked():
		return "panicked"
	case t.root.done:
		return "done"
	}
	return "waiting"
}

// compare compares the loops' tasks with the model's.
func (w *loopWorld) compare() error {
	got, want := map[string]string{}, map[string]string{}
	for _, s := range []*side{w.here, w.here.other} {
		infos, err := s.loop.Tasks(context.Background())
		if err != nil {
			return err
		}
		for _, i := range infos {
			if i.Type != "fuzz_test.agent" && i.Type != "fuzz_test.scopeKid" {
				got[i.Name] = i.State
			}
		}
		stats, err := s.loop.Stats(context.Background())
		if err != nil || stats.Quarantined != 0 {
			return fmt.Errorf("%d frames are still pointed into, though their tasks ended well: %v", stats.Quarantined, err)
		}
		s.calls.Store(0) // each of the two told the loop, and then ran it
	}
	for _, t := range w.tasks {
		want[t.name] = t.state()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("the tasks differ from the model (-want +got):\n%s", diff)
	}
	if len(w.reported) != w.unjoined {
		return fmt.Errorf("OnPanic was called %d times, want %d: %v", len(w.reported), w.unjoined, w.reported)
	}
	for _, t := range w.tasks {
		for l := range t.root.leaves {
			if l.drops > 0 && !(l.nested && l.ready) {
				return fmt.Errorf("leaf %d was dropped, and %s is not reclaimed", l.id, t.name)
			}
			if l.made && !l.started && t.at != 0 && !t.root.panicked() {
				return fmt.Errorf("leaf %d of %s was never polled", l.id, t.name)
			}
		}
		if err := t.root.crowd(); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

// check is what holds at any time.
func (w *loopWorld) check() error { return errors.Join(w.errs...) }

// spawn makes a task of a tree, in one of several ways.
func (w *loopWorld) spawn(n *node, how int) error {
	w.spawned++
	t := &taskModel{name: fmt.Sprintf("task %d", w.spawned), root: n}
	if n.leaf != nil && n.leaf.op == nil {
		n.leaf.solo, n.leaf.due = true, true
	}
	f := root{box: box{Future: n.build()}, task: t}
	opt := future.Named(t.name)
	var err error
	switch how {
	case 0:
		t.task = future.Spawn(w.here.loop, f, opt)
	case 1:
		t.released, t.bare = true, true
		future.Go(w.here.loop, f, opt)
	case 2:
		t.task, err = future.SpawnInit(w.here.loop, func(p *root) error { *p = f; return nil }, opt)
	case 3:
		done := make(chan struct{})
		go func() { defer close(done); t.task = future.Spawn(w.here.loop, f, opt) }()
		<-done
	case 4:
		w.inPoll(func(cx *future.Context) { t.task = future.Spawn(cx, f, opt) })
		err = w.run()
	}
	w.tasks = append(w.tasks, t)
	return err
}

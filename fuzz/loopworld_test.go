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

// A loopWorld is a loop and its tasks, beside what should become of them.
type loopWorld struct {
	loop   *future.Loop
	clock  time.Duration
	random uint32 // the state of the loop's choices; 0 for a loop that makes its own
	agent  *agent
	work   future.Task[agent] // the agent's task

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
	stuck    func()               // called when the loop would sleep for ever
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
	return w, w.open(0)
}

// Submit, Wait, Wake and Close implement [future.Driver]: time passes while the loop
// sleeps. Where it would sleep for ever it is stuck, since all wakes come from
// goroutines that have ended by then.

func (w *loopWorld) Submit() error { return nil }
func (w *loopWorld) Wake()         {}
func (w *loopWorld) Close() error  { return nil }

func (w *loopWorld) Wait(d time.Duration) error {
	switch {
	case d >= 0:
		w.clock += d
	case w.stuck != nil:
		w.stuck()
	default:
		return errors.New("the loop sleeps, and nobody is there to wake it")
	}
	return nil
}

// open makes a loop.
func (w *loopWorld) open(random uint32) (err error) {
	w.random = random
	cfg := future.Config{Clock: w, Driver: func(int) (future.Driver, error) { return w, nil }, OnPanic: func(e *future.PanicError) { w.reported = append(w.reported, e) }}
	if random != 0 {
		cfg.Choose = func(_ future.ChoicePoint, n int) int {
			w.random = w.random*1664525 + 1013904223
			return int(w.random>>8) % n
		}
	}
	if w.loop, err = future.NewLoop(cfg); err != nil {
		return err
	}
	w.work, err = future.SpawnInit(w.loop, func(a *agent) error { w.agent = a; return nil })
	return err
}

// wrong notes what a future has noticed.
func (w *loopWorld) wrong(format string, args ...any) {
	w.errs = append(w.errs, fmt.Errorf(format, args...))
}

// inPoll has f called within a poll of the loop.
func (w *loopWorld) inPoll(f func(cx *future.Context)) {
	w.agent.todo = append(w.agent.todo, f)
	w.work.Waker().Wake()
}

// run runs the loop until it is idle, also when futures end its goroutine.
func (w *loopWorld) run() error {
	for {
		var err error
		how, v := catch(func() { err = w.loop.RunUntilIdle() })
		switch how {
		case exits:
			continue
		case panics:
			return fmt.Errorf("RunUntilIdle panicked: %v", v)
		}
		return err
	}
}

// idle runs the loop until it is idle, and compares it with the model.
func (w *loopWorld) idle() error {
	if err := w.run(); err != nil {
		return err
	}
	if len(w.agent.todo) > 0 {
		return errors.New("a task was woken and not polled")
	}
	for _, t := range w.tasks {
		for l := range t.root.leaves {
			if l.unheard && !l.ready {
				return fmt.Errorf("lost wake: leaf %d of %s was woken and not polled", l.id, t.name)
			}
		}
		t.root.evaluate(w.clock, t.canceled)
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
		if l.drops != 1 {
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

// compare compares the loop's tasks with the model's.
func (w *loopWorld) compare() error {
	infos, err := w.loop.Tasks(context.Background())
	if err != nil {
		return err
	}
	got, want := map[string]string{}, map[string]string{}
	for _, i := range infos {
		if i.Type != "fuzz_test.agent" {
			got[i.Name] = i.State
		}
	}
	for _, t := range w.tasks {
		want[t.name] = t.state()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("the tasks differ from the model (-want +got):\n%s", diff)
	}
	stats, err := w.loop.Stats(context.Background())
	if err != nil || stats.Quarantined != 0 {
		return fmt.Errorf("%d frames are still pointed into, though their tasks ended well: %v", stats.Quarantined, err)
	}
	if len(w.reported) != w.unjoined {
		return fmt.Errorf("OnPanic was called %d times, want %d: %v", len(w.reported), w.unjoined, w.reported)
	}
	for _, t := range w.tasks {
		for l := range t.root.leaves {
			if l.drops > 0 {
				return fmt.Errorf("leaf %d was dropped, and %s is not reclaimed", l.id, t.name)
			}
			if !l.started && t.at != 0 && !t.root.panicked() {
				return fmt.Errorf("leaf %d of %s was never polled", l.id, t.name)
			}
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
		t.task = future.Spawn(w.loop, f, opt)
	case 1:
		t.released, t.bare = true, true
		future.Go(w.loop, f, opt)
	case 2:
		t.task, err = future.SpawnInit(w.loop, func(p *root) error { *p = f; return nil }, opt)
	case 3:
		done := make(chan struct{})
		go func() { defer close(done); t.task = future.Spawn(w.loop, f, opt) }()
		<-done
	case 4:
		w.inPoll(func(cx *future.Context) { t.task = future.Spawn(cx, f, opt) })
		err = w.run()
	}
	w.tasks = append(w.tasks, t)
	return err
}

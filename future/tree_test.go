package future

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The test of this file builds random trees of combinators over scripted leaves,
// runs them with a cancel at a random moment and an explorer's random choices, and
// asks of each:
//
//	every leaf that was started reached Ready, or panicked, exactly once,
//	no leaf was polled after that,
//	a leaf that is still waiting was not cancelled by any rule,
//	the tree is Ready exactly when all its leaves are over,
//	it panics exactly when a leaf has,
//	every leaf's result is where the combinators say it is.

// tree is a node of the tree: a leaf or a combinator over kids.
type tree struct {
	name    string
	f       Future
	leaf    *leaf
	kids    []*tree
	kid     func(i int) *node // as the combinator hands it back
	stopped func() bool       // the combinator has a reason to cancel its kids
	ended   func() bool       // of a ForEach, which need not begin all its kids
	shield  bool
}

// node is a tree as a future that may be copied while it is fresh.
type node struct{ *tree }

func (n *node) Poll(cx *Context) Poll { return n.f.Poll(cx) }

func (n *node) Result() error {
	if n.leaf != nil {
		return n.leaf.err
	}
	return nil
}

type leafKind int

const (
	leafNow    leafKind = iota // ready at its first poll
	leafYields                 // pending a few times
	leafGreedy                 // the same, and uses up the budget
	leafRemote                 // woken from another goroutine
	leafSleeps                 // for a while of virtual time
	leafRecv                   // receives from a channel that a goroutine sends on
	leafFails                  // an error after a few polls
	leafPanics                 // after a few polls
	leafNever                  // until it is cancelled
	leafKinds
)

var leafNames = [leafKinds]string{"now", "yields", "greedy", "remote", "sleeps", "recv", "fails", "panics", "never"}

var errLeaf = errors.New("leaf")

type leaf struct {
	kind     leafKind
	left     int  // polls until it is over
	stubborn bool // does not mind being cancelled
	others   *sync.WaitGroup

	started, over, panicked, forced bool
	readies, late                   int
	err                             error
	fired                           atomic.Bool
	sleep                           SleepFuture
	recv                            FromChanFuture[int]
	sent                            chan int
}

func (f *leaf) Poll(cx *Context) Poll {
	if f.over {
		f.late++
		return Ready
	}
	first := !f.started
	f.started = true
	if f.poll(cx, first) == Pending {
		return Pending
	}
	f.over = true
	f.readies++
	return Ready
}

func (f *leaf) poll(cx *Context, first bool) Poll {
	switch f.kind {
	case leafSleeps:
		p := f.sleep.Poll(cx)
		f.err = f.sleep.Result()
		return p
	case leafRecv:
		if first {
			f.others.Go(func() { f.sent <- 1 })
		}
		p := f.recv.Poll(cx)
		_, f.err = f.recv.Result()
		return p
	}
	if cx.Canceled() && !f.stubborn {
		f.err = ErrCanceled
		return Ready
	}
	switch f.kind {
	case leafNow:
		return Ready
	case leafRemote:
		if first {
			w := cx.Waker()
			f.others.Go(func() {
				runtime.Gosched()
				f.fired.Store(true)
				w.Wake()
				w.Wake()
			})
		}
		return Poll(f.fired.Load())
	case leafNever:
		return Poll(f.forced)
	}
	if f.left--; f.left > 0 {
		for f.kind == leafGreedy && cx.Spend() {
		}
		cx.Wake(cx.Waker())
		return Pending
	}
	switch f.kind {
	case leafPanics:
		f.over, f.panicked = true, true
		panic(errLeaf)
	case leafFails:
		f.err = errLeaf
	}
	return Ready
}

// grower builds random trees.
type grower struct {
	rng    *rand.Rand
	others sync.WaitGroup
	ctx    context.Context
	leaves int
}

func (g *grower) leaf() *tree {
	g.leaves++
	f := &leaf{
		kind:     leafKind(g.rng.IntN(int(leafKinds))),
		left:     1 + g.rng.IntN(4),
		stubborn: g.rng.IntN(4) == 0,
		others:   &g.others,
		sleep:    SleepAsync(time.Duration(g.rng.IntN(100))),
		sent:     make(chan int, 1),
	}
	f.recv = FromChan(f.sent)
	if f.kind == leafNever {
		f.stubborn = false
	}
	return &tree{name: leafNames[f.kind], f: f, leaf: f, stopped: func() bool { return false }}
}

func (g *grower) tree(depth int) *tree {
	if depth == 0 || g.rng.IntN(5) == 0 {
		return g.leaf()
	}
	kinds := []string{"All", "Race", "TryAll", "Join", "Join3", "Select2", "Select3", "Timeout", "Shield", "WithContext", "ForEach"}
	t := &tree{name: kinds[g.rng.IntN(len(kinds))]}
	n := map[string]int{"Join": 2, "Select2": 2, "Join3": 3, "Select3": 3, "Timeout": 1, "Shield": 1, "WithContext": 1}[t.name]
	if n == 0 {
		n = 1 + g.rng.IntN(5)
	}
	var fs []node
	for range n {
		k := g.tree(depth - 1)
		t.kids = append(t.kids, k)
		fs = append(fs, node{k})
	}
	t.stopped = func() bool { return t.anyKid((*tree).panicked) }
	stop := func(why func() bool) {
		panicked := t.stopped
		t.stopped = func() bool { return panicked() || why() }
	}
	race := func() bool { return t.anyKid((*tree).over) }
	failed := func() bool {
		return t.anyKid(func(k *tree) bool { return k.over() && (&node{k}).Result() != nil })
	}
	switch t.name {
	case "All":
		f := place1(All(fs...))
		t.f, t.kid = f, f.At
	case "Race":
		f := place1(Race(fs...))
		t.f, t.kid = f, f.At
		stop(race)
	case "TryAll":
		f := place1(TryAll(fs...))
		t.f, t.kid = f, f.At
		stop(failed)
	case "Join":
		f := place1(Join(fs[0], fs[1]))
		t.f, t.kid = f, func(i int) *node { return []*node{f.A(), f.B()}[i] }
	case "Join3":
		f := place1(Join3(fs[0], fs[1], fs[2]))
		t.f, t.kid = f, func(i int) *node { return []*node{f.A(), f.B(), f.C()}[i] }
	case "Select2":
		f := place1(Select2(fs[0], fs[1]))
		t.f, t.kid = f, func(i int) *node { return []*node{f.A(), f.B()}[i] }
		stop(race)
	case "Select3":
		f := place1(Select3(fs[0], fs[1], fs[2]))
		t.f, t.kid = f, func(i int) *node { return []*node{f.A(), f.B(), f.C()}[i] }
		stop(race)
	case "Timeout":
		f := place1(Timeout(time.Duration(g.rng.IntN(100)), fs[0]))
		t.f, t.kid = f, func(int) *node { return f.F() }
		stop(f.TimedOut)
	case "Shield":
		f := place1(Shield(fs[0]))
		t.f, t.kid, t.shield = f, func(int) *node { return f.F() }, true
	case "WithContext":
		f := place1(WithContext(g.ctx, fs[0]))
		t.f, t.kid = f, func(int) *node { return f.F() }
		stop(func() bool { return g.ctx.Err() != nil })
	case "ForEach":
		i := -1
		s := FromSeq(func(yield func(node) bool) {
			for i = range fs {
				if !yield(fs[i]) {
					return
				}
			}
		})
		f := place1(ForEach(s, 1+g.rng.IntN(3), func(n node) node { return n }))
		t.f, t.kid = f, func(i int) *node { return &fs[i] }
		t.ended = func() bool { return f.over }
		stop(failed)
	}
	return t
}

// place1 puts a fresh future where it can stay.
func place1[F any](f F) *F { return &f }

func (t *tree) anyKid(is func(*tree) bool) bool {
	for _, k := range t.kids {
		if is(k) {
			return true
		}
	}
	return false
}

// each calls f for each leaf with whether some rule cancels it.
func (t *tree) each(canceled bool, f func(l *leaf, canceled bool)) {
	if t.leaf != nil {
		f(t.leaf, canceled)
		return
	}
	for _, k := range t.kids {
		k.each(!t.shield && (canceled || t.stopped()), f)
	}
}

// started reports whether a leaf was polled.
func (t *tree) started() (started bool) {
	t.each(false, func(l *leaf, _ bool) { started = started || l.started })
	return started
}

// over reports whether all leaves that must be over are.
func (t *tree) over() bool {
	switch {
	case t.leaf != nil:
		return t.leaf.over
	case t.ended != nil:
		return t.ended() && !t.anyKid(func(k *tree) bool { return k.started() && !k.over() })
	}
	return !t.anyKid(func(k *tree) bool { return !k.over() })
}

func (t *tree) panicked() (panicked bool) {
	t.each(false, func(l *leaf, _ bool) { panicked = panicked || l.panicked })
	return panicked && t.over()
}

func (t *tree) String() string {
	if t.leaf != nil {
		s := t.name
		if t.leaf.stubborn {
			s += "!"
		}
		return s
	}
	var kids []string
	for _, k := range t.kids {
		kids = append(kids, k.String())
	}
	return t.name + "(" + strings.Join(kids, ", ") + ")"
}

func TestRandomTrees(t *testing.T) {
	rounds := 3000
	if testing.Short() {
		rounds = 300
	}
	var kinds [leafKinds]int
	for seed := range rounds {
		if err := runTree(t, uint64(seed), &kinds); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	for k, n := range kinds {
		if n == 0 {
			t.Errorf("no leaf of kind %s has ever been over", leafNames[k])
		}
	}
}

func runTree(t *testing.T, seed uint64, kinds *[leafKinds]int) error {
	rng := rand.New(rand.NewPCG(seed, 7))
	v := newVirtual()
	cfg := Config{Clock: v, Driver: func(int) (Driver, error) { return v, nil }}
	if seed%2 == 0 {
		cfg.Choose = func(_ ChoicePoint, n int) int { return rng.IntN(n) }
	}
	l, err := NewLoop(cfg)
	if err != nil {
		return err
	}
	ctx, endContext := context.WithCancel(context.Background())
	defer endContext()
	g := &grower{rng: rng, ctx: ctx}
	root := g.tree(1 + rng.IntN(4))
	task := Spawn(l, node{root})

	cancelAt, contextAt := rng.IntN(12), rng.IntN(40)
	canceled := false
	deadline := time.Now().Add(20 * time.Second)
	for step := 0; ; step++ {
		if step == cancelAt && rng.IntN(2) == 0 {
			task.Cancel()
			canceled = true
		}
		if step == contextAt {
			endContext()
		}
		more, err := l.Step()
		if err != nil {
			return fmt.Errorf("%v: %w", root, err)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%v: is never idle", root)
		}
		if isDone(l, task) && !root.over() {
			return fmt.Errorf("%v: is done before its leaves are over", root)
		}
		if !more && step > 40 {
			g.others.Wait()
			if _, ok := l.NextTimer(); ok {
				v.now += 10
			} else if settled(root, canceled) {
				break
			}
			runtime.Gosched()
		}
	}
	if isDone(l, task) != root.over() {
		return fmt.Errorf("%v: is not done when its leaves are over", root)
	}
	// What is left waits for ever, and nothing has cancelled it: end it.
	root.each(canceled, func(f *leaf, _ bool) { f.forced = true })
	for !isDone(l, task) {
		if time.Now().After(deadline) {
			return fmt.Errorf("%v: all leaves could end, and the tree is not done", root)
		}
		wakeLeaves(l)
		if err := l.RunUntilIdle(); err != nil {
			return err
		}
		if _, ok := l.NextTimer(); ok {
			v.now += 10
		}
		g.others.Wait()
		runtime.Gosched()
	}
	f, err := task.Wait()
	pe, panicked := errors.AsType[*PanicError](err)
	if f.tree != root || err != nil && (!panicked || pe.Value != errLeaf) {
		return fmt.Errorf("%v: Wait = %v", root, err)
	}
	if panicked != root.panicked() {
		return fmt.Errorf("%v: panicked = %v, its leaves: %v", root, panicked, root.panicked())
	}
	if err := root.check(kinds); err != nil {
		return fmt.Errorf("%v: %w", root, err)
	}
	task.Release()
	return l.Shutdown(context.Background())
}

// settled reports whether all that could happen has happened: a leaf that is
// waiting waits for ever, and no rule has cancelled it. Goroutines and contexts may
// still be on their way to it; a tree that never settles fails.
func settled(root *tree, canceled bool) bool {
	ok := true
	root.each(canceled, func(f *leaf, canceled bool) {
		if f.started && !f.over && (f.kind != leafNever || canceled) {
			ok = false
		}
	})
	return ok
}

// wakeLeaves wakes all children of sets, and all tasks.
func wakeLeaves(l *Loop) {
	chunks := *l.own.chunks.Load()
	for n, chunk := range chunks {
		for i := range chunk {
			if h := &chunk[i]; h.flags&flagLive != 0 {
				l.wake(Waker{uint32(n<<chunkShift | i), h.gen(), l.id})
			}
		}
	}
}

// check checks a tree that is over.
func (t *tree) check(kinds *[leafKinds]int) error {
	if f := t.leaf; f != nil {
		ends := f.readies
		if f.panicked {
			ends++
		}
		if f.late != 0 || f.started && ends != 1 {
			return fmt.Errorf("a %s leaf ended %d times and was polled %d times after that", t.name, ends, f.late)
		}
		if f.kind == leafRecv && f.started && (f.err == nil) == (len(f.sent) == 1) {
			return fmt.Errorf("a value that was sent is lost: the leaf's error is %v", f.err)
		}
		if f.over {
			kinds[f.kind]++
		}
		return nil
	}
	for i, k := range t.kids {
		if t.kid(i).tree != k {
			return fmt.Errorf("child %d of a %s is not what it was", i, t.name)
		}
		if err := k.check(kinds); err != nil {
			return err
		}
		if k.leaf != nil && t.started() && !k.started() && t.ended == nil {
			return fmt.Errorf("child %d of a %s was never polled", i, t.name)
		}
	}
	return nil
}

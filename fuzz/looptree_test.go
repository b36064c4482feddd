package fuzz_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/unsafeptr"
)

// A node is a future that is made of others, and the model of it: evaluate says whether it has to be
// Ready when the loop has nothing left to do.
type node struct {
	kind nodeKind
	kids []*node
	leaf *leaf
	task *taskModel    // that a nodeWait waits for
	d    time.Duration // of a nodeSleep and a nodeTimeout
	from time.Duration // when that began
	runs bool          // it has begun
	made bool          // its future is there
	told bool          // it is a nodeScope, and its tasks were cancelled one by one: no shield around it counts
	done bool
	seen [2]int // the last moments in which it was evaluated, as not cancelled and as cancelled

	limit   int  // of a nodeForEach: how many run at once
	running int  // that do
	starved bool // there is room, and a value that was not taken
}

type nodeKind byte

const (
	nodeLeaf nodeKind = iota
	nodeSleep
	nodeWait
	nodeAll
	nodeJoin
	nodeRace
	nodeSelect
	nodeTimeout
	nodeShield
	nodeScope
	nodeForEach
)

// build returns the future of a node.
func (n *node) build() future.Future {
	n.made = true
	if n.kind == nodeForEach {
		return n.buildForEach()
	}
	kids := make([]box, len(n.kids))
	for i, k := range n.kids {
		kids[i].Future = k.build()
	}
	switch n.kind {
	case nodeLeaf:
		return newLeafFuture(n.leaf)
	case nodeSleep:
		f := future.SleepAsync(n.d)
		return &timed{node: n, f: &f}
	case nodeWait:
		return &waiting{f: n.task.task.WaitAsync(), task: n.task}
	case nodeAll:
		f := future.All(kids...)
		return &f
	case nodeJoin:
		f := future.Join(kids[0], kids[1])
		return &f
	case nodeRace:
		f := future.Race(kids...)
		return &f
	case nodeSelect:
		f := future.Select2(kids[0], kids[1])
		return &f
	case nodeScope:
		return &scopeFuture{kids: kids}
	case nodeTimeout:
		f := future.Timeout(n.d, kids[0])
		return &timed{node: n, f: &f}
	default:
		f := future.Shield(kids[0])
		return &f
	}
}

// timed notes when a future was polled first.
type timed struct {
	node *node
	f    interface {
		future.Future
		future.Canceler
	}
}

func (t *timed) Poll(cx *future.Context) future.Poll {
	if n := t.node; !n.runs {
		n.runs, n.from = true, cx.Now()
	}
	return t.f.Poll(cx)
}

func (t *timed) Cancel() { t.f.Cancel() }

func (t *timed) Drop() {
	if d, ok := t.f.(interface{ Drop() }); ok {
		d.Drop()
	}
}

// waiting waits for a task, and looks at what it gets.
type waiting struct {
	f    future.TaskWaitFuture[root]
	task *taskModel
}

func (f *waiting) Poll(cx *future.Context) future.Poll {
	if f.f.Poll(cx) == future.Pending {
		return future.Pending
	}
	t := f.task
	p, err := f.f.Result()
	if _, ok := errors.AsType[*future.PanicError](err); ok {
		t.joined = true
	}
	if p != nil && unsafeptr.Addr(p) != t.at {
		panic(fmt.Errorf("%s is at %#x, and a wait for it gives %p", t.name, t.at, p))
	}
	return future.Ready
}

// leaves yields the leaves of a node.
func (n *node) leaves(yield func(*leaf) bool) {
	n.walk(func(n *node) bool { return n.leaf == nil || yield(n.leaf) })
}

func (n *node) walk(f func(*node) bool) bool {
	for _, k := range n.kids {
		if !k.walk(f) {
			return false
		}
	}
	return f(n)
}

// panicked reports whether a leaf of the node has panicked.
func (n *node) panicked() bool {
	for l := range n.leaves {
		if l.ready && l.ended != ends {
			return true
		}
	}
	return false
}

// A moment is a time at which a tree is evaluated. In one moment a node is looked at once as
// not cancelled and once as cancelled, whoever asks again: nodes that ask twice would
// take time exponential in how deep they are nested.
type moment struct {
	now time.Duration
	no  int // from 1, among those of a world
}

// moment returns a new moment.
func (w *loopWorld) moment() moment {
	w.moments++
	return moment{w.clock, w.moments}
}

// evaluate reports whether a started node has to be done at the moment m, when it
// is part of something cancelled or not, and everything was polled that
// was woken.
func (n *node) evaluate(m moment, canceled bool) bool {
	seen := &n.seen[0]
	if canceled {
		seen = &n.seen[1]
	}
	if n.done || *seen == m.no {
		return n.done
	}
	*seen = m.no
	all := func(canceled bool) bool {
		done := true
		for _, k := range n.kids {
			done = k.evaluate(m, canceled) && done
		}
		return done
	}
	// The others are cancelled after the first that is done, or has panicked.
	first := func() bool {
		for _, k := range n.kids {
			if k.done && (n.kind == nodeRace || n.kind == nodeSelect || k.panicked()) {
				return true
			}
		}
		return false
	}
	switch n.kind {
	case nodeLeaf:
		// An operation that has not ended waits for others; what it waits for is
		// checked with the primitive.
		n.done = canceled || n.leaf.fired && n.leaf.op == nil
	case nodeSleep:
		n.done = canceled || n.runs && m.now >= n.from+n.d
	case nodeWait:
		n.done = canceled || n.task.isDone()
	case nodeForEach:
		n.evaluateForEach(m, canceled)
	case nodeAll, nodeJoin, nodeRace, nodeSelect, nodeScope:
		canceled = canceled || n.told
		n.done = all(canceled)
		if !n.done && first() {
			n.done = all(true)
		}
	case nodeTimeout:
		// At the first poll the time is never over.
		n.done = all(canceled || n.runs && m.now >= n.from+max(n.d, 1))
	case nodeShield:
		n.done = all(false)
	}
	return n.done
}

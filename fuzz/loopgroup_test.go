package fuzz_test

import (
	"fmt"
	"io"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// This file is the nodes whose children come and go before they do themselves: a scope, whose
// children are tasks, and a ForEach, whose children are made when there is room for them.

// scopeFuture runs its children as tasks in a scope, whose panic is its own.
type scopeFuture struct {
	anchor pin.Anchor
	scope  future.Scope
	kids   []box
	begun  bool
}

type scopeKid struct{ box }

func (f *scopeFuture) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if !f.begun {
		f.begun = true
		for i := range f.kids {
			future.Go(f.scope.In(cx), scopeKid{f.kids[i]})
		}
	}
	if f.scope.Poll(cx) == future.Pending {
		return future.Pending
	}
	if err := f.scope.Result(); err != nil {
		panic(err)
	}
	return future.Ready
}

func (f *scopeFuture) Cancel() { f.scope.Cancel() }

func (f *scopeFuture) Drop() {
	if !f.begun {
		for i := range f.kids {
			f.kids[i].Drop()
		}
	}
}

// A kidStream is a stream of nodes, which lets others run before each of them.
type kidStream struct {
	kids  []*node
	waits bool
}

func (s *kidStream) PollNext(cx *future.Context) (p future.Poll, n *node, err error) {
	switch {
	case !cx.Spend():
		return future.Pending, nil, nil
	case cx.Canceled():
		return future.Ready, nil, future.ErrCanceled
	case len(s.kids) == 0:
		return future.Ready, nil, io.EOF
	}
	if s.waits = !s.waits; s.waits {
		cx.Wake(cx.Waker())
		return future.Pending, nil, nil
	}
	n, s.kids = s.kids[0], s.kids[1:]
	return future.Ready, n, nil
}

type forKid struct{ box }

func (*forKid) Result() error { return nil }

func (n *node) buildForEach() future.Future {
	f := future.ForEach(&kidStream{kids: n.kids}, n.limit, func(k *node) forKid { return forKid{box{Future: k.build()}} })
	return &f
}

// evaluateForEach is evaluate of a nodeForEach. Which of its children are there is what the
// bodies that were called say; whether more of them should be is told by crowd.
func (n *node) evaluateForEach(m moment, canceled bool) {
	for range 2 { // the first that has panicked cancels the others
		n.running = 0
		left := false
		for _, k := range n.kids {
			switch {
			case !k.made:
				left = left || !canceled
			case !k.evaluate(m, canceled):
				n.running++
			}
		}
		n.starved = left && n.running < n.limit
		n.done = !left && n.running == 0
		for _, k := range n.kids {
			canceled = canceled || k.done && k.panicked()
		}
	}
}

// crowd returns an error if a ForEach runs more futures than it may, or fewer than it could.
func (n *node) crowd() (err error) {
	n.walk(func(n *node) bool {
		if n.running > n.limit {
			err = fmt.Errorf("a ForEach with a limit of %d runs %d futures", n.limit, n.running)
		}
		if n.starved {
			err = fmt.Errorf("a ForEach runs %d futures of %d, and does not take the next value", n.running, n.limit)
		}
		return err == nil
	})
	return err
}

// nest notes that the leaves of a node are dropped when they are Ready.
func (n *node) nest() *node {
	for _, k := range n.kids {
		for l := range k.leaves {
			l.nested = true
		}
	}
	return n
}

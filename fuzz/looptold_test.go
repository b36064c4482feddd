package fuzz_test

import (
	"errors"
	"fmt"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/fuzz"
)

// This file is what tells many: a Broadcast and a Watch, and how far each of their
// listeners is.

const (
	listeners = 2 // receivers of the broadcast, and watchers
	castKeeps = 2
)

// told are the two, and the model of them.
type told struct {
	broadcast *future.Broadcast[int] // its values are 0, 1, 2, ...
	receivers [listeners]*future.BroadcastReceiver[int]
	casts     int            // that were sent
	heard     [listeners]int // of these, by each receiver, or lost for it
	castOver  bool

	watch     *future.Watch[int]
	watchers  [listeners]*future.Watcher[int]
	version   int
	seen      [listeners]int // the version that each watcher has seen
	watchOver bool
}

func newTold() told {
	t := told{broadcast: future.NewBroadcast[int](castKeeps), watch: future.NewWatch(0)}
	for i := range listeners {
		t.receivers[i], t.watchers[i] = t.broadcast.Subscribe(), t.watch.Subscribe()
	}
	return t
}

func (t *told) closeCast() {
	t.broadcast.Close()
	t.castOver = true
}

func (t *told) closeWatch() {
	t.watch.Close()
	t.watchOver = true
}

// A castOp receives from the broadcast.
type castOp struct {
	future.BroadcastReceiverRecvFuture[int]
	w *loopWorld
	i int
}

func (o *castOp) taken() bool {
	v, err := o.Result()
	s := o.w.syncs
	next, lag := &s.heard[o.i], s.casts-s.heard[o.i]
	lagged, fell := errors.AsType[*future.LaggedError](err)
	switch {
	case err == future.ErrCanceled:
	case fell && lag > castKeeps && int(lagged.Missed) == lag-castKeeps:
		*next += lag - castKeeps
	case err == future.ErrClosed && s.castOver && lag == 0:
	case err == nil && v == *next && 0 < lag && lag <= castKeeps:
		*next++
	default:
		o.w.wrong("receiver %d is %d values behind, the next is %d, and it has got %d, %v", o.i, lag, *next, v, err)
	}
	return false
}

func (o *castOp) give(*future.Context) {}

// A changeOp waits for a change of the watch.
type changeOp struct {
	future.WatcherChangedFuture[int]
	w *loopWorld
	i int
}

func (o *changeOp) taken() bool {
	s := o.w.syncs
	err, news := o.Result(), s.seen[o.i] != s.version
	switch {
	case err == future.ErrCanceled:
	case err == future.ErrClosed && s.watchOver && !news:
	case err == nil && news:
		s.seen[o.i] = s.version
	default:
		o.w.wrong("watcher %d has seen version %d of %d, and its wait ended with %v", o.i, s.seen[o.i], s.version, err)
	}
	return false
}

func (o *changeOp) give(*future.Context) {}

// checkTold returns an error if somebody waits, with the loops at rest, for news that is there.
func (w *loopWorld) checkTold() error {
	s := w.syncs
	for _, t := range w.tasks {
		for l := range t.root.leaves {
			if !l.started || l.ready {
				continue
			}
			switch o := l.op.(type) {
			case *castOp:
				if s.castOver || s.heard[o.i] < s.casts {
					return fmt.Errorf("the loops are at rest, and leaf %d waits for a value of a broadcast that is there", l.id)
				}
			case *changeOp:
				if s.watchOver || s.seen[o.i] < s.version {
					return fmt.Errorf("the loops are at rest, and leaf %d waits for a change that has been", l.id)
				}
			}
		}
	}
	return nil
}

// tell does something that tells others, in one of several ways.
func (w *loopWorld) tell(how int, do func(cx *future.Context)) {
	w.ask(how, func() { do(nil) }, do)
}

func (w *loopWorld) send(cx *future.Context) {
	s, err := w.syncs, error(nil)
	if cx == nil {
		err = s.broadcast.Send(s.casts)
	} else {
		err = s.broadcast.SendCx(cx, s.casts)
	}
	if err == nil {
		s.casts++
	} else if err != future.ErrClosed || !s.castOver {
		w.wrong("Send on a broadcast gives %v", err)
	}
}

func (w *loopWorld) set(cx *future.Context) {
	s, err := w.syncs, error(nil)
	if cx == nil {
		err = s.watch.Set(s.version + 1)
	} else {
		err = s.watch.SetCx(cx, s.version+1)
	}
	if err == nil {
		s.version++
	} else if err != future.ErrClosed || !s.watchOver {
		w.wrong("Set of a watch gives %v", err)
	}
	if v := s.watch.Get(); v != s.version {
		w.wrong("a watch holds %d, want %d", v, s.version)
	}
}

// loopOpsMore are ops that were added later: behind the others, so that inputs that were
// found before still say what they said.
var loopOpsMore = []loopOp{
	{Name: "scope", Args: 1, Do: func(w *loopWorld, args fuzz.Args) error {
		w.pushNested(&node{kind: nodeScope}, args.Pick(0, 6))
		return nil
	}},
	{Name: "for-each", Args: 2, Do: func(w *loopWorld, args fuzz.Args) error {
		w.pushNested(&node{kind: nodeForEach, limit: 1 + args.Pick(1, 3)}, args.Pick(0, 6))
		return nil
	}},
	{Name: "broadcast", Args: 1, Do: func(w *loopWorld, args fuzz.Args) error {
		w.tell(args.Pick(0, 3), w.send)
		return nil
	}},
	{Name: "close-broadcast", Do: func(w *loopWorld, args fuzz.Args) error { w.syncs.closeCast(); return nil }},
	{Name: "set-watch", Args: 1, Do: func(w *loopWorld, args fuzz.Args) error {
		w.tell(args.Pick(0, 3), w.set)
		return nil
	}},
	{Name: "close-watch", Do: func(w *loopWorld, args fuzz.Args) error { w.syncs.closeWatch(); return nil }},
	{Name: "switch", Do: func(w *loopWorld, args fuzz.Args) error { w.here = w.here.other; return nil }},
}

// pushNested is push of a node whose children may be gone before it is.
func (w *loopWorld) pushNested(n *node, kids int) {
	if len(w.stack) >= kids {
		w.push(n, kids)
		n.nest()
	}
}

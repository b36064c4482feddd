package fuzz

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
)

// An Option changes what [Future] does.
type Option func(*options)

type options struct {
	check    func(f any) error
	aborted  func(f any) error
	patience time.Duration
	polls    int
}

// Check has check called with each future when it is Ready, before it is released:
// whether it was cancelled or not, its result has to be right, and what it has
// obtained has to be there. One that has withdrawn, see [future.Context.Withdraw], is not
// Ready and has no result; nor has one that was aborted, see [Aborted].
func Check[F any](check func(f *F) error) Option {
	return func(o *options) { o.check = typed("Check", check) }
}

// Aborted has check called with each future that was aborted and has ended, before it is released.
// It is half run: the operation that it waited in ended its goroutine, and only what it had
// deferred has run since. So its fields mean little, but what it shares with others has to be whole:
// locks are given back, and values that nobody has received are still to be had. It is also the place
// to end the future's surroundings, since [Check] is not called in these runs, also not
// when the future was Ready.
func Aborted[F any](check func(f *F) error) Option {
	return func(o *options) { o.aborted = typed("Aborted", check) }
}

func typed[F any](option string, check func(f *F) error) func(f any) error {
	return func(f any) error {
		p, ok := f.(*F)
		if !ok {
			return fmt.Errorf("the %s is for %T, the future is %T", option, p, f)
		}
		return check(p)
	}
}

// Patience sets how long a future may be Pending, with nothing to do for its loop, no timer
// of it running, and no goroutine of the process able to run, before the harness takes it
// that nobody is going to wake it. A goroutine that runs, or waits for a processor, is waited for in
// addition, for up to 30 seconds: load does not make a future break a rule. What the harness does not
// see has to be over within d: sleeps, timers that are not the loop's, system calls
// and C, and whoever waits for them. It is waited for only when there is something to report. The
// default is 5 seconds, and less than 10 milliseconds are taken as 10.
func Patience(d time.Duration) Option { return func(o *options) { o.patience = d } }

// MaxPolls sets how many polls a future may take from its first poll, or from its
// cancellation, until it is Ready. The default is 10,000.
func MaxPolls(n int) Option { return func(o *options) { o.polls = n } }

// maxPoints bounds the suspension points of one run that are tried out; of more
// of them some are chosen, evenly.
const maxPoints = 50

// Future runs futures of one type to their ends in every way that a future has to
// cope with, and reports the [Rule] that one of them breaks as an error of the test. newFuture
// returns a fresh future, with surroundings of its own (channels, goroutines
// that feed them); it is called once for each run, some 55 times for a future that
// waits three times.
//
// A first run counts the suspension points. Further ones then
//
//   - poll more often than there are wakes,
//   - wake several times, from other goroutines and after the end,
//   - collect garbage at each suspension,
//   - hand the future to another task at each suspension point in turn,
//   - cancel it at each suspension point in turn, and before the first poll: by its task's Cancel,
//     as part of a cancelled parent, and by its own Cancel method if it has one,
//   - abort it at each suspension point in turn, and at its first poll, as a Shutdown does whose context
//     has ended: the operation that the future waits in ends the poll like runtime.Goexit. That has to
//     be the end of it (or it is Ready), and no timer or wait list may point into it any more. One that
//     waits for several things at once has to end them all, for instance by polling the others in
//     deferred calls; those of package future do.
//
// Each run has its own loop, with a clock that jumps to the next timer when
// nothing else happens, and its own pinned memory, which is poisoned when the future is
// released and looked at again at the end. A started future is never dropped.
//
// What Future does not find: wakes lost in a race of a few instructions, since
// goroutines are run and not explored; wakes that come too late rather than never; a stale
// waker that is woken before the future has been handed over; wrong results, without [Check]; what an
// abort keeps from others, without [Aborted], and goroutines of the future's own that outlive it; and a type
// that is moved but has neither a [pin.Anchor] nor a child with one. Whether a
// timer or a goroutine comes first is not determined, though goroutines that can run usually
// do: a Check has to allow for both.
//
// Future may be called from the test's goroutine only.
func Future[F any, P future.Ptr[F]](tb testing.TB, newFuture func() F, opts ...Option) {
	tb.Helper()
	if err := checkFuture[F, P](newFuture, opts); err != nil {
		tb.Error(err)
	}
}

// A way is a way to run a future.
type way struct {
	name     string
	extra    int     // spurious polls at each suspension
	wakes    int     // additional wakes at each suspension
	storm    bool    // another goroutine wakes it all the time
	collect  bool    // garbage is collected at each suspension
	handOver int     // the suspension at which another task takes over, from 1; 0 for never
	cancel   cancels // how it is cancelled
	abort    bool    // it is aborted
	at       int     // it is cancelled or aborted, after so many suspensions
}

type cancels byte

const (
	cancelNever cancels = iota
	cancelTask
	cancelParent
	cancelOwn
)

var cancelNames = [...]string{"", "cancelled by its task", "polled by a cancelled parent", "cancelled by its own Cancel"}

// checkFuture is Future with an error in the place of a test.
func checkFuture[F any, P future.Ptr[F]](newFuture func() F, opts []Option) (err error) {
	o := options{patience: 5 * time.Second, polls: 10_000}
	for _, opt := range opts {
		opt(&o)
	}
	var rigs []*rig[F, P]
	defer func() {
		for _, r := range rigs {
			err = errors.Join(err, r.close())
		}
	}()
	run := func(w way) (suspensions int, err error) {
		r := &rig[F, P]{o: o, way: w}
		rigs = append(rigs, r)
		err = r.run(newFuture)
		return r.suspensions, err
	}
	n, err := run(way{name: "run as usual"})
	if err != nil {
		return err
	}
	for _, w := range ways[F, P](n) {
		if _, err := run(w); err != nil {
			return err
		}
	}
	return nil
}

// ways returns the ways to run a future that is suspended n times.
func ways[F any, P future.Ptr[F]](n int) []way {
	list := []way{
		{name: "run as usual, again"},
		{name: "polled though nobody woke it", extra: 3},
		{name: "woken three times instead of once", wakes: 3},
		{name: "woken from another goroutine all the time", storm: true},
		{name: "with a collection at each suspension", collect: true},
		{name: "with a collection, and polled though nobody woke it", collect: true, extra: 1},
	}
	kinds := []cancels{cancelTask, cancelParent}
	if _, ok := any(P(nil)).(future.Canceler); ok {
		kinds = append(kinds, cancelOwn)
	}
	step := max(1, (n+maxPoints-1)/maxPoints)
	for k := 0; k <= n; k += step {
		if k > 0 {
			list = append(list, way{name: fmt.Sprintf("handed to another task at suspension %d of %d", k, n), handOver: k})
		}
		for _, c := range kinds {
			name := fmt.Sprintf("%s at suspension %d of %d", cancelNames[c], k, n)
			if k == 0 {
				name = cancelNames[c] + " before its first poll"
			}
			list = append(list, way{name: name, cancel: c, at: k}, way{name: name + ", with spurious polls", cancel: c, at: k, extra: 1})
		}
		name := fmt.Sprintf("aborted at suspension %d of %d", k, n)
		if k == 0 {
			name = "aborted at its first poll"
		}
		list = append(list, way{name: name, abort: true, at: k})
	}
	return list
}

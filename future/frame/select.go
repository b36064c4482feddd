package frame

import "github.com/pinion-go/pinion/future"

// SelectFuture is a select statement without a default case as a future. The zero
// SelectFuture wants its Init. Like [RecvFuture] it leaves it to the frame around it
// to notice moves.
//
// The cases themselves are in the function that Init is given: Go's own select, with
// one more case. So that a select which need not wait costs no goroutine, the
// function around it first tries the same cases with a default, in its own poll.
type SelectFuture struct {
	run  func(stop <-chan struct{}) int
	wait *selectWait // nil while no goroutine is at it
	n    int
}

type selectWait struct {
	future.ChanWait
	n int // written before the wait is over
}

// Init makes f a select that has not begun. run is called on another goroutine. It
// returns the number of the case that was chosen, at least 0, or -1 for its
// additional case <-stop. What it received it has stored where the function will find
// it, which must be on the heap by itself: an abort may end the function before run.
func (f *SelectFuture) Init(run func(stop <-chan struct{}) int) { *f = SelectFuture{run: run} }

// Poll implements [future.Future]. A panic of run, for a send on a closed channel,
// comes out of it with the same runtime.Error.
func (f *SelectFuture) Poll(cx *future.Context) future.Poll {
	if f.wait == nil {
		if !cx.Spend() {
			return future.Pending
		}
		if cx.Canceled() {
			cx.Withdraw()
		}
		f.begin(cx)
		return future.Pending
	}
	if !f.wait.Poll(cx, cx.Canceled()) {
		return future.Pending
	}
	if f.n = f.wait.n; f.n < 0 {
		cx.Withdraw()
	}
	return future.Ready
}

func (f *SelectFuture) begin(cx *future.Context) {
	w, run := new(selectWait), f.run
	f.wait = w
	w.Begin(cx, "a select", func(stop <-chan struct{}) { w.n = run(stop) })
}

// Result returns the number of the case that was chosen.
func (f *SelectFuture) Result() int { return f.n }

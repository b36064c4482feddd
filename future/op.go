package future

// op is what the futures of operations that wait have in common: how far they
// are, and whether they were asked to finish.
type op struct {
	state opState
	asked bool // Cancel was called
}

type opState uint8

const (
	opFresh    opState = iota // never polled, or polled without budget
	opWaits                   // it returned Pending
	opDone                    // it has what it waited for
	opCanceled                // it has withdrawn
	opClosed                  // there will never be what it waits for
)

// Cancel implements [Canceler]: at its next poll the operation ends with
// [ErrCanceled], unless it has what it waited for by then.
func (o *op) Cancel() { o.asked = true }

func (o *op) over() bool { return o.state >= opDone }

// enter begins a poll. It reports false when the poll must return Pending at once,
// since an operation may be beginning for which there is no budget.
func (o *op) enter(cx *Context) bool { return o.state != opFresh || cx.Spend() }

// ends reports whether the operation is to withdraw now, or must not even begin. In
// an abort everything is cancelled.
func (o *op) ends(cx *Context) bool { return cx.canceled || o.asked }

// leave ends a poll.
func (o *op) leave(cx *Context) Poll {
	switch o.state {
	case opFresh:
		o.state = opWaits
		return Pending
	case opCanceled:
		cx.abort()
	}
	return Poll(o.over())
}

func (o *op) err() error {
	switch o.state {
	case opCanceled:
		return ErrCanceled
	case opClosed:
		return ErrClosed
	}
	return nil
}

// block runs f, of which o is a part, on the calling goroutine. Refused inside a
// poll, f has withdrawn, or else has what it waited for after all.
func (o *op) block(f Future) error {
	if err := Block(f); err != nil && o.state != opDone {
		return err
	}
	return o.err()
}

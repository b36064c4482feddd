package fuzz

import (
	"errors"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// withdrawer waits for a Leaf, and has no room for an error in its result: cancelled, it
// withdraws by a panic, as a compiled function that receives from a channel does.
type withdrawer struct {
	anchor  pin.Anchor
	leaf    Leaf
	early   bool // it also does so when nobody has cancelled it
	ended   bool
	dropped int
}

func (f *withdrawer) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if f.ended {
		panic("polled after its end")
	}
	if f.leaf.Poll(cx) == future.Pending {
		return future.Pending
	}
	f.ended = true
	if _, err := f.leaf.Result(); err != nil || f.early {
		cx.Withdraw()
	}
	return future.Ready
}

func TestAFutureThatIsCancelledMayWithdraw(t *testing.T) {
	checked := 0
	err := checkFuture(func() withdrawer { return withdrawer{leaf: Leaf{Waits: 2}} }, []Option{
		Check(func(f *withdrawer) error {
			checked++
			_, err := f.leaf.Result()
			return err // of one that has withdrawn there is no result
		}),
	})
	if err != nil || checked == 0 {
		t.Errorf("after %d checks: %v", checked, err)
	}
}

func TestAFutureThatIsNotCancelledMustNotWithdraw(t *testing.T) {
	err := checkFuture(func() withdrawer { return withdrawer{leaf: Leaf{Waits: 2}, early: true} }, nil)
	if v, ok := errors.AsType[*Violation](err); !ok || v.Rule != RulePanic {
		t.Errorf("got %v", err)
	}
}

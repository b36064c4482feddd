package density

import (
	"context"
	"errors"
	"time"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/future"
)

// drainTime is how long tasks may take to end after they were cancelled.
const drainTime = 60 * time.Second

// shutdown ends the loop, drains its tasks, and records those that it did not get
// back.
func shutdown(loop *future.Loop, led *ledger) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	err := loop.Shutdown(ctx)
	left, ok := errors.AsType[*future.ShutdownError](err)
	if !ok {
		if err != nil {
			led.faults.Add(fault.Leaked, "the loop", "%v", err)
		}
		return
	}
	for _, t := range left.Unreleased {
		led.faults.Add(fault.Leaked, t.Name, "a task is done and was never released")
	}
	for _, t := range append(left.Aborted, left.Leaked...) {
		led.faults.Add(fault.Leaked, t.Name, "a task did not end when it was cancelled")
	}
	for _, e := range left.Errs {
		led.faults.Add(fault.Panicked, "a sleeper", "%v", e)
	}
}

package streams

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/future"
)

// shutdown ends the runtime and the feeders and records what they did not get
// back.
func (r *run) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if err := r.rt.Shutdown(ctx); err != nil {
		left, ok := errors.AsType[*future.ShutdownError](err)
		if !ok {
			r.cfg.Faults.Add(fault.Leaked, "the runtime", "%v", err)
			return
		}
		for _, t := range left.Unreleased {
			r.cfg.Faults.Add(fault.Leaked, t.Name, "a task of type %s is done and was never released", t.Type)
		}
		for _, t := range append(left.Aborted, left.Leaked...) {
			r.cfg.Faults.Add(fault.Leaked, t.Name, "a task of type %s did not end when it was cancelled", t.Type)
		}
		for _, n := range left.Stuck {
			r.cfg.Faults.Add(fault.Leaked, fmt.Sprintf("loop %d", n), "it is stuck in a poll that does not return")
		}
		for _, e := range left.Errs {
			r.cfg.Faults.Add(fault.Panicked, "the runtime", "%v", e)
		}
	}
	for _, f := range r.feeders {
		if err := f.close(); err != nil {
			r.cfg.Faults.Add(fault.Leaked, "a feeder", "%v", err)
		}
	}
}

// drainTime is how long tasks may take to end after they were cancelled. When
// all goes well none is left by then.
const drainTime = 10 * time.Second

package streams

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/future"
)

// spinner is always worth polling, until it is cancelled.
type spinner struct{}

func (*spinner) Poll(cx *future.Context) future.Poll {
	if cx.Canceled() {
		return future.Ready
	}
	cx.Wake(cx.Waker())
	return future.Pending
}

func TestAuditWaitsForLoopsToBeIdle(t *testing.T) {
	rt, err := future.NewRuntime(future.Config{Loops: 2})
	if err != nil {
		t.Fatal(err)
	}
	var faults fault.Ledger
	r := newRun(t.Context(), Config{Sources: sources(make([][]byte, 1)), Faults: &faults}, byHand)
	defer r.cancel()
	r.rt, r.current = rt, make([]atomic.Pointer[stream], 3)

	// One stream that has taken what it was fed, and one that has not, as when it
	// has yet to be polled: behind those that are.
	s := &stream{src: &r.cfg.Sources[0], name: "text 0"}
	s.fed.Store(5)
	s.taken.Store(5)
	r.current[1].Store(s)
	if r.audit() {
		t.Errorf("a wake is missed that was not lost: %v", faults.List())
	}
	s.taken.Store(4)
	var busy []future.Task[spinner]
	for range 200 { // more than are polled in a turn
		busy = append(busy, future.Spawn(rt.Loop(1), spinner{}))
	}
	for range 20 {
		if r.audit() {
			t.Fatalf("a verdict is passed while tasks are to be polled: %v", faults.List())
		}
	}
	for _, task := range busy {
		task.Cancel()
		if _, err := task.Wait(); err != nil {
			t.Error(err)
		}
		task.Release()
	}
	if !r.audit() {
		t.Error("a lost wake is not missed")
	}
	if l := faults.List(); len(l) != 1 || l[0].Kind != "lost-wake" || l[0].Where != "text 0" {
		t.Errorf("findings %v", l)
	}
	if err := rt.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestAuditRaisesNoFalseAlarm has it look all the time, and not only when nothing
// seems to happen.
func TestAuditRaisesNoFalseAlarm(t *testing.T) {
	var texts [][]byte
	for range 1000 {
		texts = append(texts, slices.Repeat([]byte("some words\n"), 30))
	}
	var faults fault.Ledger
	r := newRun(t.Context(), Config{Sources: sources(texts), AtOnce: len(texts), Chunk: 64, Faults: &faults}, byHand)
	defer r.cancel()
	stop := make(chan struct{})
	var auditing sync.WaitGroup
	r.cfg.Suspended = func(*future.Runtime) {
		auditing.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					r.audit()
				}
			}
		})
	}
	_, err := r.all(t.Context())
	close(stop)
	auditing.Wait()
	if err != nil || faults.Total() > 0 {
		t.Errorf("error %v, faults %v", err, faults.List())
	}
}

package aio_test

import (
	"testing"

	"github.com/pinion-go/pinion/future/aio"
)

// unanswered returns an address that answers no connect.
func (w *world) unanswered(t testing.TB) string {
	t.Helper()
	if w.sim != nil {
		aio.SetAnswers(w.sim, 0, 1)
		t.Cleanup(func() { aio.SetAnswers(w.sim, 0, 0) })
		l := w.listen(t)
		return l.Addr().String()
	}
	return aio.SilentAddr(t).String()
}

//go:build !linux

package aio_test

import (
	"testing"

	"github.com/pinion-go/pinion/future/aio"
)

// unanswered returns an address that answers no connect.
func (w *world) unanswered(t testing.TB) string {
	t.Helper()
	if w.sim == nil {
		t.Skip("there is no such address on every system")
	}
	aio.SetAnswers(w.sim, 0, 1)
	t.Cleanup(func() { aio.SetAnswers(w.sim, 0, 0) })
	return w.listen(t).Addr().String()
}

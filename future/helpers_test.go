package future

import (
	"context"
	"testing"
	"time"
)

// newTestLoop returns a loop that is shut down, and found empty, when the test
// ends.
func newTestLoop(tb testing.TB) *Loop {
	tb.Helper()
	l, err := NewLoop(Config{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := l.Shutdown(ctx); err != nil {
			tb.Error(err)
		}
	})
	return l
}

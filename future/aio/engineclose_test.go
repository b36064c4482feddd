package aio

import (
	"testing"
	"time"
)

// TestThoseWhoAreBackInTimeAreNotLate, though the time is over when that is looked at.
func TestThoseWhoAreBackInTimeAreNotLate(t *testing.T) {
	var e engine
	e.abroad.goes()
	over := time.Now()
	if e.callHome(over) == nil {
		t.Error("one is still away")
	}
	e.abroad.back()
	for range 100 {
		if err := e.callHome(over); err != nil {
			t.Fatal(err)
		}
	}
}

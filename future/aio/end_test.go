package aio

import "testing"

// TestWhatIsClosedWhileAnEngineEndsIsClosedAfterIt: until then its operations may be under way.
func TestWhatIsClosedWhileAnEngineEndsIsClosedAfterIt(t *testing.T) {
	e, err := newEngine("", false)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	e.end.after(func() { n++ })
	if n != 0 {
		t.Error("it is done before the engine has ended")
	}
	e.Close()
	if n != 1 {
		t.Errorf("it is done %d times", n)
	}
	e.end.after(func() { n++ })
	if n != 2 {
		t.Error("it is not done when the engine has ended")
	}
}

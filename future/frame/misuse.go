package frame

// rangeState is what an iterator's call of yield finds, as in the code that gc makes of
// a range over a function (cmd/compile/internal/rangefunc).
type rangeState uint8

const (
	rangeReady     rangeState = iota
	rangeDone                 // it has returned false
	rangePanicked             // the body is under way, or has panicked
	rangeExhausted            // the loop is over
	panicLost                 // not found by yield but by the loop: its iterator has recovered the body's panic
)

// rangeMisused panics as the language does, with its own error: it does what leads to
// the state, and beyond.
func rangeMisused(s rangeState) {
	switch s {
	case rangeDone:
		for range func(yield func() bool) { _ = yield() || yield() } {
			break
		}
	case rangePanicked:
		for range func(yield func() bool) {
			func() {
				defer func() { _ = recover() }()
				yield()
			}()
			yield()
		} {
			panic(s)
		}
	case rangeExhausted:
		var keep func() bool
		for range func(yield func() bool) { keep = yield } {
		}
		keep()
	case panicLost:
		for range func(yield func() bool) {
			defer func() { _ = recover() }()
			yield()
		} {
			panic(s)
		}
	}
}

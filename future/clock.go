package future

import "time"

// Clock tells a loop the time, as the duration since an arbitrary start, which is never
// negative. It must not run backwards. A loop reads it once a turn, if anything of that turn
// needs the time.
//
// A clock other than the default usually comes with a [Driver] whose Wait lets
// that clock's time pass: together they make time virtual.
type Clock interface {
	Now() time.Duration
}

type monotonic struct{}

var processStart = time.Now()

func (monotonic) Now() time.Duration { return time.Since(processStart) }

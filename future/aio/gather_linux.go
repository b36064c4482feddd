package aio

import "time"

// gather decides for how many completions a wait is. While they come as fast as the loop
// deals with them, several at once cost one system call, and the loop does not sleep. But
// where fewer are under way a wait for more takes as long as it may, see uring.Ring.Enter.
type gather struct {
	extra uint32 // how many more than one the next wait is for

	pause uint32    // waits that are for one
	next  uint32    // how long the next pause is
	short time.Time // when a wait was for too many
	often int       // how many such waits came soon after another
}

const (
	gatherMax     = 8
	gatherPause   = 256
	gatherLongest = 1 << 16
	gatherSoon    = time.Millisecond // 20 times what a wait for too many takes
	gatherOften   = 4
)

// waited says that a wait for want completions has brought n.
func (g *gather) waited(want, n uint32) {
	switch {
	case want == 0:
	case g.pause > 0:
		g.pause--
	case n > want: // the others have come while the loop was at work
		g.extra = min(g.extra+2, gatherMax)
	case n < want:
		g.tooMany()
	case g.extra > 0:
		g.extra--
	}
}

func (g *gather) tooMany() {
	g.extra /= 2
	now := time.Now()
	soon := now.Sub(g.short) < gatherSoon
	if g.short = now; !soon {
		g.often, g.next = 0, gatherPause
		return
	}
	if g.often++; g.often < gatherOften {
		return
	}
	g.extra, g.often = 0, 0
	g.pause, g.next = g.next, min(2*g.next, gatherLongest)
}

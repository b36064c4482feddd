package frame

import "github.com/pinion-go/pinion/future"

// looped is a range over a function whose body is under way.
type looped interface {
	// through passes the panic of the body through the iterator, or Goexit, and leaves
	// in u what comes out. If later is set, a deferred call that it has added does so.
	through(u *Unwind, cx *future.Context, exiting bool) (later bool)
}

// enter notes that the body of a range over a function is to follow.
func (u *Unwind) enter(l looped) {
	m := u.more()
	m.loops = append(m.loops, l)
}

// leave notes that the innermost such body is over.
func (u *Unwind) leave() looped {
	m := u.rest
	n := len(m.loops) - 1
	l := m.loops[n]
	m.loops[n] = nil
	m.loops = m.loops[:n]
	return l
}

// pass has what the body is being left by pass through the iterators around it, the
// innermost first.
func (u *Unwind) pass(cx *future.Context, exiting bool) {
	for u.rest != nil && len(u.rest.loops) > 0 {
		if u.leave().through(u, cx, exiting) {
			return
		}
	}
}

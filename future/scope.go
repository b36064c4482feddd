package future

import "github.com/pinion-go/pinion/pin"

// Scope is a group of tasks that end before it does, so that they may use the
// pinned memory of the future that the scope lies in. It is a future itself:
// Ready when all its tasks are done, which are then released.
//
// The zero Scope is empty and ready to use. From its first In on it must not be
// moved. A future that has spawned into a Scope must poll it until it is Ready
// before it is Ready itself.
//
// The idea is Trio's nursery (Nathaniel J. Smith, 2018).
type Scope struct {
	anchor   pin.Anchor
	loop     *Loop
	kids     []Waker // spawned and not known to be released
	live     int
	waker    Waker
	canceled bool
	told     bool
	err      *PanicError
}

// In returns where to spawn a task of the scope: on the loop that polls.
func (s *Scope) In(cx *Context) Spawner {
	s.anchor.Check()
	if s.loop == nil {
		s.loop = cx.loop
	}
	return scopeSite{s, cx}
}

type scopeSite struct {
	scope *Scope
	cx    *Context
}

func (s scopeSite) site() site {
	return site{loop: s.cx.loop, parent: s.cx.task, scope: s.scope}
}

// adopted is called when a task of the scope has been spawned.
func (s *Scope) adopted(w Waker) {
	if len(s.kids) == cap(s.kids) && s.live < len(s.kids)/2 {
		s.forget()
	}
	s.kids = append(s.kids, w)
	s.live++
}

// forget drops the wakers of tasks that the user has released.
func (s *Scope) forget() {
	kept := s.kids[:0]
	for _, w := range s.kids {
		if w.alive() {
			kept = append(kept, w)
		}
	}
	s.kids = kept
}

// childDone is called by the loop when a task of the scope is done.
func (s *Scope) childDone(l *Loop, h *header) {
	s.live--
	if h.flags&flagPoisoned != 0 {
		h.flags |= flagRetrieved
		if s.err == nil {
			s.err = l.extras[h.extra].err
		}
		s.canceled = true
	}
	if s.live == 0 || s.canceled && !s.told {
		l.wake(s.waker)
	}
}

// Poll implements [Future]. In a cancelled part of a task, or after the panic of
// one of the scope's tasks, it cancels the others.
func (s *Scope) Poll(cx *Context) Poll {
	if s.loop == nil {
		return Ready
	}
	s.anchor.Check()
	s.waker = cx.Waker()
	if (s.canceled || cx.canceled) && !s.told {
		s.told = true
		for _, w := range s.kids {
			cx.ask(w, sigCancel)
		}
	}
	if s.live > 0 {
		cx.abort()
		return Pending
	}
	for _, w := range s.kids {
		cx.ask(w, sigRelease)
	}
	s.kids = nil
	return Ready
}

// Cancel implements [Canceler]: it asks the tasks to finish, at the next poll.
func (s *Scope) Cancel() { s.canceled = true }

// Result returns the first panic of a task of the scope, as a *PanicError.
func (s *Scope) Result() error {
	if s.err == nil {
		return nil
	}
	return s.err
}

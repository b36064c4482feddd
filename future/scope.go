package future

import (
	"errors"

	"github.com/pinion-go/pinion/pin"
)

// Scope is a group of tasks that end before it does, so that they may use the
// pinned memory of the future that the scope lies in. It is a future itself:
// Ready when all its tasks are done, which are then released.
//
// The zero Scope is empty and ready to use. From its first In on it must not be
// moved. A future that has spawned into a Scope must poll it until it is Ready
// before it is Ready itself: otherwise its task ends with a *PanicError.
//
// A task that panics, or is otherwise over before its scope, is done only when the
// scope's tasks are: they are cancelled and released, and go on to be polled.
//
// The idea is Trio's nursery (Nathaniel J. Smith, 2018).
type Scope struct {
	anchor   pin.Anchor
	loop     *Loop
	task     Waker   // in whose frame the scope lies
	next     *Scope  // of the same task
	kids     []Waker // spawned and not known to be released
	live     int
	waker    Waker
	canceled bool
	told     bool
	err      *PanicError
}

// In returns where to spawn a task of the scope: on the loop that polls, which must be that
// of the task that the scope lies in. The tasks of the scope may call it, too.
func (s *Scope) In(cx *Context) Spawner {
	s.anchor.Check()
	if s.loop == nil {
		s.open(cx)
	} else if s.loop != cx.loop {
		misused("Scope.In in a poll of another loop", "a scope's tasks are on the loop of the task that it lies in", "spawn them there")
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
	if s.told {
		s.loop.cancel(w.slot, s.loop.header(w.slot))
	}
}

// open notes the scope with the task that it lies in, which must not end first.
func (s *Scope) open(cx *Context) {
	s.loop = cx.loop
	h := s.loop.header(cx.task)
	s.task = Waker{cx.task, h.gen(), cx.loop.id}
	if h.flags&flagRoot != 0 {
		s.loop.nested = pollDepth(2) > 1
	}
	x := s.loop.needExtra(h)
	s.next, x.opened = x.opened, s
}

// close undoes open.
func (s *Scope) close() {
	if h := s.loop.lookup(s.task); h != nil {
		at := &s.loop.extras[h.extra].opened
		for *at != s {
			at = &(*at).next
		}
		*at = s.next
	}
	s.loop, s.next = nil, nil
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
		if err, ok := l.extras[h.extra].err.(*PanicError); ok {
			if s.err == nil {
				s.err = err
			}
			s.canceled = true
		}
	}
	if s.live == 0 || s.canceled && !s.told {
		l.wake(s.waker)
		if t := l.lookup(s.task); t != nil && t.flags&flagPoisoned != 0 {
			l.wake(s.task)
		}
	}
}

// orphan is called when a task has panicked. If there are tasks in its scopes they
// are cancelled and released, and orphan reports true: the task is done when they
// are.
func (l *Loop) orphan(h *header) bool {
	if !l.scopesLive(h) {
		return false
	}
	// Cancel all before a Drop has the chance to call Goexit.
	for _, signal := range []signals{sigCancel, sigRelease} {
		for s := l.extras[h.extra].opened; s != nil; s = s.next {
			s.told = true
			for _, w := range s.kids {
				if h := l.lookup(w); h != nil {
					l.obey(w.slot, h, signal)
				}
			}
		}
	}
	return true
}

func (l *Loop) scopesLive(h *header) bool {
	for s := l.extras[h.extra].opened; s != nil; s = s.next {
		if s.live > 0 {
			return true
		}
	}
	return false
}

// finishOrphaned finishes a task that has panicked, if its scopes are empty now. It
// reports whether they are.
func (l *Loop) finishOrphaned(slot uint32, h *header) bool {
	if h.extra == 0 || h.flags&flagJoined != 0 || l.extras[h.extra].err == nil || l.scopesLive(h) {
		return false
	}
	l.finish(slot, h)
	return true
}

var errScopeOpen = errors.New("future: the task was Ready before its Scope; poll the Scope until it is Ready")

// leftScope is called when a task with scopes is Ready. If there are tasks in the
// scopes it reports true, and treats the task as one that has panicked.
func (l *Loop) leftScope(slot uint32, h *header) bool {
	if !l.scopesLive(h) {
		return false
	}
	l.caught(slot, errScopeOpen)
	return true
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
		cx.release(w)
	}
	s.kids = nil
	s.close()
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

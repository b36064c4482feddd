package future

import "slices"

// extra is what few tasks have: joiners, a name, values, a panic. It is kept
// apart from the header, which every task pays for, and reused.
type extra struct {
	joiner  joiner   // the first, which is nearly always the only one
	joiners []joiner // the others
	name    string
	values  *values
	err     error  // *PanicError, or ErrCanceled if it has withdrawn by a panic
	scope   *Scope // that it was spawned in
	opened  *Scope // the scopes in its frame, linked through next
	next    uint32 // next free extra
}

// joiner waits for a task to be done.
type joiner struct {
	waker  Waker       // a future on the same loop, or zero
	remote *remoteJoin // or a goroutine, or a future elsewhere
}

func (j joiner) isZero() bool { return j.waker.IsZero() && j.remote == nil }

// extraOf returns the task's extra or nil.
func (l *Loop) extraOf(slot uint32) *extra {
	h := l.header(slot)
	if h.extra == 0 || h.flags&(flagChild|flagJoined) != 0 {
		return nil
	}
	return &l.extras[h.extra]
}

// needExtra returns the task's extra, made if need be. The pointer is valid
// until the next call.
func (l *Loop) needExtra(h *header) *extra {
	if h.flags&flagJoined != 0 {
		slot := h.extra
		h.extra, h.flags = 0, h.flags&^flagJoined
		l.needExtra(h).join(joiner{waker: Waker{slot, l.header(slot).gen(), l.id}})
	}
	if h.extra == 0 {
		if l.freeExtra == 0 {
			l.extras = append(l.extras, extra{})
			h.extra = uint32(len(l.extras) - 1)
		} else {
			h.extra = l.freeExtra
			l.freeExtra = l.extras[h.extra].next
			l.extras[h.extra].next = 0
		}
	}
	return &l.extras[h.extra]
}

func (l *Loop) dropExtra(h *header) {
	if h.extra == 0 || h.flags&flagJoined != 0 {
		return
	}
	clear(l.extras[h.extra].joiners)
	l.extras[h.extra] = extra{next: l.freeExtra, joiners: l.extras[h.extra].joiners[:0]}
	l.freeExtra = h.extra
	h.extra = 0
}

func (x *extra) join(j joiner) {
	if x.joiner.isZero() || x.joiner.waker == j.waker && j.remote == nil {
		x.joiner = j
		return
	}
	if n := len(x.joiners); n == cap(x.joiners) && n >= 8 {
		if x.forgetJoiners(); len(x.joiners) > n/2 {
			x.joiners = slices.Grow(x.joiners, n) // so that the search is rare
		}
	}
	x.joiners = append(x.joiners, j)
}

// forgetJoiners drops joiners that are gone or there twice: a cancelled wait is
// not taken out, since another one of the same task may rely on its waker.
func (x *extra) forgetJoiners() {
	seen := make(map[Waker]bool)
	x.joiners = slices.DeleteFunc(x.joiners, func(j joiner) bool {
		if j.remote != nil {
			return j.remote.gone.Load()
		}
		gone := seen[j.waker] || !j.waker.alive()
		seen[j.waker] = true
		return gone
	})
}

// values is a task's values: a list, innermost first, shared with the tasks it
// spawns.
type values struct {
	key, value any
	parent     *values
}

func (v *values) get(key any) any {
	for ; v != nil; v = v.parent {
		if v.key == key {
			return v.value
		}
	}
	return nil
}

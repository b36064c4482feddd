package pin

import (
	"runtime"
	"sync"
)

// A pinner is a runtime.Pinner that cannot be forgotten or copied.
//
// A runtime.Pinner that is collected while it pins something crashes the process
// from its finalizer, and one that is copied unpins what the other has pinned.
// Therefore each one lives in pinners until release.
type pinner struct {
	_ NoMove
	p runtime.Pinner // one goroutine at a time, as its owner
}

// pinners keeps every pinner that may still pin something.
var pinners = struct {
	sync.Mutex
	live map[*pinner]struct{} // guarded by the mutex
}{live: map[*pinner]struct{}{}}

func newPinner() *pinner {
	p := new(pinner)
	pinners.Lock()
	defer pinners.Unlock()
	pinners.live[p] = struct{}{}
	return p
}

// pin pins the whole object that pointer points at or into.
func (p *pinner) pin(pointer any) { p.p.Pin(pointer) }

// release unpins all that p has pinned and forgets p.
func (p *pinner) release() {
	p.p.Unpin()
	pinners.Lock()
	defer pinners.Unlock()
	delete(pinners.live, p)
}

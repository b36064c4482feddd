package aio

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/unsafeptr"
)

// lenders are the pools of [Buffers] that are open, in lists that do not change: whoever has
// loaded the same one twice knows that none was closed between.
var lenders lenderList

type lenderList struct {
	mu   sync.Mutex // of those that change it
	list atomic.Pointer[[]*Buffers]
}

func (l *lenderList) all() []*Buffers {
	if p := l.list.Load(); p != nil {
		return *p
	}
	return nil
}

func (l *lenderList) add(b *Buffers) {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := append(slices.Clone(l.all()), b)
	l.list.Store(&list)
}

func (l *lenderList) remove(b *Buffers) {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(l.all()), func(other *Buffers) bool { return other == b })
	l.list.Store(&list)
	for _, loop := range engineLoops() {
		loop.Do(func(l *future.Loop) {
			if l == nil {
				return
			}
			e, ok := l.Driver().(*engine)
			if !ok {
				return // what wraps an engine forgets them before it uses the next
			}
			if k, ok := e.k.(forgetter); ok {
				k.forgetClosed()
			}
		})
	}
}

// A forgetter is a kernel that keeps the memory of pools that were closed, until it is told to forget them.
type forgetter interface{ forgetClosed() }

// lent reports whether p lies in a pool's buffers, and so need not be pinned.
func lent(p []byte) bool {
	return slices.ContainsFunc(lenders.all(), func(b *Buffers) bool { return b.holds(p) })
}

func (b *Buffers) holds(p []byte) bool { return unsafeptr.ContainsSlice(b.block.Range(), p) }

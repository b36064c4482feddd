package aio

import "sync"

// endOfEngine is what there is to do when an engine has ended. From the end of its loop on, which
// is before that, messages find no loop and are run by those who send them, while the engine
// still waits for its operations.
type endOfEngine struct {
	mu    sync.Mutex // protects what follows
	ended bool
	do    []func()
}

// after has f run when nothing is under way any more: now if that is so already. Any goroutine.
func (n *endOfEngine) after(f func()) {
	n.mu.Lock()
	if !n.ended {
		n.do = append(n.do, f)
		n.mu.Unlock()
		return
	}
	n.mu.Unlock()
	f()
}

func (n *endOfEngine) come() {
	n.mu.Lock()
	do := n.do
	n.ended, n.do = true, nil
	n.mu.Unlock()
	for _, f := range do {
		f()
	}
}

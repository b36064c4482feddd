package future

import "sync"

// Watch holds a value and tells those who watch it when it changes. They see the
// latest value; what it was in between may pass them by.
//
// Make one with [NewWatch]. All methods may be called from any goroutine. The
// design is that of tokio's watch channel.
type Watch[T any] struct {
	mu      sync.Mutex // protects the following, and the watchers' seen
	value   T
	version uint64 // how often it was set
	closed  bool
	q       waitQueue // watchers
}

// NewWatch returns a watch whose value is v.
func NewWatch[T any](v T) *Watch[T] {
	w := &Watch[T]{value: v}
	w.q.init(&w.mu, w)
	return w
}

// Get returns a copy of the value.
func (w *Watch[T]) Get() T {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.value
}

// Set sets the value. It returns nil, or [ErrClosed] without having set it.
func (w *Watch[T]) Set(v T) error { return w.set(v, nil) }

// SetCx is [Watch.Set] within a poll: waking watchers on the same loop is cheaper.
func (w *Watch[T]) SetCx(cx *Context, v T) error { return w.set(v, cx.loop) }

func (w *Watch[T]) set(v T, l *Loop) error {
	w.mu.Lock()
	defer w.q.unlock(&w.mu)
	if w.closed {
		return ErrClosed
	}
	w.value = v
	w.version++
	w.q.wakeAll(l)
	return nil
}

// Close says that the value will not change any more. Watchers that have not seen
// the last change see it first. Close of a closed watch does nothing.
func (w *Watch[T]) Close() { w.close(nil) }

// CloseCx is [Watch.Close] within a poll: waking watchers on the same loop is
// cheaper.
//
//pinion:noescape
func (w *Watch[T]) CloseCx(cx *Context) { w.close(cx.loop) }

func (w *Watch[T]) close(l *Loop) {
	w.mu.Lock()
	defer w.q.unlock(&w.mu)
	w.closed = true
	w.q.wakeAll(l)
}

// give implements giver: a change is there for everybody, and was promised to
// nobody.
func (w *Watch[T]) give(*Loop) {}

// Subscribe returns a watcher that has seen the present value.
func (w *Watch[T]) Subscribe() *Watcher[T] {
	w.mu.Lock()
	defer w.mu.Unlock()
	return &Watcher[T]{w: w, seen: w.version}
}

// Watcher waits for changes of the value of a [Watch]. If several tasks or
// goroutines use the same watcher, each change is noticed by one of them.
type Watcher[T any] struct {
	w    *Watch[T]
	seen uint64 // version
}

// Get returns a copy of the value, which counts as seen from then on.
func (r *Watcher[T]) Get() T {
	r.w.mu.Lock()
	defer r.w.mu.Unlock()
	r.seen = r.w.version
	return r.w.value
}

// Changed waits until the value is not the one seen last, and counts it as seen. It
// returns nil, [ErrClosed] if it will not change any more, or [ErrBlockedPoll] when
// it would have to wait inside a poll: use ChangedAsync there.
func (r *Watcher[T]) Changed() error {
	f := r.ChangedAsync()
	return f.block(&f)
}

// ChangedAsync is [Watcher.Changed] as a future. Its result is nil, ErrClosed or
// [ErrCanceled].
//
//pinion:noescape
func (r *Watcher[T]) ChangedAsync() WatcherChangedFuture[T] {
	return WatcherChangedFuture[T]{r: r}
}

// WatcherChangedFuture is the future of [Watcher.ChangedAsync].
type WatcherChangedFuture[T any] struct {
	r *Watcher[T]
	w waiter
	op
}

// Poll implements [Future].
func (f *WatcherChangedFuture[T]) Poll(cx *Context) Poll {
	if f.over() {
		return Ready
	}
	if !f.enter(cx) {
		return Pending
	}
	f.look(cx)
	return f.leave(cx)
}

func (f *WatcherChangedFuture[T]) look(cx *Context) {
	w := f.r.w
	w.mu.Lock()
	defer w.q.unlock(&w.mu)
	switch {
	case f.ends(cx):
		f.w.withdraw(cx)
		f.state = opCanceled
	case f.r.seen != w.version:
		f.w.done(cx)
		f.r.seen = w.version
		f.state = opDone
	case w.closed:
		f.w.done(cx)
		f.state = opClosed
	default:
		w.q.wait(cx, &f.w)
	}
}

// Result returns nil after a change, ErrClosed or ErrCanceled.
func (f *WatcherChangedFuture[T]) Result() error { return f.err() }

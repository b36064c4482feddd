package future

// BroadcastReceiver receives the values of a [Broadcast]. If several tasks or
// goroutines use the same receiver, each value goes to one of them.
type BroadcastReceiver[T any] struct {
	b    *Broadcast[T]
	next uint64 // the number of the value to be received
}

// Recv receives the next value, and waits for it if there is none. The error is a
// [*LaggedError] if values were missed, [ErrClosed] once there are no more, or
// [ErrBlockedPoll] when it would have to wait inside a poll: use RecvAsync there.
func (r *BroadcastReceiver[T]) Recv() (T, error) {
	if v, err := r.TryRecv(); err != ErrWouldBlock {
		return v, err
	}
	f := r.RecvAsync()
	if err := f.block(&f); err != nil {
		return f.v, err
	}
	return f.Result()
}

// RecvAsync is [BroadcastReceiver.Recv] as a future. Its result is a value, or a
// *LaggedError, ErrClosed or [ErrCanceled].
//
//pinion:noescape
func (r *BroadcastReceiver[T]) RecvAsync() BroadcastReceiverRecvFuture[T] {
	return BroadcastReceiverRecvFuture[T]{r: r}
}

// TryRecv returns the next value if it was sent already. The error is
// [ErrWouldBlock] if it was not, a *LaggedError or ErrClosed.
func (r *BroadcastReceiver[T]) TryRecv() (T, error) {
	r.b.mu.Lock()
	defer r.b.mu.Unlock()
	return r.take()
}

// take takes the next value.
func (r *BroadcastReceiver[T]) take() (v T, err error) {
	b := r.b
	kept := uint64(len(b.ring))
	switch {
	case r.next == b.sent && b.closed:
		return v, ErrClosed
	case r.next == b.sent:
		return v, ErrWouldBlock
	case b.sent-r.next > kept:
		missed := b.sent - kept - r.next
		r.next += missed
		return v, &LaggedError{Missed: missed, Capacity: len(b.ring)}
	}
	v = b.ring[r.next%kept]
	r.next++
	return v, nil
}

// BroadcastReceiverRecvFuture is the future of [BroadcastReceiver.RecvAsync].
type BroadcastReceiverRecvFuture[T any] struct {
	r      *BroadcastReceiver[T]
	w      waiter
	v      T
	lagged *LaggedError
	op
}

// Poll implements [Future].
func (f *BroadcastReceiverRecvFuture[T]) Poll(cx *Context) Poll {
	if f.over() {
		return Ready
	}
	if !f.enter(cx) {
		return Pending
	}
	f.look(cx)
	return f.leave(cx)
}

func (f *BroadcastReceiverRecvFuture[T]) look(cx *Context) {
	b := f.r.b
	b.mu.Lock()
	defer b.q.unlock(&b.mu)
	f.w.check()
	if f.ends(cx) {
		f.w.withdraw(cx)
		f.state = opCanceled
		return
	}
	v, err := f.r.take()
	switch err {
	case ErrWouldBlock:
		b.q.wait(cx, &f.w)
		return
	case ErrClosed:
		f.state = opClosed
	default:
		f.v = v
		f.lagged, _ = err.(*LaggedError)
		f.state = opDone
	}
	f.w.done(cx)
}

// Result returns the value, or the reason why there is none.
func (f *BroadcastReceiverRecvFuture[T]) Result() (T, error) {
	if f.lagged != nil {
		return f.v, f.lagged
	}
	return f.v, f.err()
}

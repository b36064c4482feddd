package future

// ChanWait is an operation on Go channels that a pooled goroutine performs for a
// future: what [FromChan], [ToChan] and the channel operations of compiled
// functions wait in. It must lie on the heap, by itself and not in the future: an
// abort may end the future before the goroutine. The zero ChanWait is ready.
//
// Goroutines are not limited in number, as those of [FromFunc] are, since an
// operation may wait for another one.
type ChanWait struct {
	call     call
	stop     chan struct{} // closed when the future gives up
	stopping bool
}

// Begin has op run on a goroutine of its own; name is for reports of its panic. op
// must return soon after stop is closed, and should leave what it has done where
// the future finds it once Poll has returned true. Begin is called once, in a poll.
func (w *ChanWait) Begin(cx *Context, name string, op func(stop <-chan struct{})) {
	stop := make(chan struct{})
	w.stop = stop
	w.call.poll(cx)
	channelWorkers.run(func() { w.call.run(name, func() { op(stop) }) })
}

// Poll reports whether op has returned; if it has not, the future being polled is
// woken when it does. With canceled it asks op to give up; whether op has done its
// work nevertheless is known when Poll returns true. If op has panicked, so does
// Poll, with the same value. In an abort, or in [Context.PollToEnd], a Poll with canceled
// waits until op has returned.
func (w *ChanWait) Poll(cx *Context, canceled bool) (over bool) {
	if canceled && !w.stopping {
		w.stopping = true
		close(w.stop)
	}
	if canceled && (cx.aborting || cx.ending) {
		w.call.wait()
	}
	if !w.call.poll(cx) {
		return false
	}
	if err := w.call.panicked; err != nil {
		if err.Goexit {
			panic(err)
		}
		cx.Repanic(err.Value, err.Stack, false)
	}
	return true
}

package future

// Poll is what a future answers when it is polled.
type Poll bool

const (
	// Pending: not finished; the future has arranged for its Waker to be woken when it is worth polling again.
	Pending Poll = false
	// Ready: finished. A future that answered Ready must not be polled again.
	Ready Poll = true
)

// String returns "Pending" or "Ready".
func (p Poll) String() string {
	if p {
		return "Ready"
	}
	return "Pending"
}

// Future is a computation that is advanced by polling it.
//
// Before its first Poll a future is fresh: it may be copied and moved. From
// its first Poll on it is pinned: it stays where it is until it has returned
// Ready, and whoever polls it sees to that (an executor of this package does).
//
// A future that returns Pending must have arranged for [Context.Waker] to be
// woken; until that happens it need not be polled, but it must cope with being
// polled anyway. Once polled, it must be polled until it is Ready: nothing here
// drops a started future. See [Canceler] for asking it to finish early.
//
// The shape is that of core::future::Future in Rust, with the output taken out
// of Poll so that one interface serves futures of every type.
type Future interface {
	Poll(cx *Context) Poll
}

// Of is a future whose result is a T and an error, as most are. Result may be
// called once the future is Ready, any number of times, while it is not yet
// released. Futures with other results have a Result method of their own.
type Of[T any] interface {
	Future
	Result() (T, error)
}

// Canceler is a future that can be asked to finish early. Cancel is a request:
// whoever calls it must go on polling until Ready, and what was obtained in the
// meantime is in the result. Cancel may be called before the first poll and more
// than once, but not during a poll of the same future.
//
// An executor's own cancel ([Task.Cancel]) reaches every operation in the task
// by way of [Context.Canceled], so a future made of others needs no Cancel
// method unless it wants to do something of its own.
type Canceler interface {
	Cancel()
}

// Ptr is the constraint that ties a future's type F to its pointer type, which
// has the Poll method. It is always inferred.
type Ptr[F any] interface {
	*F
	Future
}

package aio

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/pinion-go/pinion/future"
)

// Listener accepts connections. It is a [net.Listener]. All methods may be called from every
// goroutine and in every poll.
//
// Connections are accepted before anybody asks for them, up to maxQueue, and wait in a
// queue. An Accept that is cancelled leaves them there.
type Listener struct {
	home   home
	fd     int32
	addr   net.Addr
	unlink string      // the path of a Unix socket, removed by Close
	closed atomic.Bool // Close was called

	mu    sync.Mutex // protects queue
	queue []int32    // descriptors of connections that nobody has taken

	// The home engine's loop alone.
	ops     int16
	gone    bool
	accept  key // the op that accepts, 0 for none
	fault   ending
	readers waitList
}

// maxQueue is how many connections may wait to be taken before a listener stops accepting;
// the kernel's own queue is before it.
const maxQueue = 256

func (l *Listener) on(e *engine) *engine { return l.home.of(e, l.fd) }

// ready implements source.
func (l *Listener) ready(e *engine) (ending, bool) {
	switch {
	case l.closed.Load():
		return endClosed, true
	case l.queued() > 0:
		return endOK, true
	case l.fault != endOK:
		end := l.fault
		l.fault = endOK // it is told once, and then tried again
		return end, true
	case e.closed:
		return endStopped, true
	}
	if l.accept == 0 {
		l.ops++
		l.accept = e.start(opAccept, l.fd, nil, true, l)
	}
	return endOK, false
}

func (l *Listener) waiters() *waitList { return &l.readers }

// share implements source.
func (l *Listener) share() {}

func (l *Listener) queued() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue)
}

// take returns the connection that has waited longest, nil if somebody else has taken it. Any
// goroutine.
func (l *Listener) take() *Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		return nil
	}
	fd := l.queue[0]
	l.queue = append(l.queue[:0], l.queue[1:]...)
	return &Conn{fd: fd}
}

// completed implements completer.
func (l *Listener) completed(e *engine, k key, r completion) {
	if r.res >= 0 {
		books.descriptors.Add(1)
		e.count.Accepted++
		l.mu.Lock()
		l.queue = append(l.queue, r.res)
		full := len(l.queue) >= maxQueue
		l.mu.Unlock()
		if r.more && full {
			e.cancel(l.accept) // and begin again when they are taken
		}
	}
	if !r.more {
		l.ops--
		l.accept = 0
		switch errno := r.errno(); errno {
		case 0, syscall.EINTR, syscall.EAGAIN, syscall.ECONNABORTED, syscall.ECANCELED:
		default:
			l.fault = failed(errno) // EMFILE and the like
		}
	}
	if l.closed.Load() || e.closed {
		l.settle(e)
	}
	l.readers.wake(e)
}

// Close stops listening: at once somebody else may listen on the address. Connections that
// were accepted and not taken are closed and counted in [Ledger].Orphans. The error is net.ErrClosed if it was closed before.
func (l *Listener) Close() error { return l.close(nil) }

// CloseCx is [Listener.Close] within a poll.
//
//pinion:noescape
func (l *Listener) CloseCx(cx *future.Context) error { return l.close(engineOf(cx)) }

func (l *Listener) close(here *engine) error {
	if l.closed.Swap(true) {
		return endClosed.err("close", "", l.addr, nil)
	}
	l.vacate()
	switch home := l.home.close(); {
	case home == nil:
		l.drop()
	case home == here:
		l.settle(home)
	default:
		home.loop.Do(func(loop *future.Loop) {
			if loop == nil {
				orphans := l.closeQueue()
				books.mu.Lock()
				books.past.Orphans += orphans
				books.mu.Unlock()
				l.drop()
				return
			}
			l.settle(home)
		})
	}
	return nil
}

// settle closes the connections that nobody took and brings a closed listener to its end.
func (l *Listener) settle(e *engine) {
	e.count.Orphans += l.closeQueue()
	if !l.closed.Load() || l.gone {
		return
	}
	e.cancel(l.accept)
	if l.ops == 0 {
		l.drop()
	}
	l.readers.wake(e)
}

// closeQueue closes the connections that nobody took, and returns how many they were.
func (l *Listener) closeQueue() (n int64) {
	l.mu.Lock()
	queue := l.queue
	l.queue = nil
	l.mu.Unlock()
	for _, fd := range queue {
		closeDescriptor(int(fd))
		books.descriptors.Add(-1)
		n++
	}
	return n
}

func (l *Listener) drop() {
	if l.gone {
		return
	}
	l.gone = true
	closeDescriptor(int(l.fd))
	books.descriptors.Add(-1)
}

// Addr returns the address on which it listens.
func (l *Listener) Addr() net.Addr { return l.addr }

// Driver returns the name of the driver that accepts, and why it was chosen.
func (l *Listener) Driver() (name, why string) {
	e := l.on(nil)
	return e.name, e.why
}

// Accept waits for the next connection, a *Conn. It implements [net.Listener]. A failure for
// want of descriptors is an error, after which Accept may be called again.
func (l *Listener) Accept() (net.Conn, error) {
	c, err := l.AcceptConn()
	if err != nil {
		return nil, err
	}
	return c, nil
}

// AcceptAsync is [Listener.Accept] as a future, which is cancelled as that of
// [Listener.AcceptConnAsync] is.
//
//pinion:noescape
func (l *Listener) AcceptAsync() ListenerAcceptFuture {
	return ListenerAcceptFuture{f: l.AcceptConnAsync()}
}

// ListenerAcceptFuture is the future of [Listener.AcceptAsync].
type ListenerAcceptFuture struct{ f ListenerAcceptConnFuture }

// Init makes f the future of l.Accept(), in place.
//
//pinion:noescape
func (f *ListenerAcceptFuture) Init(l *Listener) { f.f.Init(l) }

// Poll implements [future.Future].
func (f *ListenerAcceptFuture) Poll(cx *future.Context) future.Poll { return f.f.Poll(cx) }

// Result returns what [Listener.Accept] would have.
func (f *ListenerAcceptFuture) Result() (net.Conn, error) {
	c, err := f.f.Result()
	if err != nil {
		return nil, err
	}
	return c, nil
}

// AcceptConn is [Listener.Accept] without the interface.
func (l *Listener) AcceptConn() (*Conn, error) {
	f := l.AcceptConnAsync()
	if err := future.Block(&f); err != nil {
		return nil, err
	}
	return f.Result()
}

// AcceptConnAsync is [Listener.AcceptConn] as a future. If it is cancelled the error is
// [future.ErrCanceled], and a connection that has come stays in the queue.
//
//pinion:noescape
func (l *Listener) AcceptConnAsync() ListenerAcceptConnFuture {
	return ListenerAcceptConnFuture{l: l}
}

// ListenerAcceptConnFuture is the future of [Listener.AcceptConnAsync].
type ListenerAcceptConnFuture struct {
	l *Listener
	w waiter
	c *Conn
}

// Init makes f the future of l.AcceptConn(), in place.
//
//pinion:noescape
func (f *ListenerAcceptConnFuture) Init(l *Listener) {
	f.l, f.c = l, nil
	f.w.reset()
}

// Poll implements [future.Future].
func (f *ListenerAcceptConnFuture) Poll(cx *future.Context) future.Poll {
	if f.w.state == waiterOver {
		return future.Ready
	}
	l, e := f.l, engineOf(cx)
	home := l.on(e)
	for {
		if home != e || f.w.remote() != nil {
			if !f.w.told(cx, home, l) {
				return future.Pending
			}
		} else if !f.w.await(cx, e, l) {
			return future.Pending
		}
		if f.w.end != endOK {
			return f.w.over(cx)
		}
		if f.c = l.take(); f.c != nil {
			return future.Ready
		}
		f.w.again()
	}
}

// Result returns what [Listener.AcceptConn] would have.
func (f *ListenerAcceptConnFuture) Result() (*Conn, error) {
	if f.w.end != endOK {
		return nil, f.w.end.err("accept", "accept4", nil, f.l.addr)
	}
	return f.c, nil
}

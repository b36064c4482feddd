package aio

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// epollKernel does an engine's operations with system calls that do not wait, and asks epoll
// when to try again. An op is tried at the flush after its begin, and then whenever its
// descriptor has an event; what the system calls return is given to the engine as io_uring
// would. Descriptors of connections are in blocking mode, as for io_uring: each call says by
// itself that it does not wait.
type epollKernel struct {
	e     *engine
	epoll int
	timer int // a timerfd, for waits that are shorter than epoll's milliseconds are fine
	fds   fdTable
	away  errands // what regular files have to do

	event wakeFD

	free    []uint16 // buffers of the pool
	queue   []key    // ops to be tried at the next flush
	spare   []key    // the memory of a queue that was done
	cancels []key
	waiting int  // ops that wait for an event
	done    int  // completions in this flush or wait
	busy    int  // flushes since events were asked for
	woken   bool // a wake was found while flushing, so that the next wait does not wait

	events [256]unix.EpollEvent
}

const (
	// askEvery is after how many flushes without a wait the loop asks for events, which
	// costs a system call.
	askEvery = 4
	// roundedWait is the shortest wait that is rounded up to milliseconds.
	roundedWait = 20 * time.Millisecond
)

// newEpoll makes an engine on epoll. It may be used from any thread.
func newEpoll(bool) (*engine, error) {
	p := &epollKernel{epoll: -1, timer: -1, event: wakeFD{fd: -1}}
	e := &engine{k: p}
	p.e = e
	p.away.wake = p.wake
	if err := p.prepare(); err != nil {
		p.close()
		return nil, err
	}
	openBooks(e)
	return e, nil
}

func (p *epollKernel) prepare() (err error) {
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		p.epoll = -1
		return fmt.Errorf("epoll_create1: %w", err)
	}
	if err := p.event.open(); err != nil {
		return err
	}
	if p.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK); err != nil {
		p.timer = -1
		return fmt.Errorf("timerfd_create: %w", err)
	}
	// Neither is ever read: with EPOLLET each write or expiry is an event of its own.
	for _, fd := range []int{p.event.fd, p.timer} {
		ev := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET, Fd: int32(fd)}
		if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
			return fmt.Errorf("epoll_ctl: %w", err)
		}
	}
	first, n, err := p.e.pool.grow()
	for i := range n {
		p.provide(uint16(first + i))
	}
	return err
}

func (p *epollKernel) provide(bid uint16) { p.free = append(p.free, bid) }

func (p *epollKernel) begin(k key, o *op) bool {
	if o.kind == opSend {
		p.e.ops.io(o).off = 0 // how much was sent
	}
	p.queue = append(p.queue, k)
	return true
}

func (p *epollKernel) cancel(k key) bool {
	p.cancels = append(p.cancels, k)
	return true
}

func (p *epollKernel) flush() error {
	p.done = 0
	p.process()
	p.busy++
	if p.busy < askEvery || p.waiting == 0 {
		return nil
	}
	return p.ask(0)
}

func (p *epollKernel) wait(d time.Duration) error {
	p.done = 0
	p.process()
	if p.done > 0 || len(p.queue) > 0 || len(p.cancels) > 0 {
		if p.busy++; p.busy < askEvery {
			return nil
		}
		d = 0
	}
	if p.woken {
		d = 0
	}
	err := p.ask(d)
	p.woken = false
	p.deliver()
	return err
}

// process does what was asked for since the last time.
func (p *epollKernel) process() {
	if len(p.queue) > 0 {
		q := p.queue
		p.queue, p.spare = p.spare[:0], nil
		for _, k := range q {
			if o := p.e.ops.find(k); o != nil {
				p.try(k, o, 0)
			}
		}
		p.spare = q
	}
	if len(p.cancels) > 0 {
		cancels := p.cancels
		p.cancels = nil
		for _, k := range cancels {
			if o := p.e.ops.find(k); o != nil && (o.flags&opAway == 0 || p.away.withdraw(k)) {
				p.quit(k, o)
			}
		}
	}
	p.deliver()
}

// deliver takes up what was done on other goroutines.
func (p *epollKernel) deliver() {
	for _, d := range p.away.take() {
		if o := p.e.ops.find(d.k); o != nil {
			p.finish(d.k, o, d.res)
		}
	}
}

// ask takes up events, and waits d for one, for ever if it is negative.
func (p *epollKernel) ask(d time.Duration) error {
	p.busy = 0
	ms := -1
	switch {
	case d >= roundedWait:
		ms = int(min((d+time.Millisecond-1)/time.Millisecond, 1<<30))
	case d > 0:
		spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
		if err := unix.TimerfdSettime(p.timer, 0, &spec, nil); err != nil {
			return fmt.Errorf("timerfd_settime: %w", err)
		}
	case d == 0:
		ms = 0
	}
	p.e.count.Calls++
	n, err := unix.EpollWait(p.epoll, p.events[:], ms)
	if err != nil {
		if err == unix.EINTR {
			return nil
		}
		return fmt.Errorf("epoll_wait: %w", err)
	}
	for i := range p.events[:n] {
		switch ev := &p.events[i]; int(ev.Fd) {
		case p.event.fd:
			p.woken = true
		case p.timer:
		default:
			p.happened(ev.Fd, ev.Events)
		}
	}
	return nil
}

// happened tries again those that wait for an event of fd.
func (p *epollKernel) happened(fd int32, events uint32) {
	s := p.fds.at(fd)
	if events&^uint32(unix.EPOLLOUT) != 0 {
		p.retry(s.in, events)
	}
	if events&(unix.EPOLLOUT|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		p.retry(s.out, events)
	}
}

func (p *epollKernel) retry(list, events uint32) {
	for i := list; i != noOp; {
		o := p.e.ops.at(i)
		k, next := keyOf(i, o.gen), o.next
		p.try(k, o, events)
		i = next
	}
}

// quit ends an op that was cancelled.
func (p *epollKernel) quit(k key, o *op) {
	res := -int32(unix.ECANCELED)
	if o.kind == opSend && p.e.ops.io(o).off > 0 {
		res = int32(p.e.ops.io(o).off)
	}
	p.finish(k, o, res)
}

// finish is the final completion of an op, which is in no list from then on.
func (p *epollKernel) finish(k key, o *op, res int32) {
	if o.flags&opListed != 0 {
		p.unlist(k, o)
	}
	p.done++
	p.e.complete(k, completion{res: res})
}

func (p *epollKernel) wake() { p.event.wake() }

func (p *epollKernel) close() error {
	errs := []error{p.event.close()}
	for _, fd := range []*int{&p.timer, &p.epoll} {
		if *fd >= 0 {
			errs = append(errs, unix.Close(*fd))
			*fd = -1
		}
	}
	return errors.Join(errs...)
}

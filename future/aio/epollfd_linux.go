package aio

import "golang.org/x/sys/unix"

// fdState is what an epollKernel knows of a descriptor. That it is registered is believed only
// while an op waits for it: until then nobody closes the descriptor. The first op to wait
// after that registers anew, since the number may be another file's by now. An event of the
// former file, if that is still open elsewhere, makes an op be tried in vain.
type fdState struct {
	in, out uint32 // the first of the ops that wait to read or to write, by op.next
	events  uint32 // that are asked for
}

// Flags that an epollKernel has for an op.
const (
	opListed opFlags = 1 << 6 // it waits for an event
	opAway   opFlags = 1 << 7 // another goroutine does it
)

const fdChunk = 256

// fdTable has an fdState for each descriptor, by number.
type fdTable struct{ chunks []*[fdChunk]fdState }

func (t *fdTable) at(fd int32) *fdState {
	i := int(fd) / fdChunk
	for i >= len(t.chunks) {
		t.chunks = append(t.chunks, nil)
	}
	if t.chunks[i] == nil {
		t.chunks[i] = new([fdChunk]fdState)
	}
	return &t.chunks[i][fd%fdChunk]
}

// list has an op wait for an event, EPOLLIN or EPOLLOUT.
func (p *epollKernel) list(k key, o *op, event uint32) error {
	fd := p.e.ops.fd(o)
	s := p.fds.at(fd)
	idle := s.in == noOp && s.out == noOp
	if idle {
		s.events = 0
	}
	if s.events&event == 0 {
		if err := p.register(fd, s, event, idle); err != nil {
			return err
		}
	}
	head := &s.in
	if event == unix.EPOLLOUT {
		head = &s.out
	}
	for *head != noOp {
		head = &p.e.ops.at(*head).next
	}
	*head, o.next = k.index(), noOp
	o.flags |= opListed
	p.waiting++
	return nil
}

// register asks for an event besides those that were asked for. If it is there already,
// epoll says so: none is missed.
func (p *epollKernel) register(fd int32, s *fdState, event uint32, idle bool) error {
	events := s.events | event | unix.EPOLLET
	if event == unix.EPOLLIN {
		events |= unix.EPOLLRDHUP | unix.EPOLLPRI
	}
	ev := unix.EpollEvent{Events: events, Fd: fd}
	how, other := unix.EPOLL_CTL_MOD, unix.EPOLL_CTL_ADD
	if idle {
		how, other = other, how
	}
	p.e.count.Calls++
	err := unix.EpollCtl(p.epoll, how, int(fd), &ev)
	if err == unix.EEXIST || err == unix.ENOENT {
		err = unix.EpollCtl(p.epoll, other, int(fd), &ev)
	}
	if err == nil {
		s.events = events
	}
	return err
}

func (p *epollKernel) unlist(k key, o *op) {
	s := p.fds.at(p.e.ops.fd(o))
	for _, head := range []*uint32{&s.in, &s.out} {
		for *head != noOp {
			if *head == k.index() {
				*head = o.next
				o.flags &^= opListed
				p.waiting--
				return
			}
			head = &p.e.ops.at(*head).next
		}
	}
}

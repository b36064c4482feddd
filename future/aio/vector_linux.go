package aio

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future"
)

// send sends some of v for the first writer of c.
func (v *vector) send(e *engine, c *Conn) {
	if simulated(c.fd) {
		v.simulate(e, c)
		return
	}
	if v.file != nil {
		v.sendFile(e, c)
		return
	}
	// The kernel takes at most 1,024 buffers.
	n, err := unix.SendmsgBuffers(int(c.fd), v.bufs[:min(len(v.bufs), 1024)], nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	if err == unix.EAGAIN {
		v.wait(e, c)
		return
	}
	c.sent(e, completion{res: result(n, err)})
}

// wait has the driver say when c has room again.
func (v *vector) wait(e *engine, c *Conn) {
	v.polls = true
	c.ops++
	c.send = e.start(opPollOut, c.fd, nil, true, c).index()
}

const (
	// sendStep is after how long the loop is asked again whether to go on.
	sendStep = 50 * time.Millisecond
	// sendWait is how long one sendfile may wait for the peer: the kernel makes it a tick of its
	// clock, 10 ms at most. There is no sendfile that does not wait but for a socket that never
	// does, which io_uring would not wait for either.
	sendWait = time.Microsecond
	// sendChunk is how much one sendfile sends: it waits for each 64 KiB anew.
	sendChunk = 128 << 10
)

// sendFile has a goroutine send some of the file, which may wait for the disk, as long as the peer
// takes it. For a peer that does not, the driver waits. The loop decides how it goes on.
func (v *vector) sendFile(e *engine, c *Conn) {
	if v.full {
		v.full = false
		v.wait(e, c)
		return
	}
	f := v.file
	if !f.enter() {
		c.sent(e, completion{res: -int32(syscall.EBADF)})
		return
	}
	c.ops++
	c.send = elsewhere.index()
	w, fd, left := c.writers, int(c.fd), v.left
	e.abroad.goes()
	go func() {
		n, err := sendSome(fd, int(f.fd), left)
		f.leave()
		e.abroad.back()
		e.loop.Do(func(l *future.Loop) {
			switch {
			case l != nil:
				v.full = err == unix.EAGAIN
				c.completed(e, elsewhere, completion{res: result(n, err)})
			case w.remote() != nil:
				w.advance(max(n, 0))
				w.finish(e, endStopped) // a local one is leaked with its loop
			}
		})
	}()
}

// sendSome sends up to left bytes of a file, until the peer is slow, which is EAGAIN, or has taken
// sendStep.
func sendSome(fd, file int, left int64) (n int, err error) {
	// SO_SNDTIMEO keeps a peer that does not read from keeping this goroutine. It is no
	// matter to io_uring, which waits by polling.
	tv := unix.NsecToTimeval(int64(sendWait))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &tv); err != nil {
		return 0, err
	}
	for end := time.Now().Add(sendStep); n < sendMax; {
		want := int(min(left-int64(n), sendChunk))
		m, err := unix.Sendfile(fd, file, nil, want)
		n += max(m, 0)
		if err != nil || m == 0 || int64(n) == left || time.Now().After(end) {
			return n, err
		}
	}
	return n, nil
}

func result(n int, err error) int32 {
	if errno, ok := err.(syscall.Errno); ok && n <= 0 {
		return -int32(errno)
	}
	return int32(n)
}

// asFile has use use a regular file as a File, until it returns. Its descriptor is not duplicated: to
// close that would take the process's locks from the file.
func asFile(of systemFile, use func(*File)) {
	info, err := of.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	raw, err := of.SyscallConn()
	if err != nil {
		return
	}
	raw.Control(func(fd uintptr) {
		f := &File{os: of, fd: int32(fd), seeks: true}
		defer f.revoke() // from a send that was given up, in a poll where it may not block: it ends within sendStep
		use(f)
	})
}

// revoke waits for those that use the descriptor, and refuses all that come later, whom an order to the
// loop may still bring. It leaves the descriptor open.
func (f *File) revoke() {
	for !f.users.CompareAndSwap(0, 2*closing) {
		time.Sleep(time.Millisecond)
	}
}

// gathered is for systems on which an op sends several buffers.
func gathered(*opIO) net.Buffers { return nil }

// wasRead and wasSent are for systems without sendfile.
func (v *vector) wasRead(r completion) completion { return r }
func (v *vector) wasSent(int)                     {}

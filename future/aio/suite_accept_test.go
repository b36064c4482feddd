package aio_test

import (
	"errors"
	"io"
	"net"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// acceptAndGreet is written as for a [net.Listener]: a poll of it that blocks would be an error.
//
//pinion:async
func acceptAndGreet(l *aio.Listener) error {
	nc, err := l.Accept()
	if err != nil {
		return err
	}
	c := nc.(*aio.Conn) // a net.Conn has no twins
	_, err = c.Write([]byte("hello"))
	c.Close()
	return err
}

// TestAcceptOfANetListenerIsLifted: a compiled function waits in l.Accept() and blocks nobody, on the
// listener's own loop and on another.
func TestAcceptOfANetListenerIsLifted(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		for loop := range 2 {
			l := w.listen(t)
			task := future.Spawn(w.rt.Loop(loop), acceptAndGreetAsync(l))
			ended(future.Spawn(w.rt.Loop(loop), yieldOnce{})) // it waits by now
			nc, err := w.dial(l)
			if err != nil {
				t.Fatal(err)
			}
			if said, err := io.ReadAll(nc); string(said) != "hello" || err != nil {
				t.Errorf("%q, %v", said, err)
			}
			nc.Close()
			if err := ended(task).Result(); err != nil {
				t.Error(err)
			}
			canceled := future.Spawn(w.rt.Loop(loop), acceptAndGreetAsync(l))
			canceled.Cancel()
			if err := ended(canceled).Result(); !errors.Is(err, future.ErrCanceled) {
				t.Error(err)
			}
			closed := future.Spawn(w.rt.Loop(loop), l.AcceptAsync())
			l.Close()
			if c, err := ended(closed).Result(); c != nil || !errors.Is(err, net.ErrClosed) {
				t.Error(c, err)
			}
		}
	})
}

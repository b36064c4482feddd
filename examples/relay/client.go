package main

import (
	"errors"
	"os"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// A client is one connection.
type client struct {
	s    *server
	conn *aio.Conn
	q    queue
	at   int // its place in s.clients

	// Those of serve alone.
	lines lines
	subs  map[string]*subscription
	work  int // messages it has put into queues since it last let others run
}

// serve serves the client until it has had enough. Received bytes are looked at where they are, in a
// buffer that the connection has only while the client sends.
//
//pinion:async
func (c *client) serve() {
	writer := c.startWriter()
	for {
		b, err := c.conn.Next()
		if err != nil {
			break
		}
		rest, then := c.obey(b.Bytes())
		for then != another {
			switch then {
			case yield:
				future.Yield()
			case wait:
				c.conn.SetWriteDeadline(future.Now().Add(c.s.grace)) // for the writer
				err = c.q.room.Wait()
				c.conn.SetWriteDeadline(time.Time{})
			}
			if then == quit || err != nil {
				break
			}
			rest, then = c.obey(rest)
		}
		b.Release()
		if then == quit || err != nil {
			break
		}
	}
	if !c.s.stopping.Load() {
		c.unsubscribeAll()
		c.conn.SetWriteDeadline(future.Now().Add(c.s.grace))
		c.q.end("")
	} // else others may still publish; the server ends the queue when nobody does any more
	c.s.reading.Done()
	if _, err := writer.Wait(); err != nil && !errors.Is(err, future.ErrCanceled) {
		panic(err) // of the writer
	}
	writer.Release()

	// To close now would have the kernel throw away what the client still sends, and what it
	// has not read with it: say that nothing will come, and wait until it has closed too.
	c.conn.CloseWrite()
	var end time.Time // when the server stops, it sees to the end itself, and tells
	if !c.s.stopping.Load() {
		end = future.Now().Add(c.s.grace)
	}
	c.conn.SetReadDeadline(end)
	for {
		b, err := c.conn.Next()
		switch {
		case err == nil:
			b.Release()
			continue
		case errors.Is(err, os.ErrDeadlineExceeded) && (end.IsZero() || future.Now().Before(end)):
			c.conn.SetReadDeadline(end) // it was for the commands, and has come late
			continue
		}
		break
	}
	c.conn.Close()
	c.s.left(c)
}

// startWriter has what is queued be sent by a task of its own, on the loop that serves the client.
func (c *client) startWriter() future.Task[clientWriteFuture] {
	return future.Spawn(c.s.on(), c.writeAsync())
}

// startWriterCx is startWriter within a poll.
func (c *client) startWriterCx(cx *future.Context) future.Task[clientWriteFuture] {
	return future.Spawn(cx, c.writeAsync())
}

// write sends what is queued, until the queue has ended.
//
//pinion:async
func (c *client) write() {
	whole := false
	defer func() {
		if !whole { // then nobody will send any more, and serve is to end
			c.q.kill()
			c.conn.Close()
		}
	}()
	for {
		b, over := c.q.take()
		if over {
			break
		}
		if len(b.bytes) == 0 {
			if c.q.filled.Wait() != nil {
				break
			}
			continue
		}
		if _, err := c.conn.Write(b.bytes); err != nil {
			c.s.counts.lost.Add(int64(len(b.since) + c.q.kill()))
			return
		}
		c.s.sent(b)
	}
	whole = true
}

// stop has no more commands be read soon. Any goroutine.
func (c *client) stop() {
	c.conn.SetReadDeadline(time.Now())
	c.q.room.NotifyOne()
}

func (c *client) unsubscribeAll() {
	for _, s := range c.subs {
		c.s.hub.unsubscribe(s)
	}
	c.subs = nil
}

package main

import (
	"bytes"

	"github.com/pinion-go/pinion/future"
)

const (
	maxTopic  = 128
	maxTopics = 1024

	// maxWork is into how many queues a client puts messages before others are let run.
	maxWork = 1024
)

// then says what serve does after some commands.
type then uint8

const (
	another then = iota // all bytes were used: receive others
	yield               // let others run, and go on
	wait                // until there is room for answers, and go on
	quit
)

// obey carries out the commands in p, until one has to be waited for. It returns what is
// left of p.
func (c *client) obey(p []byte) (rest []byte, next then) { return c.obeyCx(nil, p) }

// obeyCx is obey within a poll.
func (c *client) obeyCx(cx *future.Context, p []byte) (rest []byte, next then) {
	for !c.s.stopping.Load() {
		line, rest, ok, long := c.lines.next(p)
		if long {
			c.s.counts.errors.Add(1)
			c.q.end("ERR line longer than 4096 bytes")
			return nil, quit
		}
		if !ok {
			return nil, another
		}
		answer := c.do(cx, line)
		if answer == answerBye {
			c.q.end(answer)
			return nil, quit
		}
		full := c.q.answer(cx, answer)
		if p = rest; full {
			return p, wait
		}
		if c.work >= maxWork {
			c.work = 0
			return p, yield
		}
	}
	return nil, quit
}

const (
	answerOK   = "OK"
	answerPong = "PONG"
	answerBye  = "BYE"
)

// do carries out one command and returns the answer.
func (c *client) do(cx *future.Context, line []byte) (answer string) {
	command, args, _ := bytes.Cut(line, space)
	switch string(command) {
	case "PUB":
		answer = c.publish(cx, args)
	case "SUB":
		answer = c.subscribe(args)
	case "UNSUB":
		answer = c.unsubscribe(args)
	case "PING":
		answer = alone(args, answerPong)
	case "QUIT":
		answer = alone(args, answerBye)
	default:
		answer = "ERR unknown command: want SUB, UNSUB, PUB, PING or QUIT"
	}
	switch {
	case answer == answerOK && command[0] == 'P':
		c.s.counts.published.Add(1)
	case answer[0] == 'E':
		c.s.counts.errors.Add(1)
	default:
		c.s.counts.others.Add(1)
	}
	return answer
}

var space = []byte{' '}

func alone(args []byte, answer string) string {
	if len(args) > 0 {
		return "ERR nothing may follow this command"
	}
	return answer
}

func (c *client) publish(cx *future.Context, args []byte) string {
	topic, text, _ := bytes.Cut(args, space)
	if e := wrongTopic(topic); e != "" {
		return e
	}
	if len(text) == 0 {
		return "ERR no text"
	}
	n, dropped := c.s.hub.publish(cx, topic, text, c.s.now())
	c.work += n + dropped
	if n > 0 {
		c.s.counts.queued.Add(int64(n))
	}
	if dropped > 0 {
		c.s.counts.dropped.Add(int64(dropped))
	}
	return answerOK
}

func (c *client) subscribe(topic []byte) string {
	if e := wrongTopic(topic); e != "" {
		return e
	}
	if _, ok := c.subs[string(topic)]; ok {
		return "ERR subscribed already"
	}
	if len(c.subs) == maxTopics {
		return "ERR too many topics"
	}
	if c.subs == nil {
		c.subs = make(map[string]*subscription)
	}
	name := string(topic)
	c.subs[name] = c.s.hub.subscribe(c, name)
	return answerOK
}

func (c *client) unsubscribe(topic []byte) string {
	s, ok := c.subs[string(topic)]
	if !ok {
		return "ERR not subscribed"
	}
	delete(c.subs, string(topic))
	c.s.hub.unsubscribe(s)
	return answerOK
}

// wrongTopic says what is wrong with the name of a topic, if anything.
func wrongTopic(topic []byte) string {
	switch {
	case len(topic) == 0:
		return "ERR no topic"
	case len(topic) > maxTopic:
		return "ERR topic longer than 128 bytes"
	}
	for _, b := range topic {
		if b <= ' ' || b == 0x7f {
			return "ERR control character in topic"
		}
	}
	return ""
}

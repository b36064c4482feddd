package main

import (
	"hash/maphash"
	"sync"

	"github.com/pinion-go/pinion/future"
)

// A hub knows who has subscribed to what. Topics are spread over shards, so that loops
// that work on different ones seldom meet. A shard's mutex is held while a message is put
// into the queues of all subscribers: all of them get the messages of a topic in one order.
// It is an ordinary one, since nobody waits while holding it.
type hub struct {
	seed   maphash.Seed
	shards [64]shard
}

type shard struct {
	mu     sync.Mutex // protects the topics and all that is in them; taken before a queue's
	topics map[string]*topic
	_      [64]byte // the next shard's mutex is on another cache line
}

type topic struct {
	name string
	subs []*subscription
}

// A subscription is one client's to one topic.
type subscription struct {
	c  *client
	t  *topic
	at int // its place in t.subs
}

func newHub() *hub {
	h := &hub{seed: maphash.MakeSeed()}
	for i := range h.shards {
		h.shards[i].topics = make(map[string]*topic)
	}
	return h
}

func (h *hub) shard(topic []byte) *shard {
	return &h.shards[maphash.Bytes(h.seed, topic)%uint64(len(h.shards))]
}

// subscribe has c receive the messages of a topic, to which it has no subscription.
func (h *hub) subscribe(c *client, name string) *subscription {
	sh := h.shard([]byte(name))
	sh.mu.Lock()
	defer sh.mu.Unlock()
	t := sh.topics[name]
	if t == nil {
		t = &topic{name: name}
		sh.topics[name] = t
	}
	s := &subscription{c: c, t: t, at: len(t.subs)}
	t.subs = append(t.subs, s)
	return s
}

// unsubscribe ends a subscription, and the topic that has no other.
func (h *hub) unsubscribe(s *subscription) {
	t := s.t
	sh := h.shard([]byte(t.name))
	sh.mu.Lock()
	defer sh.mu.Unlock()
	last := len(t.subs) - 1
	t.subs[s.at] = t.subs[last]
	t.subs[s.at].at = s.at
	t.subs[last] = nil
	t.subs = t.subs[:last]
	if last == 0 {
		delete(sh.topics, t.name)
	}
}

// publish gives a message to all subscribers. It returns for how many it was queued, and
// for how many it was dropped. cx is nil outside of polls.
func (h *hub) publish(cx *future.Context, name, text []byte, at int64) (queuedFor, droppedFor int) {
	sh := h.shard(name)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	t := sh.topics[string(name)]
	if t == nil {
		return 0, 0
	}
	for _, s := range t.subs {
		switch s.c.q.message(cx, t.name, text, at) {
		case queued:
			queuedFor++
		case dropped:
			droppedFor++
		}
	}
	return queuedFor, droppedFor
}

// count returns the number of topics that somebody has subscribed to.
func (h *hub) count() (topics int) {
	for i := range h.shards {
		sh := &h.shards[i]
		sh.mu.Lock()
		topics += len(sh.topics)
		sh.mu.Unlock()
	}
	return topics
}

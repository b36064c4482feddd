package main

import (
	"fmt"
	"strings"
	"testing"
)

func taken(t *testing.T, q *queue) string {
	t.Helper()
	b, _ := q.take()
	if want := strings.Count(string(b.bytes), "MSG "); len(b.since) != want {
		t.Errorf("%d times for %d messages", len(b.since), want)
	}
	return string(b.bytes)
}

func TestQueueSaysWhereMessagesWereDropped(t *testing.T) {
	q := &queue{limit: 40}
	send := func(text string, want fate) {
		t.Helper()
		if got := q.message(nil, "t", []byte(text), 1); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	long := strings.Repeat("x", 20)
	send(long, queued)
	send(long, dropped)
	send(long, dropped)
	send("a", queued) // there is room for a short one
	send(long, dropped)
	q.answer(nil, "OK")
	send(long, dropped)
	if got, want := taken(t, q), "MSG t "+long+"\nDROPPED 2\nMSG t a\nDROPPED 1\nOK\nDROPPED 1\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := taken(t, q); got != "" {
		t.Errorf("then %q", got)
	}
	send("b", queued)
	send(long, queued)
	send(long, dropped)
	q.end("BYE")
	q.end("again")
	send("c", gone)
	if got, want := taken(t, q), "MSG t b\nMSG t "+long+"\nDROPPED 1\nBYE\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, over := q.take(); !over {
		t.Error("an ended queue is not over when all was taken")
	}
}

func TestQueueHoldsUpTheReaderOfTooManyAnswers(t *testing.T) {
	q := &queue{limit: 10}
	n := 0
	for !q.answer(nil, "PONG") {
		n++
	}
	if n != 2 {
		t.Errorf("%d answers found room in 10 bytes", n)
	}
	woken := make(chan error)
	go func() { woken <- q.room.Wait() }()
	if got := taken(t, q); got != "PONG\nPONG\nPONG\n" {
		t.Errorf("got %q", got)
	}
	if err := <-woken; err != nil {
		t.Error(err)
	}
}

func TestKilledQueueCountsWhatItLoses(t *testing.T) {
	q := &queue{limit: 1000}
	for i := range 5 {
		q.message(nil, "t", fmt.Append(nil, i), 1)
	}
	q.answer(nil, "OK")
	if n := q.kill(); n != 5 {
		t.Errorf("%d messages", n)
	}
	if b, over := q.take(); len(b.bytes) > 0 || !over {
		t.Errorf("%q, over %v", b.bytes, over)
	}
}

// A buffer that a burst has made large is kept while bursts go on, and not for ever.
func TestQueueLetsGoOfALargeBuffer(t *testing.T) {
	q := &queue{limit: 1 << 20}
	burst := func(n int) {
		for range n {
			q.message(nil, "t", make([]byte, 1000), 1)
		}
		q.take()
	}
	for range 4 {
		burst(200)
		burst(1)
	}
	if n := testing.AllocsPerRun(10, func() { burst(200) }); n > 200 { // the texts
		t.Errorf("%v allocations in a burst", n-200)
	}
	for range 2 * (keepTimes + 1) {
		burst(1)
	}
	if n := max(cap(q.waiting.bytes), cap(q.sending.bytes)); n > keepBatch {
		t.Errorf("%d bytes are kept", n)
	}
}

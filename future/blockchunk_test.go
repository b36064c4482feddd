package future

import "testing"

// freshBlockLoop returns a loop that serves Block and never has before, nor anyone
// else with its headers.
func freshBlockLoop() *Loop {
	var none loopPool
	for {
		l := none.get()
		if l.own.chunks.Load() == nil {
			return l
		} // else of a loop that has ended: left to the collector
	}
}

func headersOf(o *owner) (n int) {
	if chunks := o.chunks.Load(); chunks != nil {
		for _, c := range *chunks {
			n += len(c)
		}
	}
	return n
}

// TestAGoroutineThatWaitsHasFewHeaders: there was a chunk of 1,024 of them, 32 KiB,
// for each goroutine in a Block, beside a stack of 4.
func TestAGoroutineThatWaitsHasFewHeaders(t *testing.T) {
	l := freshBlockLoop()
	blockLoops.put(l) // the next Block takes it
	polled := false
	f := script{f: func(cx *Context, n int) Poll {
		polled = cx.loop == l
		return Ready
	}}
	if err := Block(&f); err != nil {
		t.Fatal(err)
	}
	if !polled {
		t.Fatal("another loop has served the Block: this tests nothing")
	}
	if n := headersOf(l.own); n > 8 {
		t.Errorf("a Block of one future has made %d headers of 32 bytes, want a few", n)
	}
}

// TestABlockOutgrowsItsFirstHeaders: the slots behind the first chunk are nobody's,
// and the chunks that follow are found.
func TestABlockOutgrowsItsFirstHeaders(t *testing.T) {
	l := freshBlockLoop()
	blockLoops.put(l)
	children := make([]YieldFuture, 3*chunkLen)
	set := All(children...)
	if err := Block(&set); err != nil {
		t.Fatal(err)
	}
	if n := headersOf(l.own); n < len(children) {
		t.Fatalf("%d headers for %d children: this tests nothing", n, len(children))
	}
	for slot := range uint32(4 * chunkLen) {
		h := l.own.header(slot)
		if h == nil {
			if l.header(slot) != &nobody {
				t.Errorf("slot %d, which is nobody's, has a header", slot)
			}
			if (Waker{slot, 1, l.id}).alive() {
				t.Errorf("slot %d, which is nobody's, has a task", slot)
			}
			continue
		}
		if h != l.header(slot) {
			t.Errorf("slot %d has two headers", slot)
		}
	}
}

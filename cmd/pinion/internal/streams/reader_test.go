package streams

import (
	"errors"
	"io"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/pin"
)

func TestWholeRunesCutsOnlyWhatMayGoOn(t *testing.T) {
	for _, text := range []string{"", "ab", "aé", "a€", "abc📌", "a\xff", "\x80\x80\x80\x80\x80", "\xf0\x9f\x93", "\xe2\xe2\x82", "\xc0\xaf", "a\xf8\x88\x80\x80", "\xed\xa0\x80"} {
		for cut := range len(text) + 1 {
			head := text[:cut]
			n := wholeRunes([]byte(head))
			if rest := head[n:]; rest != "" && utf8.FullRuneInString(rest) {
				t.Errorf("%q: %q is held back, which is whole", head, rest)
			}
			// The same characters come out, whatever comes behind.
			for _, next := range []string{"", "a", "\x80", "\x93\x8c", "\x9f\x93\x8c", "\xe2", "\xff"} {
				want := []rune(head + next)
				got := append([]rune(head[:n]), []rune(head[n:]+next)...)
				if !slices.Equal(got, want) {
					t.Errorf("%q and then %q: %q, want %q", head, next, got, want)
				}
			}
		}
	}
}

// newReader returns a reader in pinned memory.
func newReader(t *testing.T) *reader {
	t.Helper()
	p, err := pin.New(func(r *reader) error { return r.init(&stream{}) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Release)
	return p.Get()
}

func TestReaderRefersToItselfAndNoticesWhenItDoesNot(t *testing.T) {
	r := newReader(t)
	if err := r.check(); err != nil {
		t.Fatal(err)
	}
	r.line, r.s.err = newReader(t).line, nil
	if _, ok := errors.AsType[*pin.StaleSelfError](r.check()); !ok {
		t.Errorf("the line of another reader: error %v", r.check())
	}

	r = newReader(t)
	if err := r.check(); err != nil {
		t.Fatal(err)
	}
	r.s.plant.Store(uint32(fault.Moved))
	moved := r.sabotage()
	if _, ok := errors.AsType[*pin.MovedError](moved.check()); !ok {
		t.Errorf("a copy of a reader: error %v", moved.check())
	}
	if err := r.check(); err != nil {
		t.Errorf("the original suffers from being copied: %v", err)
	}
}

func TestAFaultIsCommittedOnce(t *testing.T) {
	s := &stream{}
	s.plant.Store(uint32(fault.Stale))
	if s.commit(fault.Moved) {
		t.Error("another fault than the planted one is committed")
	}
	if !s.commit(fault.Stale) || s.commit(fault.Stale) {
		t.Error("the planted fault is not committed once")
	}
}

// TestRoomIsAlwaysBehindTheLine fills a reader as a feeder does, with every size
// of chunk, and looks at where it wants the next.
func TestRoomIsAlwaysBehindTheLine(t *testing.T) {
	text := texts()[len(texts())-1]
	for chunk := 1; chunk <= bufferSize; chunk += 1 + chunk/8 {
		r := newReader(t)
		rest := text
		for len(rest) > 0 {
			room := r.room()
			if len(room) == 0 {
				t.Fatalf("chunks of %d: no room behind a line of %d bytes", chunk, len(r.line.Get()))
			}
			line := r.line.Get()
			if cap(line) != len(line)+len(room) || &line[:len(line)+1][len(line)] != &room[0] {
				t.Fatalf("chunks of %d: the room is not behind the line", chunk)
			}
			n := copy(room, rest[:min(chunk, len(rest))])
			rest = rest[n:]
			r.extend(n)
			if err := r.check(); err != nil {
				t.Fatalf("chunks of %d: %v", chunk, err)
			}
		}
		r.s.run = &run{}
		r.finish(io.EOF)
		if want := simpleTally(text); r.s.tally != want {
			t.Errorf("chunks of %d: %+v, want %+v", chunk, r.s.tally, want)
		}
	}
}

func TestGrowStackMovesAFreshStack(t *testing.T) {
	moved := make(chan int64)
	go func() { moved <- growStack() }()
	if <-moved != 1 {
		t.Error("the stack of a new goroutine has not moved")
	}
	go func() {
		growStack()
		moved <- growStack()
	}()
	if <-moved != 0 {
		t.Error("a stack that is large enough has moved")
	}
}

package fuzz_test

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// A ledger is told of every Drop, in the order in which they happen. Subjects
// find it by its number, since some of them must not hold Go pointers.
type ledger struct {
	no    uint32
	drops []uint32
	hooks map[uint32]func() // what the Drop of a subject does besides
	errs  []error
}

var (
	ledgers  sync.Map // *ledger by number
	ledgerNo atomic.Uint32
)

func newLedger() *ledger {
	l := &ledger{no: ledgerNo.Add(1), hooks: map[uint32]func(){}}
	ledgers.Store(l.no, l)
	return l
}

func (l *ledger) close() { ledgers.Delete(l.no) }

// dropped is called by the Drop of subject id.
func dropped(no, id uint32, err error) {
	found, ok := ledgers.Load(no)
	if !ok {
		panic(fmt.Sprintf("subject %d of ledger %d was dropped after the end of the run, or its memory is not a subject's", id, no))
	}
	l := found.(*ledger)
	l.drops = append(l.drops, id)
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("at the Drop of subject %d: %w", id, err))
	}
	if hook := l.hooks[id]; hook != nil {
		hook()
	}
}

type payload [8]byte

// A subject is a value that points into itself.
type subject[T any] interface {
	*T
	pin.Dropper
	// build makes the value, which must be zero before, at its final address.
	build(ledger, id uint32)
	// payload is the part that the value points at, by way of that pointer.
	payload() *payload
	// payloadField is the same part by its name.
	payloadField() *payload
	// verify returns what is wrong with the value's idea of itself.
	verify(id uint32) error
}

// linked points into itself by a Go pointer.
type linked struct {
	anchor     pin.Anchor
	self       pin.Self[payload]
	whole      pin.SelfSlice[byte]
	name       string
	ledger, id uint32
	data       payload
}

func (s *linked) build(ledger, id uint32) {
	s.ledger, s.id, s.name = ledger, id, fmt.Sprint(id)
	pin.Bind(s, &s.self, &s.data)
	pin.BindSlice(s, &s.whole, s.data[:])
	s.anchor.Check()
}

func (s *linked) payload() *payload      { return s.self.Get() }
func (s *linked) payloadField() *payload { return &s.data }
func (s *linked) Drop()                  { dropped(s.ledger, s.id, s.verify(s.id)) }

func (s *linked) verify(id uint32) error {
	if s.id != id || s.name != fmt.Sprint(id) {
		return fmt.Errorf("subject %d reads %d, %q", id, s.id, s.name)
	}
	if err := s.anchor.Err(); err != nil {
		return err
	}
	r := unsafeptr.RangeOf(s)
	if err := s.self.Check(r); err != nil {
		return err
	}
	return s.whole.Check(r)
}

// flat points into itself by a distance, and holds no Go pointers. It is large, so
// that a few fill a chunk.
type flat struct {
	anchor     pin.Anchor
	self       unsafeptr.Rel[payload]
	ledger, id uint32
	_          [600]byte
	data       payload
}

func (s *flat) build(ledger, id uint32) {
	s.ledger, s.id = ledger, id
	if err := s.self.SetIn(unsafeptr.RangeOf(s), &s.data); err != nil {
		panic(err)
	}
	s.anchor.Check()
}

func (s *flat) payload() *payload      { return s.self.Get() }
func (s *flat) payloadField() *payload { return &s.data }
func (s *flat) Drop()                  { dropped(s.ledger, s.id, s.verify(s.id)) }

func (s *flat) verify(id uint32) error {
	if s.id != id {
		return fmt.Errorf("subject %d reads %d", id, s.id)
	}
	if !unsafeptr.Contains(unsafeptr.RangeOf(s), s.self.Get()) {
		return fmt.Errorf("the Rel of subject %d leads out of it", id)
	}
	return s.anchor.Err()
}

// composite is a value of parts that are built one after the other.
type composite struct {
	parts [3]part
}

type part struct{ ledger, id uint32 }

func (p *part) Drop() { dropped(p.ledger, p.id, nil) }

func (c *composite) Drop() {
	for i := len(c.parts) - 1; i >= 0; i-- {
		c.parts[i].Drop()
	}
}

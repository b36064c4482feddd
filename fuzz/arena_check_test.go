package fuzz_test

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"

	"github.com/google/go-cmp/cmp"
	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// check compares the arena with the model.
func (m *arenaModel[T, P]) check() error {
	want, got := map[uint32]payload{}, map[uint32]payload{}
	for _, v := range m.live {
		if err := m.checkValue(v); err != nil {
			return err
		}
		if !v.released {
			want[v.id] = v.data
		}
	}
	for range min(4, len(m.stale)) {
		m.turn++
		if err := m.wantStaleCheck(m.stale[m.turn%len(m.stale)].pin); err != nil {
			return err
		}
	}
	if m.arena == nil {
		return nil
	}
	if err := m.arena.Invariants(); err != nil {
		return err
	}
	for p := range m.arena.All() {
		for _, v := range m.live {
			if v.pin == p {
				got[v.id] = *v.ptr.payload()
			}
		}
	}
	if !maps.Equal(want, got) {
		return fmt.Errorf("All differs from the model (-want +got):\n%s", cmp.Diff(want, got))
	}
	s := m.arena.Stats()
	wantStats := pin.Stats{Pinned: len(want), Held: len(m.live) - len(want), Slots: m.arena.Cap()}
	gotStats := pin.Stats{Pinned: s.Pinned, Held: s.Held, Slots: s.Slots, Retired: s.Retired}
	if wantStats != gotStats || m.arena.Len() != len(want) {
		return fmt.Errorf("Len is %d, Stats (-want +got):\n%s", m.arena.Len(), cmp.Diff(wantStats, gotStats))
	}
	return nil
}

func (m *arenaModel[T, P]) checkValue(v *modelled[T, P]) error {
	if err := v.ptr.verify(v.id); err != nil {
		return err
	}
	if got := *v.ptr.payload(); got != v.data || v.ptr.payload() != v.ptr.payloadField() {
		return fmt.Errorf("subject %d reads %v, %v was written", v.id, got, v.data)
	}
	if v.released {
		return m.wantStaleCheck(v.pin)
	}
	p, ok := v.pin.Try()
	if !ok || p != (*T)(v.ptr) || v.pin.Get() != p || v.pin.Addr() != unsafeptr.Addr(p) {
		return fmt.Errorf("subject %d was at %p, and %v gives %p, %t", v.id, v.ptr, v.pin, p, ok)
	}
	if f, ok := v.part.Try(); !ok || f != v.ptr.payloadField() || v.part.Get() != f {
		return fmt.Errorf("the field of subject %d is at %p, and %v gives %p, %t", v.id, v.ptr.payloadField(), v.part, f, ok)
	}
	if m.arena != nil {
		return m.arena.Check(v.pin)
	}
	return nil
}

// wantStale returns an error unless p, whose value is gone, is recognised whatever
// is tried.
func (m *arenaModel[T, P]) wantStale(p pin.Pin[T]) error {
	for name, f := range map[string]func(){
		"Get": func() { p.Get() }, "Release": p.Release, "Hold": p.Hold,
		"Field": func() { pin.Field(p, func(t *T) *T { return t }) },
	} {
		if err := wantPanic[*pin.StaleError](name, f); err != nil {
			return err
		}
	}
	return m.wantStaleCheck(p)
}

// wantStaleCheck is the cheaper part of wantStale.
func (m *arenaModel[T, P]) wantStaleCheck(p pin.Pin[T]) error {
	if v, ok := p.Try(); ok || v != nil {
		return fmt.Errorf("%v is stale, and Try gives %p", p, v)
	}
	if m.arena == nil {
		return nil
	}
	err := m.arena.Check(p)
	if e, ok := errors.AsType[*pin.StaleError](err); !ok || e.Foreign || e.Want == e.Got || e.Addr != p.Addr() {
		return fmt.Errorf("%v is stale, and Check gives %v", p, err)
	}
	return nil
}

// wantForeign returns an error unless the other arena's handles are recognised.
func (m *arenaModel[T, P]) wantForeign(other arenaOps) error {
	o, ok := other.(*arenaModel[T, P])
	if !ok || o == m || m.arena == nil {
		return nil
	}
	for _, v := range o.live {
		err := m.arena.Check(v.pin)
		if e, ok := errors.AsType[*pin.StaleError](err); !ok || !e.Foreign {
			return fmt.Errorf("%v is of another arena, and Check gives %v", v.pin, err)
		}
	}
	return nil
}

// useStale tries an old handle.
func (m *arenaModel[T, P]) useStale(i byte) error {
	if len(m.stale) == 0 {
		return nil
	}
	p := m.stale[int(i)%len(m.stale)].pin
	if err := wantPanic[*pin.StaleError]("Unhold", p.Unhold); err != nil {
		return err
	}
	return m.wantStale(p)
}

// scribble writes to a value that is gone, wants that to be noticed, and undoes it.
func (m *arenaModel[T, P]) scribble(i, with byte) error {
	if !m.o.Debug || m.closed || len(m.stale) == 0 {
		return nil
	}
	at := m.stale[int(i)%len(m.stale)].ptr
	if slices.ContainsFunc(m.live, func(v *modelled[T, P]) bool { return (*T)(v.ptr) == at }) {
		return nil
	}
	var b *byte
	var was byte
	if how, v := catch(func() {
		b = &P(at).payloadField()[int(i)%len(payload{})]
		was = *b
		*b ^= 1 + with
	}); how == panics {
		if fault, ok := v.(runtime.Error); !ok || m.arena.Stats().Guarded == 0 {
			return fmt.Errorf("a write to a value that is gone: %v, %v", v, fault)
		}
		return nil // the electric fence
	}
	defer func() { *b = was }()
	if e, ok := errors.AsType[*pin.PoisonError](m.arena.Invariants()); !ok || e.Found != was^(1+with) {
		return fmt.Errorf("a write to a value that is gone was not noticed: %v", e)
	}
	return nil
}

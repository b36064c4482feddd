package pin

import (
	"errors"
	"strings"
	"testing"
)

func TestInvariantsFindEachContradiction(t *testing.T) {
	type victim struct {
		p *int
		n int
	}
	for name, c := range map[string]struct {
		damage func(a *Arena[victim], live, free *header)
		want   string
	}{
		"count of values":     {func(a *Arena[victim], _, _ *header) { a.core.used++ }, "it counts"},
		"count of held":       {func(a *Arena[victim], _, _ *header) { a.core.held++ }, "it counts"},
		"count of retired":    {func(a *Arena[victim], _, _ *header) { a.core.retired++ }, "it counts"},
		"pinned becomes even": {func(_ *Arena[victim], live, _ *header) { live.gen++ }, "it counts"},
		"free becomes odd":    {func(_ *Arena[victim], _, free *header) { free.gen++ }, "free slot"},
		"free is held":        {func(_ *Arena[victim], _, free *header) { free.holds++ }, "free slot"},
		"foreign header":      {func(_ *Arena[victim], live, _ *header) { live.arena++ }, "names arena"},
		"index":               {func(_ *Arena[victim], live, _ *header) { live.index++ }, "has index"},
		"index of free":       {func(_ *Arena[victim], _, free *header) { free.index = 1 << 20 }, "never used"},
		"circle":              {func(a *Arena[victim], _, free *header) { free.index = a.core.free }, "circle"},
		"lost free slot":      {func(a *Arena[victim], _, _ *header) { a.core.free = noSlot }, "has index"},
		"used beyond":         {func(a *Arena[victim], _, _ *header) { a.core.chunks[0].used = a.core.chunks[0].slots + 1 }, "has used"},
		"overlap":             {func(a *Arena[victim], _, _ *header) { a.core.chunks = append(a.core.chunks, a.core.chunks[0]) }, "chunk 1"},
		"registry":            {func(a *Arena[victim], _, _ *header) { a.core.id++ }, "not registered"},
		"short path": {func(a *Arena[victim], _, _ *header) {
			a.core.last, a.core.fastNew = a.core.chunks[0].header(a.core.free), false
		}, "short path"},
		"write to a free value": {func(a *Arena[victim], _, free *header) {
			_, v := a.core.at(a.core.free)
			typed[victim](v).n = 1
		}, "written to"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := NewArena[victim](Options{Capacity: 8})
			if err != nil {
				t.Fatal(err)
			}
			var pins []Pin[victim]
			for range 5 {
				p, err := a.New(nil)
				if err != nil {
					t.Fatal(err)
				}
				pins = append(pins, p)
			}
			for _, p := range pins[2:] {
				p.Release()
			}
			if err := a.Invariants(); err != nil {
				t.Fatalf("before: %v", err)
			}
			saved := a.core.id
			c.damage(a, headerOf(pins[0].ptr, pins[0].off), a.core.chunks[0].header(a.core.free))
			err = a.Invariants()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			var poison *PoisonError
			if !errors.Is(err, ErrCorrupt) && !errors.As(err, &poison) {
				t.Errorf("%v is not ErrCorrupt", err)
			}
			a.core.id = saved
			a.core.finish() // the arena is beyond repair
		})
	}
}

func TestInvariantsFindADamagedClosedArena(t *testing.T) {
	a, err := NewArena[int](Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := a.New(nil)
	p.Release()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.Invariants(); err != nil {
		t.Fatal(err)
	}
	h := headerOf(p.ptr, p.off)
	h.gen++
	if err := a.Invariants(); !errors.Is(err, ErrCorrupt) {
		t.Errorf("an odd generation: %v", err)
	}
	h.gen++
	a.core.held++
	if err := a.Invariants(); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a count: %v", err)
	}
}

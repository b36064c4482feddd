package frame_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pinion-go/pinion/future/frame"
)

func entries[K comparable, V any](m map[K]V) map[K]V {
	got := make(map[K]V)
	var it frame.MapIter[K, V]
	for it.Init(m); it.Next(); {
		if _, twice := got[it.Key()]; twice {
			panic("produced twice")
		}
		got[it.Key()] = it.Value()
	}
	return got
}

type private struct {
	a int
	b string
}

type named map[string]*int

func TestMapIterProducesEveryEntryOnce(t *testing.T) {
	for n := range 200 {
		m := make(map[int]string)
		for i := range n {
			m[i] = fmt.Sprint(i)
		}
		if got := entries(m); !maps.Equal(got, m) {
			t.Fatalf("%v for %v", got, m)
		}
	}
	if got := entries(map[private]private{{1, "x"}: {2, "y"}}); got[private{1, "x"}] != (private{2, "y"}) {
		t.Error(got)
	}
	if got := entries(map[any]error{1: nil, "x": fmt.Errorf("e"), private{}: nil}); len(got) != 3 || got["x"].Error() != "e" {
		t.Error(got)
	}
	x := new(int)
	if got := entries(named{"x": x}); got["x"] != x {
		t.Error(got)
	}
	if got := entries(map[struct{}]struct{}{{}: {}}); len(got) != 1 {
		t.Error(got)
	}
	if got := entries(map[[40]int][50]int{{1}: {2}}); got[[40]int{1}] != [50]int{2} {
		t.Error(got)
	}
}

func TestMapIterOfNoEntriesEndsAtOnceAndStaysSo(t *testing.T) {
	var it frame.MapIter[int, int]
	for _, m := range []map[int]int{nil, {}, {1: 2}} {
		it.Init(m)
		for range m {
			it.Next()
		}
		for range 3 {
			if it.Next() {
				t.Errorf("%v has another entry", m)
			}
		}
	}
}

func TestMapIterProducesEveryNaN(t *testing.T) {
	m := map[float64]int{math.NaN(): 1, math.NaN(): 2, 0: 3}
	var got []int
	var it frame.MapIter[float64, int]
	for it.Init(m); it.Next(); {
		got = append(got, it.Value())
	}
	slices.Sort(got)
	if !slices.Equal(got, []int{1, 2, 3}) {
		t.Error(got)
	}
}

func TestMapIterValueIsThatOfTheStepThatTookIt(t *testing.T) {
	m := map[int]int{1: 10}
	var it frame.MapIter[int, int]
	it.Init(m)
	it.Next()
	m[1] = 11
	delete(m, 1)
	for i := range 100 {
		m[i+2] = i
	}
	if it.Key() != 1 || it.Value() != 10 {
		t.Errorf("%d: %d", it.Key(), it.Value())
	}
}

// TestMapIterWhileTheMapChanges has entries inserted, deleted and changed between
// steps, and checks each rule of the language against a record of what was there.
func TestMapIterWhileTheMapChanges(t *testing.T) {
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 1))
		m := make(map[int]int)
		for i := range rng.IntN(100) {
			m[i] = i
		}
		stayed := maps.Clone(m) // there from the beginning to the end
		produced := make(map[int]bool)
		next := 1000
		var it frame.MapIter[int, int]
		for it.Init(m); it.Next() && next < 3000; {
			k := it.Key()
			if v, there := m[k]; !there || v != it.Value() || produced[k] {
				t.Fatalf("seed %d: %d: %d was produced; in the map: %t, produced before: %t", seed, k, it.Value(), there, produced[k])
			}
			produced[k] = true
			switch rng.IntN(4) {
			case 0:
				for range rng.IntN(20) {
					m[next] = next
					next++
				}
			case 1:
				for k := range m {
					delete(m, k)
					delete(stayed, k)
					break
				}
			case 2:
				for k := range m {
					m[k]++
					break
				}
			case 3:
				if rng.IntN(20) == 0 {
					clear(m)
					clear(stayed)
				}
			}
		}
		if next >= 3000 {
			continue
		}
		for k := range stayed {
			if !produced[k] {
				t.Fatalf("seed %d: %d was not produced", seed, k)
			}
		}
	}
}

func TestMapIterAllocatesNothing(t *testing.T) {
	m := map[string]int{"a": 1, "b": 2, "c": 3}
	var it frame.MapIter[string, int]
	sum := 0
	if n := testing.AllocsPerRun(100, func() {
		for it.Init(m); it.Next(); {
			sum += it.Value()
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestDecodeRuneIsRange(t *testing.T) {
	type step struct {
		i int
		r rune
	}
	for _, s := range []string{"", "abc", "日本語", "a\xffb", "\xe6\x97", "\xed\xa0\x80x", "\xc0\x80", "é\u0301😀", "\xf0\x9f\x98"} {
		var want, got []step
		for i, r := range s {
			want = append(want, step{i, r})
		}
		for i := 0; i < len(s); {
			r, next := frame.DecodeRune(s, i)
			got = append(got, step{i, r})
			i = next
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(step{})); diff != "" {
			t.Errorf("%q: %s", s, diff)
		}
	}
}

func FuzzDecodeRuneIsRange(f *testing.F) {
	f.Add("a\xff日")
	f.Fuzz(func(t *testing.T, s string) {
		at := 0
		for i, r := range s {
			if i != at {
				t.Fatalf("%q: at %d instead of %d", s, at, i)
			}
			got, next := frame.DecodeRune(s, i)
			if got != r {
				t.Fatalf("%q: %U at %d, want %U", s, got, i, r)
			}
			at = next
		}
		if at != len(s) {
			t.Fatalf("%q: ends at %d", s, at)
		}
	})
}

func ExampleMapIter() {
	var it frame.MapIter[string, int]
	sum := 0
	for it.Init(map[string]int{"a": 1, "b": 2}); it.Next(); {
		sum += it.Value()
	}
	fmt.Println(sum)
	// Output: 3
}

func ExampleDecodeRune() {
	fmt.Println(frame.DecodeRune("日本", 0))
	// Output: 26085 3
}

func BenchmarkMapIter(b *testing.B) {
	m := make(map[int]int)
	for i := range 1000 {
		m[i] = i
	}
	b.Run("MapIter", func(b *testing.B) {
		var it frame.MapIter[int, int]
		b.ReportAllocs()
		for b.Loop() {
			for it.Init(m); it.Next(); {
			}
		}
	})
	b.Run("range", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for range m {
			}
		}
	})
}

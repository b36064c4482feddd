package compiled

import (
	"context"
	"fmt"
	"testing"
	"text/tabwriter"

	"github.com/pinion-go/pinion/future"
)

// run calls a function n times and returns the last result.
func run(tb testing.TB, w Way, n int, waits bool) (result any) {
	tb.Helper()
	l, err := future.NewLoop(future.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	defer func() {
		if err := l.Shutdown(context.Background()); err != nil {
			tb.Error(err)
		}
	}()
	result = "nothing"
	w.Polls(l, n, waits, func(v any) { result = v })
	if b, ok := tb.(*testing.B); ok {
		b.ReportAllocs()
		b.ResetTimer()
		defer b.StopTimer()
	}
	if err := l.RunUntilIdle(); err != nil {
		tb.Fatal(err)
	}
	return result
}

func TestBothFuturesOfAFunctionReturnWhatItReturns(t *testing.T) {
	want := map[string]any{
		"echo":      echo(&conn{left: 640}),
		"retry":     both(retry(&conn{busy: 3}, make([]byte, 16), 5, 0)),
		"duplicate": both(duplicate(&conn{}, &conn{}, &conn{left: 160})),
		"mean":      mean(&source{n: 10}),
		"add":       both(add(&counter{n: 40}, 2, 0)),
		"sumOfTwo":  sumOfTwo(&source{n: 4}, &source{n: 6}),
		"words":     both(words(&source{n: 12})),
		"total":     8 * 9 / 2 * 3,
		"stage":     both(2, nil),
		"barrier":   both(barrier(&source{n: 3}, &source{n: 4}, &source{n: 5})),
		"greet":     both(greet(&conn{left: 30})),
	}
	for _, f := range Functions() {
		for _, waits := range []bool{false, true} {
			for way, w := range map[string]Way{"compiled": f.Compiled, "by hand": f.Hand} {
				t.Run(fmt.Sprintf("%s/%s/waits=%t", f.Name, way, waits), func(t *testing.T) {
					for _, n := range []int{1, 2, 3 * perPoll} {
						if got := run(t, w, n, waits); got != want[f.Name] {
							t.Errorf("after %d calls %v, want %v", n, got, want[f.Name])
						}
					}
				})
			}
		}
	}
}

// The early ends of greet differ from its happy one in what must be kept.
func TestGreetEndsEarlyInTheSameWays(t *testing.T) {
	for _, c := range []conn{{}, {left: 3}, {left: 8}, {left: 9}, {left: 30, busy: 1}} {
		for _, waits := range []bool{false, true} {
			c.waits = waits
			a, b, d := c, c, c
			n, err := greet(&a)
			fut, hand := greetAsync(&b), greetHand{}
			hand.Init(&d)
			if err := future.Block(&fut); err != nil {
				t.Fatal(err)
			}
			if err := future.Block(&hand); err != nil {
				t.Fatal(err)
			}
			if m, e := fut.Result(); m != n || e != err {
				t.Errorf("%+v: compiled: %d, %v; want %d, %v", c, m, e, n, err)
			}
			if m, e := hand.Result(); m != n || e != err {
				t.Errorf("%+v: by hand: %d, %v; want %d, %v", c, m, e, n, err)
			}
		}
	}
}

// sizeMark is how much larger a compiled frame may be than one made by hand.
const sizeMark = 1.1

func TestFramesAreHardlyLargerThanThoseMadeByHand(t *testing.T) {
	var compiled, hand uintptr
	out := tabwriter.NewWriter(t.Output(), 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "function\tcompiled\tby hand\tratio\t")
	row := func(name string, compiled, hand uintptr) {
		fmt.Fprintf(out, "%s\t%d\t%d\t%.2f\t\n", name, compiled, hand, float64(compiled)/float64(hand))
	}
	for _, f := range Functions() {
		row(f.Name, f.Compiled.Size, f.Hand.Size)
		compiled += f.Compiled.Size
		hand += f.Hand.Size
	}
	row("all", compiled, hand)
	out.Flush()
	if float64(compiled) > sizeMark*float64(hand) {
		t.Errorf("all frames together are %.2f times those made by hand, and may be %.2f times", float64(compiled)/float64(hand), sizeMark)
	}
}

func BenchmarkFunctions(b *testing.B) {
	for _, f := range Functions() {
		for _, waits := range []bool{false, true} {
			name := fmt.Sprintf("%s/waits=%t/", f.Name, waits)
			b.Run(name+"compiled", func(b *testing.B) { run(b, f.Compiled, b.N, waits) })
			b.Run(name+"hand", func(b *testing.B) { run(b, f.Hand, b.N, waits) })
		}
	}
}

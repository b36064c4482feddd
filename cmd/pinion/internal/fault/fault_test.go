package fault

import (
	"fmt"
	"sync"
	"testing"
)

func TestEveryNameIsParsedToItsKind(t *testing.T) {
	for k := None; k < kinds; k++ {
		if got, ok := Parse(k.String()); !ok || got != k {
			t.Errorf("Parse(%q) = %v, %v; want %v", k.String(), got, ok, k)
		}
	}
	if k, ok := Parse("weeds"); ok {
		t.Errorf("Parse of an unknown name gives %v", k)
	}
	if n := len(Names()); n != int(kinds)-1 {
		t.Errorf("%d names, want %d", n, kinds-1)
	}
}

func TestLedgerCountsMoreThanItKeeps(t *testing.T) {
	var l Ledger
	var wg sync.WaitGroup
	const each = 50
	for k := Mismatch; k < kinds; k++ {
		wg.Go(func() {
			for i := range each {
				l.Add(k, "here", "number %d", i)
			}
		})
	}
	wg.Wait()
	for k := Mismatch; k < kinds; k++ {
		if n := l.Count(k); n != each {
			t.Errorf("%d of %v, want %d", n, k, each)
		}
	}
	if n := l.Total(); n != each*int(kinds-1) {
		t.Errorf("total %d, want %d", n, each*int(kinds-1))
	}
	list := l.List()
	if len(list) != maxFindings {
		t.Fatalf("%d findings are kept, want %d", len(list), maxFindings)
	}
	list[0].Where = "elsewhere"
	if l.List()[0].Where != "here" {
		t.Error("List hands out the ledger's own memory")
	}
}

func ExampleLedger() {
	var l Ledger
	l.Add(Moved, "a.txt", "found at %#x", 0xc000)
	l.Add(Stale, "b.txt", "points to %#x", 0xc100)
	for _, f := range l.List() {
		fmt.Println(f)
	}
	fmt.Println(l.Count(Moved), l.Count(Leaked), l.Total())
	// Output:
	// moved: a.txt: found at 0xc000
	// stale: b.txt: points to 0xc100
	// 1 0 2
}

func ExampleKind() {
	k, ok := Parse("lost-wake")
	fmt.Println(k, ok, k == LostWake)
	// Output: lost-wake true true
}

func ExampleFinding() {
	fmt.Println(Finding{Kind: "leaked", Where: "a task", Detail: "it was never released"})
	// Output: leaked: a task: it was never released
}

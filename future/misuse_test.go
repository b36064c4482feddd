package future

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// What is nil and must not be is told to whoever passed it, with the rule and a way out, and not
// to the poll that would have used it, as a nil pointer.
func TestNilArgumentsAreNamedWhereTheyArePassed(t *testing.T) {
	l := newTestLoop(t)
	var none context.Context
	body := func(int) SleepFuture { return SleepAsync(0) }
	nothing := FromSeq(func(func(int) bool) {})
	for call, misuse := range map[string]func(){
		"FromContext(nil)":          func() { FromContext(none) },
		"WithContext(nil, f)":       func() { WithContext(none, SleepAsync(0)) },
		"FromFunc(nil)":             func() { FromFunc[int](nil) },
		"FromFuncContext(nil)":      func() { FromFuncContext[int](nil) },
		"FromSeq(nil)":              func() { FromSeq[int](nil) },
		"Next(nil)":                 func() { Next[int](nil) },
		"Collect(nil)":              func() { Collect[int](nil) },
		"ForEach(nil, limit, body)": func() { ForEach(nil, 1, body) },
		"ForEach(s, limit, nil)":    func() { ForEach[int, SleepFuture](nothing, 1, nil) },
		"Block(nil)":                func() { Block(nil) },
		"Loop.Shutdown(nil)":        func() { l.Shutdown(none) },
		"Runtime.Shutdown(nil)":     func() { Default().Shutdown(none) },
		"Tasks(nil)":                func() { l.Tasks(none) },
		"Stats(nil)":                func() { l.Stats(none) },
		"nil Spawner":               func() { Spawn(nil, SleepAsync(0)) },
		"Spawn, SpawnInit or Go":    func() { Go(nil, SleepAsync(0)) },
	} {
		said := panicOf(misuse)
		if _, ok := said.(runtime.Error); ok {
			t.Errorf("%s panicked with %v", call, said)
			continue
		}
		text := fmt.Sprint(said)
		if !strings.HasPrefix(text, "future: ") || !strings.Contains(text, call) || !strings.Contains(text, "; pass ") {
			t.Errorf("%s panicked with %q, which does not say what was called and what to do", call, text)
		}
	}
	// The loop is none the worse for it.
	next := Next(nothing)
	if err := Block(&next); err != nil {
		t.Error(err)
	}
	if _, err := next.Result(); err != io.EOF {
		t.Errorf("Next of an empty stream gives %v", err)
	}
}

func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

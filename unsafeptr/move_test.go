package unsafeptr_test

import (
	"reflect"
	"runtime"
	"slices"
	"testing"
)

// sink makes what is stored in it escape.
var sink any

// growStack makes the calling goroutine's stack grow to at least depth KiB,
// which moves it and all the variables on it.
//
//go:noinline
func growStack(depth int) byte {
	var page [1024]byte
	page[depth%len(page)] = byte(depth)
	if depth > 0 {
		page[0] += growStack(depth - 1)
	}
	return page[0] + page[depth%len(page)]
}

// onFreshStack runs f on a new goroutine, whose stack is small, and waits for
// it, even if it ends by t.FailNow.
func onFreshStack(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// moves are the ways in which Go puts a value at another address.
func moves[T any]() map[string]func(T) *T {
	return map[string]func(T) *T{
		"assignment": func(v T) *T {
			p := new(T)
			*p = v
			return p
		},
		"argument and result": func(v T) *T {
			w := func(v T) T { return v }(v)
			return &w
		},
		"array element": func(v T) *T {
			a := [3]T{1: v}
			return &a[1]
		},
		"append that grows": func(v T) *T {
			s := []T{v}
			first := &s[0]
			for first == &s[0] {
				s = append(s, v)
			}
			return &s[0]
		},
		"copy": func(v T) *T {
			s := make([]T, 2)
			copy(s[1:], []T{v})
			return &s[1]
		},
		"insert that shifts": func(v T) *T {
			s := make([]T, 1, 3)
			s[0] = v
			s = slices.Insert(s, 0, *new(T))
			return &s[1]
		},
		"map growth": func(v T) *T {
			m := map[int]T{0: v}
			for i := 1; i < 64; i++ {
				m[i] = *new(T)
			}
			w := m[0]
			return &w
		},
		"channel": func(v T) *T {
			c := make(chan T, 1)
			c <- v
			w := <-c
			return &w
		},
		"interface": func(v T) *T {
			sink = v
			w := sink.(T)
			return &w
		},
		"closure": func(v T) *T {
			f := func() *T { return &v }
			return f()
		},
		"swap": func(v T) *T {
			s := []T{v, *new(T)}
			s[0], s[1] = s[1], s[0]
			return &s[1]
		},
		"reflection": func(v T) *T {
			p := reflect.New(reflect.TypeFor[T]())
			p.Elem().Set(reflect.ValueOf(v))
			return p.Interface().(*T)
		},
	}
}

// churn makes garbage and collects it, so that memory that nothing keeps alive
// is reused (and, with GODEBUG=clobberfree=1, overwritten).
func churn() {
	for range 3 {
		for i := range 200 {
			sink = make([]byte, 16<<(i%8))
		}
		runtime.GC()
	}
	sink = nil
}

func TestGrowingAStackMovesItsVariables(t *testing.T) {
	// Otherwise the tests that rely on growStack would prove nothing.
	onFreshStack(func() {
		var v [4]int
		before := addrOf(&v)
		growStack(1024)
		if after := addrOf(&v); before == after {
			t.Errorf("variable stayed at %#x while the stack grew by 1 MiB", after)
		}
	})
}

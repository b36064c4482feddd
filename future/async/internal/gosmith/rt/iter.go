package rt

import (
	"iter"
	"strconv"
)

// Count is an iterator over small numbers that says how it ends.
func Count(id, v int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer note("over", id)
		for i := range 1 + id%3 {
			if !yield(v + i) {
				note("stopped", id, i)
				return
			}
		}
	}
}

// Watched is [Count] that sees what the body panics with.
func Watched(id, v int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer func() {
			if r := recover(); r != nil {
				note("watched", id, r)
				if id%4 > 0 { // else the body's panic is lost, which is an error
					panic(r)
				}
			}
		}()
		Count(id, v)(yield)
	}
}

// Pairs is an iterator over small numbers and strings.
func Pairs(id int, s string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i := range Count(id, id) {
			if !yield(i, s+strconv.Itoa(i)) {
				return
			}
		}
	}
}

// Twice is an iterator without values.
func Twice(id int) func(func() bool) {
	return func(yield func() bool) {
		note("twice", id)
		_ = yield() && yield()
	}
}

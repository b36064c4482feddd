package rt

import "strconv"

// Fault is an error.
type Fault int

func (f Fault) Error() string { return "fault " + strconv.Itoa(int(f)) }

// Note returns v and is no suspension point.
//
//go:noinline
func Note[T any](id int, v T) T {
	note("note", id, v)
	return v
}

// Mix is a plain function of what Two returns.
func Mix(a, b int) int {
	note("mix", a, b)
	return a - b*2
}

// Full returns a channel that holds the values and is not closed.
func Full(vs ...int) chan int {
	c := make(chan int, len(vs)+1)
	for _, v := range vs {
		c <- v
	}
	return c
}

// Closed returns a closed channel that holds the values.
func Closed(vs ...int) chan int {
	c := Full(vs...)
	close(c)
	return c
}

// Caught tells what a deferred call has recovered.
func Caught(id int, v any) {
	if v != nil {
		note("caught", id, v)
	}
}

// Early returns v. Since it is a call, it is evaluated in its turn with the other
// calls of an expression, unlike a variable, which is read when they are over.
//
//go:noinline
func Early[T any](v T) T { return v }

// None returns a channel on which no operation is possible.
func None(int) chan int { return nil }

package rt

import "strconv"

// Point returns a small number.
//
//go:noinline
func Point(id int) int {
	note("point", id)
	return value()
}

// PointAsync is [Point] as a future.
func PointAsync(id int) Future[int] { return later(func() int { return Point(id) }) }

// Nop does nothing but leave its trace.
func Nop(id int) { note("nop", id) }

// NopAsync is [Nop] as a future.
func NopAsync(id int) Done {
	return Done{do: func() { Nop(id) }}
}

// Flag returns true or false.
func Flag(id int) bool {
	note("flag", id)
	return value()&1 == 0
}

// FlagAsync is [Flag] as a future.
func FlagAsync(id int) Future[bool] { return later(func() bool { return Flag(id) }) }

// Str returns a short string.
func Str(id int) string {
	note("str", id)
	return "s" + strconv.Itoa(value())
}

// StrAsync is [Str] as a future.
func StrAsync(id int) Future[string] { return later(func() string { return Str(id) }) }

// Echo returns v.
func Echo[T any](id int, v T) T {
	note("echo", id, v)
	return v
}

// EchoAsync is [Echo] as a future.
func EchoAsync[T any](id int, v T) Future[T] { return later(func() T { return Echo(id, v) }) }

// Two returns two small numbers.
func Two(id int) (int, int) {
	note("two", id)
	return value(), id % 5
}

// TwoAsync is [Two] as a future.
func TwoAsync(id int) Both[int, int] { return laterBoth(func() (int, int) { return Two(id) }) }

// Try returns a small number, or an error.
func Try(id int) (int, error) {
	note("try", id)
	if v := value(); v >= 0 {
		return v, nil
	}
	return 0, Fault(id)
}

// TryAsync is [Try] as a future.
func TryAsync(id int) Both[int, error] {
	return laterBoth(func() (int, error) { return Try(id) })
}

// Sum returns the sum of vs.
func Sum(id int, vs ...int) (sum int) {
	note("sum", id, vs)
	for _, v := range vs {
		sum += v
	}
	return sum
}

// SumAsync is [Sum] as a future.
func SumAsync(id int, vs ...int) Future[int] {
	return later(func() int { return Sum(id, vs...) })
}

// Fold takes what [Two] returns.
func Fold(a, b int) int {
	note("fold", a, b)
	return a*3 - b
}

// FoldAsync is [Fold] as a future.
func FoldAsync(a, b int) Future[int] { return later(func() int { return Fold(a, b) }) }

// Maker returns a function, which is not a suspension point.
func Maker(id int) func(int) int {
	note("maker", id)
	return func(v int) int {
		note("made", id, v)
		return v + id%3
	}
}

// MakerAsync is [Maker] as a future.
func MakerAsync(id int) Future[func(int) int] {
	return later(func() func(int) int { return Maker(id) })
}

// Poke changes what p points to, and returns what it was.
func Poke(id int, p *int) int {
	note("poke", id, *p)
	was := *p
	*p += 1 + id%7
	return was
}

// PokeAsync is [Poke] as a future.
func PokeAsync(id int, p *int) Future[int] { return later(func() int { return Poke(id, p) }) }

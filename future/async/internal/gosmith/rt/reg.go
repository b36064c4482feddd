package rt

import "github.com/pinion-go/pinion/future"

// Reg has operations as methods.
type Reg struct{ V int }

// Add adds v to r and returns what r is then.
func (r *Reg) Add(id, v int) int {
	note("add", id, r.V, v)
	r.V += v
	return r.V
}

// AddAsync is [Reg.Add] as a future.
func (r *Reg) AddAsync(id, v int) Future[int] {
	return later(func() int { return r.Add(id, v) })
}

// Get returns what r was when Get was called.
func (r Reg) Get(id int) int {
	note("get", id, r.V)
	return r.V
}

// GetAsync is [Reg.Get] as a future.
func (r Reg) GetAsync(id int) Future[int] { return later(func() int { return r.Get(id) }) }

// Source is an interface that carries both twins.
type Source interface {
	Next(id int) int
	NextAsync(id int) NextFuture
}

// NextFuture is the future of a [Source].
type NextFuture interface {
	future.Future
	Result() int
}

// Counter is a [Source] that counts.
type Counter struct{ n int }

// Next returns how often it was called.
func (c *Counter) Next(id int) int {
	note("next", id, c.n)
	c.n++
	return c.n
}

// NextAsync is [Counter.Next] as a future.
func (c *Counter) NextAsync(id int) NextFuture {
	f := later(func() int { return c.Next(id) })
	return &f
}

// Fixed is a [Source] that always returns itself.
type Fixed int

// Next returns f.
func (f Fixed) Next(id int) int {
	note("fixed", id, int(f))
	return int(f)
}

// NextAsync is [Fixed.Next] as a future.
func (f Fixed) NextAsync(id int) NextFuture {
	l := later(func() int { return f.Next(id) })
	return &l
}

package pin

// New pins one value without an arena, built as by [Arena.New]: header and value are one object on the
// Go heap with a pin of its own. When it is reclaimed it is unpinned and left to the collector.
// Its errors are those of init, and [*RuntimeError].
//
// It costs several allocations and takes locks. For more than a few values use an [Arena].
//
// The value and its handles belong to one goroutine at a time; New may be called from any.
// A value that is never released lives as long as the process.
func New[T any](init func(*T) error) (Pin[T], error) {
	a, err := NewArena[T](Options{Capacity: 1})
	if err != nil {
		return Pin[T]{}, err
	}
	// An arena of one slot, which ends with its value.
	c := &a.core
	c.single = true
	c.stopFast()
	return a.New(init)
}

package future

// PollIterator polls f, in which Iterator returns it meanwhile. It is for generated
// code, see package frame.
func (cx *Context) PollIterator(f Future, it any) Poll {
	was := cx.iterator
	defer func() { cx.iterator = was }()
	cx.iterator = it
	return f.Poll(cx)
}

// Iterator returns what the innermost PollIterator around the poll was given, or nil.
func (cx *Context) Iterator() any { return cx.iterator }

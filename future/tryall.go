package future

// tryFuture is a future whose Result is an error.
type tryFuture[F any] interface {
	Ptr[F]
	Result() error
}

// tryFutureOf is a future whose Result is a T and an error; see [Of].
type tryFutureOf[F, T any] interface {
	Ptr[F]
	Of[T]
}

// TryAll is [All] for futures whose Result is an error: the first that fails
// cancels the others, and is the result of the whole when all are done.
//
// The others' results stand in them, also what they obtained after the failure.
func TryAll[F any, P tryFuture[F]](fs ...F) TryAllFuture[F, P] {
	return TryAllFuture[F, P]{family: family[F, P]{fresh: fs}}
}

// TryAllFuture is the future of [TryAll].
type TryAllFuture[F any, P tryFuture[F]] struct {
	family[F, P]
	err error
}

// Poll implements [Future].
func (f *TryAllFuture[F, P]) Poll(cx *Context) Poll { return f.pollFamily(cx, f, "TryAll") }

func (f *TryAllFuture[F, P]) settled(_ *Context, pos int) {
	if err := P(f.At(pos)).Result(); err != nil && f.err == nil {
		f.err, f.stopped = err, true
	}
}

// Result returns nil if no child failed, else the error of the one that failed
// first.
func (f *TryAllFuture[F, P]) Result() error { return f.err }

// TryAllOf is [TryAll] for futures whose Result is a T and an error. Go cannot infer
// T: it is TryAllOf[int](fs...).
func TryAllOf[T, F any, P tryFutureOf[F, T]](fs ...F) TryAllOfFuture[T, F, P] {
	return TryAllOfFuture[T, F, P]{family: family[F, P]{fresh: fs}}
}

// TryAllOfFuture is the future of [TryAllOf].
type TryAllOfFuture[T, F any, P tryFutureOf[F, T]] struct {
	family[F, P]
	err error
}

// Poll implements [Future].
func (f *TryAllOfFuture[T, F, P]) Poll(cx *Context) Poll { return f.pollFamily(cx, f, "TryAllOf") }

func (f *TryAllOfFuture[T, F, P]) settled(_ *Context, pos int) {
	if _, err := P(f.At(pos)).Result(); err != nil && f.err == nil {
		f.err, f.stopped = err, true
	}
}

// Result returns the children's values in the order in which the children were
// given, in a new slice, and nil; or else the error of the child that failed
// first and no values: those of the children that did not fail are in them.
func (f *TryAllOfFuture[T, F, P]) Result() ([]T, error) {
	if f.err != nil {
		return nil, f.err
	}
	values := make([]T, f.Len())
	for i, kid := range f.Each() {
		values[i], _ = P(kid).Result()
	}
	return values, nil
}

package future

import "context"

// WithContext returns a future that cancels f when ctx is done, and is Ready when f
// is. What f obtained in spite of the cancel is in it. If ctx is done from the
// start, f is polled as cancelled from the start. It panics if ctx is nil.
func WithContext[F any, P Ptr[F]](ctx context.Context, f F) WithContextFuture[F, P] {
	needContext(ctx, "WithContext(nil, f)", "pass context.Background(), or f alone where nothing is to cancel it")
	return WithContextFuture[F, P]{end: FromContext(ctx), f: f}
}

// WithContextFuture is the future of [WithContext].
type WithContextFuture[F any, P Ptr[F]] struct {
	branches
	end FromContextFuture
	f   F
}

// Poll implements [Future].
func (f *WithContextFuture[F, P]) Poll(cx *Context) Poll {
	return f.pollAlarmed(cx, "WithContext", f.kids(), f.rang)
}

func (f *WithContextFuture[F, P]) kids() []Future { return []Future{&f.end, P(&f.f)} }

// F returns the child. It may be used for its result once the whole is Ready.
func (f *WithContextFuture[F, P]) F() *F { return &f.f }

// Result returns nil if the child was Ready before ctx was done, else why ctx is
// done, as [context.Cause] does.
func (f *WithContextFuture[F, P]) Result() error {
	if f.rang() {
		return f.end.Result()
	}
	return nil
}

// rang reports whether ctx was done before the child was Ready. It may also have been
// done just after that.
func (f *WithContextFuture[F, P]) rang() bool { return f.winner == 1 && f.end.ended }

// Drop implements [pin.Dropper]: it drops the child.
func (f *WithContextFuture[F, P]) Drop() { f.drop(f.kids()) }

package future

import "context"

// needContext panics if there is no context for call, which is told so where it was made and
// not where the context would have been used: that is mostly in a poll, on another goroutine.
func needContext(ctx context.Context, call, instead string) {
	if ctx == nil {
		misused(call, "there is no context, whose end it goes by", instead)
	}
}

// misused panics: call broke a rule, for the reason given, and this is the way out.
//
//go:noinline
func misused(call, why, instead string) {
	panic("future: " + call + ": " + why + "; " + instead)
}

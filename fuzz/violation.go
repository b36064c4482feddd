package fuzz

import "fmt"

// A Rule is something that every future, or every pinned value, has to keep.
type Rule string

// The rules that [Future] checks.
const (
	RuleWake       Rule = "a future that is Pending has its waker woken"
	RuleWaker      Rule = "a future wakes the waker of the poll that was last"
	RuleEnd        Rule = "a future ends"
	RuleCancel     Rule = "a future that was cancelled ends"
	RulePanic      Rule = "a future does not panic"
	RuleGoexit     Rule = "a future does not end its goroutine"
	RuleAbort      Rule = "a future that is aborted ends with that poll, and leaves nothing behind"
	RuleReady      Rule = "a future that was Ready is not polled again"
	RuleMoved      Rule = "a future stays where it was polled first"
	RuleDrop       Rule = "a future is dropped once, and not while it is under way"
	RuleResult     Rule = "a result is asked for when the future is Ready"
	RuleRegistered Rule = "nothing points into a future that is Ready: no timer, no wait list"
	RuleReleased   Rule = "nothing writes to a future that was released"
	RuleCheck      Rule = "the test's own Check"
)

// A Violation says which rule was broken, and how the future was being run then.
type Violation struct {
	Rule Rule
	Way  string // how it was run, as in "cancelled by its task at suspension 2"
	Err  error  // what was seen; of a panic, a *PanicError with its stack
}

func (v *Violation) Error() string {
	way := ""
	if v.Way != "" {
		way = " (" + v.Way + ")"
	}
	return fmt.Sprintf("fuzz: broken rule: %s%s: %v", v.Rule, way, v.Err)
}

// Unwrap returns Err.
func (v *Violation) Unwrap() error { return v.Err }

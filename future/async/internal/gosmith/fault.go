package gosmith

// fault is a mistake that a compiler could make. A program with a planted fault
// has the mistake written out in its source; a trace that does not differ from
// the one without has not noticed it.
type fault struct {
	suffix string // of the package
	name   string
}

func (f *fault) is(other *fault) bool { return f == other }

var (
	earlyRead      = &fault{"f1", "variables are read before the calls beside them"}
	noShortCircuit = &fault{"f2", "both operands of && are evaluated"}
	sequential     = &fault{"f3", "the assignments of a statement are done one by one"}
	leftTwice      = &fault{"f4", "the left side of an op-assignment is evaluated twice"}
	lateArguments  = &fault{"f5", "the arguments of a deferred call are evaluated when it runs"}
	sharedVariable = &fault{"f6", "the iterations of a loop share its variable"}
	tagAgain       = &fault{"f7", "the tag of a switch is evaluated for each case"}
	rangeInPlace   = &fault{"f8", "an array that is ranged over is not copied"}
	deferInBlock   = &fault{"f9", "a deferred call runs at the end of its loop's iteration"}
	noFallthrough  = &fault{"f10", "a fallthrough leaves the switch"}
	resultTooEarly = &fault{"f11", "what a deferred call does to a named result is lost"}
	outerBreak     = &fault{"f12", "a labelled break leaves the innermost loop"}
)

var faults = []*fault{
	earlyRead, noShortCircuit, sequential, leftTwice, lateArguments, sharedVariable,
	tagAgain, rangeInPlace, deferInBlock, noFallthrough, resultTooEarly, outerBreak,
}

// Package compiled holds small functions of the kinds that servers are made of, each
// marked //pinion:async and compiled, and beside each a future of the same function
// as an expert would write it: a state, an anchor, the children in place, and
// nothing kept that is not needed later. They are measured beside each other, in
// time and in size.
//
// What they wait for is [conn], [source] and [pause]: ready at once, or pending
// once, with next to no work of its own, so that what remains is the cost of the
// state machine. Both futures of a function can be cancelled, and refuse to be
// moved. Beyond that the compiled ones clear pointers to what is no longer needed,
// notice a poll too many, and know the line at which they wait.
package compiled

//go:generate go run -C ../.. ./future/async/internal/regen -C bench ./compiled

// Package rt is what generated programs call: operations that leave a line in the
// trace and return a value that depends on all operations before them, and the
// fuel that bounds loops and recursion.
//
// Those with a twin ([Point] and [PointAsync], ...) are the suspension points of a
// program that is compiled to futures. The blocking form just does its work. The
// future does the same when it becomes ready, and how often it is pending before
// that is up to the [Schedule].
//
// There is one trace and one tank. A program runs on one goroutine at a time.
package rt

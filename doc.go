// Package pinion is the root of a toolkit that keeps self-referential state
// machines, futures, fixed in memory. It holds no code: see the packages
// [github.com/pinion-go/pinion/pin], [github.com/pinion-go/pinion/future],
// [github.com/pinion-go/pinion/unsafeptr] and [github.com/pinion-go/pinion/fuzz],
// and the README.
package pinion

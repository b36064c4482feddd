package pin

// NoMove marks a struct that must not be copied at any time after its first use:
// go vet's copylocks check reports copies of a struct that has a field of this type, because
// Lock and Unlock make it look like a lock. It has no size; make it the first field,
// since a field of no size at the end of a struct is given padding.
//
//	type ring struct {
//		_    pin.NoMove
//		head *entry // points into this ring
//	}
//
// NoMove costs nothing and does nothing at run time. vet does not see append growth, copy,
// map stores of literals, sends on channels, results of calls and generic bodies. Use
// [Anchor] where a value may be copied while it is fresh, or for a check at run time.
//
// The idea is sync's noCopy, see https://go.dev/issue/8005#issuecomment-190753527.
type NoMove struct{}

// Lock does nothing; it is there for vet.
func (*NoMove) Lock() {}

// Unlock does nothing; it is there for vet.
func (*NoMove) Unlock() {}

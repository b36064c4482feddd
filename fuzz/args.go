package fuzz

// MaxArgs is the number of arguments that an op can take.
const MaxArgs = 4

// Args are the arguments of one op, each from 0 to 127. Those that an op does not
// take, and those that the input has left out, are 0.
type Args [MaxArgs]byte

// Pick returns argument i as a number in [0, n), for choosing one of n things. It
// is 0 if n is less than 1.
func (a Args) Pick(i, n int) int {
	if n < 1 {
		return 0
	}
	return int(a[i]) % n
}

package frame

import "unicode/utf8"

// DecodeRune returns the rune that begins at s[i], as a range over s does, and the
// index of the next one. A byte that is not part of a valid encoding counts as one
// rune, U+FFFD. i must be less than len(s).
func DecodeRune(s string, i int) (r rune, next int) {
	if c := s[i]; c < utf8.RuneSelf {
		return rune(c), i + 1
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	return r, i + n
}

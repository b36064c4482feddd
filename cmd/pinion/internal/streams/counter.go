package streams

import (
	"crypto/sha256"
	"hash"
	"unicode"
	"unicode/utf8"
)

// counter makes the tally of a stream of which it is given one piece after the
// other.
type counter struct {
	hash   hash.Hash
	ahead  []byte // counted and not hashed yet
	tally  Tally
	last   byte // that was counted
	inWord bool // the last character that was counted belongs to a word
}

func newCounter() counter {
	return counter{hash: sha256.New(), ahead: make([]byte, 0, 512), last: '\n'}
}

// digest hashes p, by way of a buffer: what an interface's method is given lies on
// the heap, since it might be kept, and p shall be able to lie in a frame.
func (c *counter) digest(p []byte) {
	for len(p) > 0 {
		n := copy(c.ahead[len(c.ahead):cap(c.ahead)], p)
		c.ahead, p = c.ahead[:len(c.ahead)+n], p[n:]
		if len(c.ahead) == cap(c.ahead) {
			c.hash.Write(c.ahead)
			c.ahead = c.ahead[:0]
		}
	}
}

// count counts p, which does not end within a character unless the stream does.
func (c *counter) count(p []byte) {
	if len(p) == 0 {
		return
	}
	c.digest(p)
	c.tally.Bytes += int64(len(p))
	c.last = p[len(p)-1]
	if c.last == '\n' {
		c.tally.Lines++
	}
	for len(p) > 0 {
		var space bool
		size := 1
		if b := p[0]; b < utf8.RuneSelf {
			space = b == ' ' || '\t' <= b && b <= '\r'
		} else {
			var r rune
			r, size = utf8.DecodeRune(p)
			space = unicode.IsSpace(r)
		}
		if !space && !c.inWord {
			c.tally.Words++
		}
		c.inWord = !space
		p = p[size:]
	}
}

// end counts the last piece and returns the tally.
func (c *counter) end(p []byte) Tally {
	c.count(p)
	if c.last != '\n' {
		c.tally.Lines++
	}
	c.hash.Write(c.ahead)
	copy(c.tally.Sum[:], c.hash.Sum(nil))
	return c.tally
}

// wholeRunes returns the length of p without a character at its end that may go on.
func wholeRunes(p []byte) int {
	for i := len(p) - 1; i >= 0 && i > len(p)-utf8.UTFMax; i-- {
		if utf8.RuneStart(p[i]) {
			if utf8.FullRune(p[i:]) {
				return len(p)
			}
			return i
		}
	}
	return len(p)
}

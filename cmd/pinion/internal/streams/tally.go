package streams

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Tally is what is counted of a stream.
//
// A line ends with a newline, and the last one also at the end. A word is a
// longest sequence of characters that are not white space as unicode.IsSpace has
// it; a byte that is not UTF-8 is a character that is not white space.
type Tally struct {
	Lines, Words, Bytes int64
	Sum                 [sha256.Size]byte // SHA-256
}

// diff says how t differs from what a plain reading counted, or is empty.
func (t Tally) diff(plain Tally) string {
	var d []string
	count := func(what string, got, want int64) {
		if got != want {
			d = append(d, fmt.Sprintf("%s %d, a plain reading counts %d", what, got, want))
		}
	}
	count("bytes", t.Bytes, plain.Bytes)
	count("lines", t.Lines, plain.Lines)
	count("words", t.Words, plain.Words)
	if t.Sum != plain.Sum {
		d = append(d, fmt.Sprintf("SHA-256 %x..., a plain reading has %x...", t.Sum[:4], plain.Sum[:4]))
	}
	return strings.Join(d, "; ")
}

func newPlainBuffer() *bufio.Reader { return bufio.NewReaderSize(nil, 64<<10) }

// readPlain counts r the plain way: with bufio, one character after the other.
// It shares no code with the futures that count the same.
// Its buffer, in, serves for one reading after the other.
func readPlain(in *bufio.Reader, r io.Reader) (t Tally, err error) {
	h := sha256.New()
	in.Reset(io.TeeReader(r, h))
	last, wasSpace := '\n', true
	for {
		c, size, err := in.ReadRune()
		if err == io.EOF {
			break
		}
		if err != nil {
			return t, err
		}
		t.Bytes += int64(size)
		if c == '\n' {
			t.Lines++
		}
		space := unicode.IsSpace(c)
		if wasSpace && !space {
			t.Words++
		}
		last, wasSpace = c, space
	}
	if last != '\n' {
		t.Lines++
	}
	h.Sum(t.Sum[:0])
	return t, nil
}

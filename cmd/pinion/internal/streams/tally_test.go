package streams

import (
	"bytes"
	"crypto/sha256"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// simpleTally counts b with functions of package bytes: a third way, which shares
// nothing with the futures and the plain reading.
func simpleTally(b []byte) Tally {
	t := Tally{
		Lines: int64(bytes.Count(b, []byte("\n"))),
		Words: int64(len(bytes.Fields(b))),
		Bytes: int64(len(b)),
		Sum:   sha256.Sum256(b),
	}
	if len(b) > 0 && b[len(b)-1] != '\n' {
		t.Lines++
	}
	return t
}

func TestTallyOfKnownTexts(t *testing.T) {
	for _, c := range []struct {
		text         string
		lines, words int64
	}{
		{"", 0, 0},
		{"\n", 1, 0},
		{"a", 1, 1},
		{"a\n", 1, 1},
		{"a\n\n b", 3, 2},
		{"  a  b  ", 1, 2},
		{"a\r\nb\vc\fd\te", 2, 5},
		{"a\u00a0b\u2003c\u3000d\u0085e", 1, 5}, // spaces
		{"a\u200bb\ufeffc\u180ed", 1, 1},        // not spaces
		{"\xff \xc3\n\x85\xa0", 2, 3},           // not UTF-8: not spaces
		{"\xe2\x80 \xe2\x80\x83x", 1, 2},        // a space cut short is not one
	} {
		got, err := readPlain(newPlainBuffer(), strings.NewReader(c.text))
		if err != nil || got.Lines != c.lines || got.Words != c.words || got.Bytes != int64(len(c.text)) {
			t.Errorf("%q: %d lines, %d words, %d bytes, error %v; want %d and %d", c.text, got.Lines, got.Words, got.Bytes, err, c.lines, c.words)
		}
		if simple := simpleTally([]byte(c.text)); got != simple {
			t.Errorf("%q: %+v, counted with package bytes %+v", c.text, got, simple)
		}
	}
}

func TestPlainReadingDoesNotDependOnReads(t *testing.T) {
	for _, text := range texts() {
		want := simpleTally(text)
		for name, r := range map[string]io.Reader{
			"whole":         bytes.NewReader(text),
			"byte by byte":  iotest.OneByteReader(bytes.NewReader(text)),
			"halves":        iotest.HalfReader(bytes.NewReader(text)),
			"data with EOF": iotest.DataErrReader(bytes.NewReader(text)),
		} {
			if got, err := readPlain(newPlainBuffer(), r); err != nil || got != want {
				t.Errorf("%s: %+v, error %v; want %+v", name, got, err, want)
			}
		}
	}
}

func TestPlainReadingReportsErrors(t *testing.T) {
	if _, err := readPlain(newPlainBuffer(), iotest.ErrReader(io.ErrClosedPipe)); err != io.ErrClosedPipe {
		t.Errorf("error %v, want %v", err, io.ErrClosedPipe)
	}
}

func TestDiffNamesEachDifference(t *testing.T) {
	a, b := simpleTally([]byte("one two\n")), simpleTally([]byte("one two\n"))
	if d := a.diff(b); d != "" {
		t.Errorf("equal tallies differ: %s", d)
	}
	b.Lines, b.Words, b.Bytes, b.Sum = 7, 8, 9, [32]byte{0xab}
	d := a.diff(b)
	for _, want := range []string{"lines 1, a plain reading counts 7", "words 2, a plain reading counts 8", "bytes 8, a plain reading counts 9", "a plain reading has ab000000..."} {
		if !strings.Contains(d, want) {
			t.Errorf("%q does not say %q", d, want)
		}
	}
}

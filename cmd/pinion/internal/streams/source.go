package streams

import (
	"bytes"
	"io"
	"os"
	"time"
)

// Source is something to be read as a stream.
type Source struct {
	Name string
	Size int64 // in bytes when it was listed; -1 if not known

	// Sequential is set if it can be read once only, from its beginning to its
	// end, and a read may block: standard input, a pipe, a terminal.
	Sequential bool

	open    func() (file, error)
	changed func() bool // since it was listed; nil if it cannot
}

// file is an open source. ReadAt is not called on a sequential one.
type file interface {
	io.Reader
	io.ReaderAt
	io.Closer
}

// fileSource returns the source for the file at path, of which info was listed.
func fileSource(path string, info os.FileInfo) Source {
	s := Source{Name: path, Size: info.Size(), open: func() (file, error) { return os.Open(path) }}
	if !info.Mode().IsRegular() {
		s.Size, s.Sequential = -1, true
		return s
	}
	size, modified := info.Size(), info.ModTime()
	s.changed = func() bool { return changedSince(path, size, modified) }
	return s
}

// unsteady reports whether a source of which a plain reading got n bytes may have
// changed since it was listed. Files in /proc and /sys do so without a sign of it in
// their time, but their size is not that of their contents either.
func (s *Source) unsteady(n int64) bool {
	return s.changed != nil && (n != s.Size || s.changed())
}

func changedSince(path string, size int64, modified time.Time) bool {
	now, err := os.Stat(path)
	return err != nil || now.Size() != size || !now.ModTime().Equal(modified)
}

// ReaderSource returns the sequential source that reads r, once.
func ReaderSource(name string, r io.Reader) Source {
	return Source{Name: name, Size: -1, Sequential: true, open: func() (file, error) { return sequential{r}, nil }}
}

type sequential struct{ io.Reader }

func (sequential) ReadAt([]byte, int64) (int, error) { return 0, os.ErrInvalid }
func (sequential) Close() error                      { return nil }

// BytesSource returns the source with the given contents.
func BytesSource(name string, b []byte) Source {
	return Source{Name: name, Size: int64(len(b)), open: func() (file, error) { return memory{bytes.NewReader(b)}, nil }}
}

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

package main

import "bytes"

// maxLine is how many bytes a line may have before its "\n".
const maxLine = 4096

// lines takes received bytes apart. It keeps nothing but the beginning of a line whose end
// has not come.
type lines struct{ part []byte }

// next returns the first line of p without its end, and what follows it. Without one it
// keeps p, and ok is false; long says that the line is longer than is allowed. The line is
// valid until the next call, and as long as p is.
func (l *lines) next(p []byte) (line, rest []byte, ok, long bool) {
	i := bytes.IndexByte(p, '\n')
	if n := i; n > maxLine-len(l.part) || n < 0 && len(p) > maxLine-len(l.part) {
		return nil, p, false, true
	}
	if i < 0 {
		l.part = append(l.part, p...)
		return nil, nil, false, false
	}
	line, rest = p[:i], p[i+1:]
	if len(l.part) > 0 {
		line = append(l.part, line...)
		l.part = line[:0]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, rest, true, false
}

package streams

import (
	"bytes"
	"io"
)

// readStraight does what a reader does, the other way: it is ordinary Go, from top
// to bottom, which waits where it calls read. Called from a goroutine it blocks
// there. readStraightFuture, which is generated from it, is suspended there, with
// its variables in pinned memory: line is a slice of buf all the time, and the next
// chunk is written into buf behind it.
//
//pinion:async
func readStraight(s *stream) (Tally, error) {
	var buf [bufferSize]byte
	line := buf[:0] // what of buf is not counted yet
	c := newCounter()
	for {
		seen := len(line)
		n, err := s.read(line[seen:cap(line)])
		line = s.tampered(line[:seen+n])
		if !within(buf[:], line) {
			return Tally{}, errStaleLine
		}
		for {
			i := bytes.IndexByte(line[seen:], '\n')
			if i < 0 {
				break
			}
			c.count(line[:seen+i+1])
			line, seen = line[seen+i+1:], 0
		}
		if err == io.EOF {
			return c.end(line), nil
		}
		if err != nil {
			return Tally{}, err
		}
		if len(line) < cap(line) {
			continue
		}
		if len(line) == len(buf) {
			whole := wholeRunes(line)
			c.count(line[:whole])
			line = line[whole:]
		}
		line = buf[:copy(buf[:], line)]
	}
}

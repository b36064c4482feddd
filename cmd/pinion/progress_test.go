package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pinion-go/pinion/cmd/pinion/internal/streams"
)

func TestProgressIsForTerminalsOnly(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var b bytes.Buffer
	for _, w := range []interface{ Write([]byte) (int, error) }{file, &b} {
		p := newProgress(w)
		p.say("something")
		p.clear()
	}
	if info, err := file.Stat(); err != nil || info.Size() > 0 || b.Len() > 0 {
		t.Errorf("progress was written to a file (%v, error %v) or a buffer (%q)", info.Size(), err, b.String())
	}
}

func TestProgressLineIsReplacedAndCleared(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b)
	p.w = &b // as if it were a terminal
	p.say("a long line of text")
	p.streams(streams.Progress{Streams: 1000, Total: 2000, Bytes: 5_500_000})
	p.streams(streams.Progress{Async: true, Streams: 2, Total: 2000, Bytes: 1_000_000})
	p.streams(streams.Progress{Checking: true, Streams: 7, Total: 1000})
	p.clear()
	p.clear()
	lines := strings.Split(b.String(), "\r")
	for i, want := range []string{"", "s  a long line of text", "s  reading: 1,000 of 2,000 streams, 5.5 MB", "s  reading, compiled: 2 of 2,000 streams, 1.0 MB", "s  reading plainly: 7 of 1,000 files", "", ""} {
		if i >= len(lines) || !strings.HasSuffix(strings.TrimRight(lines[i], " "), want) {
			t.Fatalf("line %d of %q, want one that ends with %q", i, lines, want)
		}
	}
	for i := 2; i < len(lines)-1; i++ {
		if before := strings.TrimRight(lines[i-1], " "); len(lines[i]) < len(before) {
			t.Errorf("%q leaves an end of %q", lines[i], before)
		}
	}
	if strings.Contains(b.String(), "\n") {
		t.Errorf("the progress is more than a line: %q", b.String())
	}
}

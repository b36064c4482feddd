package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/pinion-go/pinion/cmd/pinion/internal/streams"
)

// progress is a line on a terminal that says what goes on. Elsewhere it is not
// printed. Any goroutine may use it.
type progress struct {
	mu    sync.Mutex
	w     io.Writer // nil if it is not a terminal
	width int       // of what is shown
	begin time.Time
}

// newProgress returns a progress line on w if that is a terminal.
func newProgress(w io.Writer) *progress {
	p := &progress{begin: time.Now()}
	if isTerminal(w) {
		p.w = w
	}
	return p
}

// isTerminal reports whether w is a character device: a terminal, or the null
// device, which bears it.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// say replaces the line.
func (p *progress) say(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w != nil {
		p.replace(fmt.Sprintf("%5.1f s  %s", time.Since(p.begin).Seconds(), what))
	}
}

// streams replaces the line with the progress of streams.
func (p *progress) streams(s streams.Progress) {
	if s.Checking {
		p.say(fmt.Sprintf("reading plainly: %s of %s files", count(int64(s.Streams)), count(int64(s.Total))))
		return
	}
	how := "reading"
	if s.Async {
		how = "reading, compiled"
	}
	p.say(fmt.Sprintf(how+": %s of %s streams, %.1f MB", count(int64(s.Streams)), count(int64(s.Total)), float64(s.Bytes)/1e6))
}

// clear removes the line.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.width > 0 {
		p.replace("")
		io.WriteString(p.w, "\r")
	}
}

// replace overwrites what is shown, with spaces where the new line is shorter: not
// every terminal knows the sequence that clears a line.
func (p *progress) replace(line string) {
	fmt.Fprintf(p.w, "\r%-*s", p.width, line)
	p.width = len(line)
}

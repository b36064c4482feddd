package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"regexp"
	"strings"
)

// maxKept is how many bytes of each stream of output are kept. The rest counts in
// the stream's sum.
const maxKept = 1 << 16

// An outcome is what can be seen of a run.
type outcome struct {
	Status int    // exit status; -1 for a signal
	Late   bool   // the time limit ended it
	Stdout string // at most maxKept bytes
	Stderr string // the program's own part of it, see ownErrors
	Sum    string // of all of stdout
}

// diff says how got, an outcome of the transformed program, differs from want.
// It returns "" if it does not.
func (want outcome) diff(got outcome) string {
	switch {
	case got.Late != want.Late:
		return "did not end in time"
	case got.Status != want.Status:
		return fmt.Sprintf("exit status %d, want %d; stderr:\n%s", got.Status, want.Status, excerpt(got.Stderr, 12))
	case got.Sum != want.Sum:
		return "stdout " + firstDifference(got.Stdout, want.Stdout)
	case got.Stderr != want.Stderr:
		return "stderr " + firstDifference(got.Stderr, want.Stderr)
	}
	return ""
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		a, b := "nothing", "nothing"
		if i < len(g) {
			a = fmt.Sprintf("%.200q", g[i])
		}
		if i < len(w) {
			b = fmt.Sprintf("%.200q", w[i])
		}
		if a != b {
			return fmt.Sprintf("line %d is %s, want %s", i+1, a, b)
		}
	}
	return "differs after what was kept of it"
}

func excerpt(s string, lines int) string {
	all := strings.SplitAfter(s, "\n")
	return strings.Join(all[:min(lines, len(all))], "")
}

var (
	traceStart = regexp.MustCompile(`(?m)^(goroutine \d+.* \[|runtime stack:|rax +0x)`)
	recovered  = regexp.MustCompile(` \[recovered(, repanicked)?\]`)
	hexNumber  = regexp.MustCompile(`0x[0-9a-f]+`)
)

// ownErrors returns what a program itself has to say on stderr: all but the
// goroutine traces of a crash. In the lines of the panic, addresses are not its
// own doing, and neither is how often the panic was caught and raised again on its
// way out.
func ownErrors(stderr string) string {
	if loc := traceStart.FindStringIndex(stderr); loc != nil {
		stderr = stderr[:loc[0]]
	}
	at := strings.Index("\n"+stderr, "\npanic: ")
	if at < 0 {
		if at = strings.Index("\n"+stderr, "\nfatal error: "); at < 0 {
			return stderr
		}
	}
	head, crash := stderr[:at], stderr[at:]
	crash = recovered.ReplaceAllString(crash, "")
	crash = hexNumber.ReplaceAllString(crash, "0x…")
	return head + strings.TrimRight(crash, "\n") + "\n"
}

// kept is a Writer that keeps the first maxKept bytes and the sum of all.
type kept struct {
	text []byte
	sum  hash.Hash
}

func newKept() *kept { return &kept{sum: sha256.New()} }

func (k *kept) Write(b []byte) (int, error) {
	k.sum.Write(b)
	if room := maxKept - len(k.text); room > 0 {
		k.text = append(k.text, b[:min(room, len(b))]...)
	}
	return len(b), nil
}

func (k *kept) hex() string { return hex.EncodeToString(k.sum.Sum(nil)[:12]) }

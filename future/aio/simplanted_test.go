package aio_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// simPlanted are mistakes in engines, each of one line, that simulations must find.
var simPlanted = []struct {
	name     string
	file     string
	in       string // the change is made after this text
	old, new string
	run      string // the test that is to find it
	want     string // part of what it says
}{
	{"a connection that comes when nobody waits is forgotten",
		"listener.go", "func (l *Listener) completed(", "l.queue = append(l.queue, r.res)", "if l.readers.head != nil {\n\t\t\tl.queue = append(l.queue, r.res)\n\t\t}",
		"TestSimAcceptsThatTimeOut", ""},
	{"a slot is free at the first completion after its cancel",
		"engine.go", "func (e *engine) complete(", "if !c.more {", "if !c.more || o.flags&opCanceled != 0 {",
		"TestSimCanceledReads|TestSimZeroCopy", ""},
	{"keys have no generation",
		"op.go", "func (s *opSlab) find(", "s.at(i).gen != k.gen() ||", "s.at(i).gen&1 == 0 ||",
		"TestSimStaleCancels|TestSimCanceledReads", ""},
	{"a Write without a copy is over before the peer has read",
		"write.go", ") sent(e *engine", "w.hold(e, r)\n", "w.hold(e, r)\n\t\tif c.writers = w.next; true {\n\t\t\tw.held = false\n\t\t\tw.finish(e, endOK)\n\t\t}\n",
		"TestSimZeroCopy", ""},
	{"what a cancelled Write has sent is not counted",
		"write.go", ") sent(e *engine", "w.n += int(r.res)", "if !w.quits {\n\t\t\tw.n += int(r.res)\n\t\t}",
		"TestSimCanceledReadsAndWritesLose", "bytes"},
	{"the rest of a short Write is forgotten",
		"write.go", ") sent(e *engine", "case w.empty():", "case w.empty() || r.res > 0:",
		"TestSimCanceledReadsAndWritesLose|TestSimServers", ""},
	{"bytes that come when nobody reads are dropped",
		"conn.go", ") received(e *engine", "if r.res <= 0 || c.gone {", "if r.res <= 0 || c.gone || c.readers.head == nil {",
		"TestSimCanceledReadsAndWritesLose", "bytes"},
	{"a descriptor is closed under its operations",
		"conn.go", ") settle(e *engine)", "if c.ops == 0 {", "if c.ops >= 0 {",
		"TestSimServers", "operations under way on it"},
	{"a file's cancelled read or write forgets what was done",
		"fileio.go", ") step(e *engine", "} else if r.res > 0 {", "} else if r.res > 0 && !w.quits {",
		"TestSimCanceledReadsAndWritesOfFiles", "bytes"},
	{"a connection starves while a buffer is free",
		"pool.go", "func (e *engine) starve(", "e.count.Buffers >= int64(e.pool.n) && ", "",
		"TestSimSmallPools", ""},
	{"a buffer is given back to nobody who starves",
		"pool.go", "func (e *engine) recycle(", "fed = c.fed(e)", "fed = c != nil",
		"TestSimStarving|TestSimSmallPools", ""},
	{"an engine sleeps while a cancel has found no room",
		"engine.go", ") Wait(", "\t\td = 0\n", "\t\t_ = d\n",
		"TestSimCancelsReach", "it slept"},
}

// TestSimFindsPlantedBugs builds the package with each planted bug and runs the tests that are
// to find it. It is run by
//
//	PINION_PLANTED=1 go test ./future/aio -run TestSimFindsPlantedBugs -v
//
// and takes some seconds for each. PINION_PLANTED may also be a part of a bug's name.
func TestSimFindsPlantedBugs(t *testing.T) {
	wanted := os.Getenv("PINION_PLANTED")
	if wanted == "" {
		return // a build for each is too slow for every day
	}
	for _, bug := range simPlanted {
		if wanted != "1" && !strings.Contains(bug.name, wanted) {
			continue
		}
		t.Run(strings.ReplaceAll(bug.name, " ", "-"), func(t *testing.T) {
			overlay, err := overlayOf(t.TempDir(), bug.file, bug.in, bug.old, bug.new)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("go", "test", "-count=1", "-vet=off", "-failfast", "-timeout=25s", "-overlay", overlay, "-run", "^("+bug.run+")", ".")
			cmd.Env = append(os.Environ(), "PINION_PLANTED=")
			out, err := cmd.CombinedOutput()
			switch {
			case err == nil:
				t.Error("it was not found")
			case strings.Contains(string(out), "[build failed]"):
				t.Errorf("it does not build:\n%s", out)
			case !strings.Contains(string(out), bug.want):
				t.Errorf("something else than %q was found:\n%s", bug.want, out)
			default:
				t.Log(firstSeed(string(out)))
			}
		})
	}
}

// firstSeed returns the line that says how a failure is replayed, or else the first.
func firstSeed(out string) string {
	for line := range strings.Lines(out) {
		if strings.Contains(line, "seed=") || strings.Contains(line, "PINION_SIM_SEED") {
			return strings.TrimSpace(line)
		}
	}
	line, _, _ := strings.Cut(out, "\n")
	return line
}

// overlayOf writes the changed file, and the file that go test -overlay wants.
func overlayOf(dir, file, in, old, replaced string) (string, error) {
	code, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	head, body, ok := strings.Cut(string(code), in)
	before, after, found := strings.Cut(body, old)
	if !ok || !found {
		return "", fmt.Errorf("%s has no %q after %q: the table is out of date", file, old, in)
	}
	changed := filepath.Join(dir, "changed.go")
	if err := os.WriteFile(changed, []byte(head+in+before+replaced+after), 0o666); err != nil {
		return "", err
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {abs: changed}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, list, 0o666)
}

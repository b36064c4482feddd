package aio_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pinion-go/pinion/internal/planted"
)

type mistake planted.Bug

// simPlanted are mistakes in engines, each of one line, that simulations must find.
var simPlanted = []mistake{
	{"a connection that comes when nobody waits is forgotten",
		"listener.go", "func (l *Listener) completed(", "l.queue = append(l.queue, r.res)", "if l.readers.head != nil {\n\t\t\tl.queue = append(l.queue, r.res)\n\t\t}",
		"^(TestSimAcceptsThatTimeOut)", ""},
	{"a slot is free at the first completion after its cancel",
		"engine.go", "func (e *engine) complete(", "if !c.more {", "if !c.more || o.flags&opCanceled != 0 {",
		"^(TestSimCanceledReads|TestSimZeroCopy)", ""},
	{"keys have no generation",
		"op.go", "func (s *opSlab) find(", "s.at(i).gen != k.gen() ||", "s.at(i).gen&1 == 0 ||",
		"^(TestSimStaleCancels|TestSimCanceledReads)", ""},
	{"a Write without a copy is over before the peer has read",
		"write.go", ") sent(e *engine", "w.hold(e, r)\n", "w.hold(e, r)\n\t\tif c.writers = w.next(); true {\n\t\t\tw.flags &^= writerHeld\n\t\t\tw.finish(e, endOK)\n\t\t}\n",
		"^(TestSimZeroCopy)", ""},
	{"what a cancelled Write has sent is not counted",
		"write.go", ") sent(e *engine", "w.advance(int(r.res))", "if w.flags&writerQuits == 0 {\n\t\t\tw.advance(int(r.res))\n\t\t}",
		"^(TestSimCanceledReadsAndWritesLose)", "bytes"},
	{"the rest of a short Write is forgotten",
		"write.go", ") sent(e *engine", "case w.empty():", "case w.empty() || r.res > 0:",
		"^(TestSimCanceledReadsAndWritesLose|TestSimServers)", ""},
	{"bytes that come when nobody reads are dropped",
		"conn.go", ") received(e *engine", "if r.res <= 0 || c.flags&connGone != 0 {", "if r.res <= 0 || c.flags&connGone != 0 || c.readers.head == nil {",
		"^(TestSimCanceledReadsAndWritesLose)", "bytes"},
	{"a descriptor is closed under its operations",
		"conn.go", ") settle(e *engine)", "case c.ops > 0:", "case c.ops < 0:",
		"^(TestSimServers)", "operations under way on it"},
	{"a file's cancelled read or write forgets what was done",
		"fileio.go", ") step(e *engine", "} else if r.res > 0 {", "} else if r.res > 0 && !w.quits {",
		"^(TestSimCanceledReadsAndWritesOfFiles)", "bytes"},
	{"a connection starves while a buffer is free",
		"pool.go", "func (e *engine) feed(", "n > 0 &&", "n > 1 &&",
		"^(TestSimStarving|TestSimSmallPools)", ""},
	{"who is fed first leaves nothing for those who need it",
		"pool.go", "func (e *engine) feed(", "if c.fed(e) {", "if c != nil {",
		"^(TestSimStarving|TestSimSmallPools)", ""},
	{"an engine sleeps while a cancel has found no room",
		"engine.go", ") Wait(", "\t\td = 0\n", "\t\t_ = d\n",
		"^(TestSimCancelsReach)", "it slept"},
}

// TestSimFindsPlantedBugs builds the package with each planted bug and runs the tests that
// are to find it. It is run by
//
//	PINION_PLANTED=1 go test ./future/aio -run TestSimFindsPlantedBugs -v
//
// and takes some seconds for each. PINION_PLANTED may also be a part of a bug's name.
func TestSimFindsPlantedBugs(t *testing.T) {
	planted.Find(t, simBugs(), 25*time.Second, func(t *testing.T, out string) { t.Log(firstSeed(out)) })
}

func TestSimPlantedBugsAreOfTheseDays(t *testing.T) { planted.Check(t, simBugs()) }

func simBugs() (all []planted.Bug) {
	for _, m := range simPlanted {
		all = append(all, planted.Bug(m))
	}
	return all
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

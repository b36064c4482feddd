package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// leaky is a module with a leak by way of an unmarked package, one that is silenced,
// and one through a marked function of a package that is not compiled.
var leaky = map[string]string{
	"srv/srv.go": `package srv

import (
	"time"

	"example.com/m/child"
	"example.com/m/slow"
)

//pinion:async
func Serve() int {
	slow.Down()
	time.Sleep(1) //pinion:blocking to try it
	return child.Count(1) + slow.Count()
}
`,
	"slow/slow.go": `package slow

import (
	"example.com/m/child"
	"example.com/m/deep"
)

func Down() { deep.Down() }

func Count() int { return child.Count(1) }
`,
	"deep/deep.go": "package deep\n\nimport \"time\"\n\nfunc Down() { time.Sleep(1) }\n",
	"child/child.go": `package child

import "github.com/pinion-go/pinion/future"

//pinion:async
func Count(n int) int {
	future.Sleep(1)
	return n
}
`,
}

// leakyText is what is said of leaky.
func leakyText() string {
	file := filepath.Join("srv", "srv.go")
	return file + ":12:2: Serve blocks its loop: Serve calls slow.Down (srv.go:12) calls deep.Down (example.com/m/slow/slow.go:8)" +
		" calls time.Sleep (example.com/m/deep/deep.go:5); use future.Sleep and mark slow.Down and deep.Down //pinion:async," +
		" run slow.Down with future.FromFunc, or say //pinion:blocking REASON\n" +
		file + ":14:26: Serve blocks its loop: Serve calls slow.Count (srv.go:14) calls child.Count (example.com/m/slow/slow.go:10)" +
		" calls future.Sleep (example.com/m/child/child.go:7); mark slow.Count //pinion:async," +
		" run slow.Count with future.FromFunc, or say //pinion:blocking REASON\n"
}

func TestAsyncWarnsOfLeaks(t *testing.T) {
	userModule(t, leaky)
	for _, c := range []struct {
		flag    string
		status  int
		text    string
		written bool
	}{
		{"-leaks=error", exitFault, leakyText(), false},
		{"-leaks=warn", exitOK, leakyText(), true},
		{"-leaks=off", exitOK, "", true},
		{"-check", exitOK, leakyText(), true},
	} {
		status, out, err := pinion(t, "", "async", c.flag, "./srv", "./child")
		if status != c.status || out != "" || err != c.text {
			t.Errorf("%s: status %d, want %d; standard output %q; standard error\n%swant\n%s", c.flag, status, c.status, out, err, c.text)
		}
		if got := exists(filepath.Join("srv", "srv_async.go")); got != c.written {
			t.Errorf("%s: the file was written: %v, want %v", c.flag, got, c.written)
		}
	}
	// The child's colour is known even if it is not compiled.
	if _, _, err := pinion(t, "", "async", "./srv"); err != leakyText() {
		t.Errorf("alone: standard error\n%swant\n%s", err, leakyText())
	}
	status, out, err := pinion(t, "", "async", "-json", "./srv")
	var r asyncReport
	if jsonErr := json.Unmarshal([]byte(out), &r); jsonErr != nil || status != exitOK || err != "" {
		t.Fatalf("-json: status %d, standard error %q, %v\n%s", status, err, jsonErr, out)
	}
	if len(r.Leaks) != 2 || r.Leaks[0].Line != 12 || !strings.HasPrefix(r.Leaks[0].What, "Serve blocks") || len(r.Errors) != 0 {
		t.Errorf("-json: %+v", r)
	}
	status, out, err = pinion(t, "", "async", "-leaks=maybe", "./srv")
	refused(t, status, out, err, `-leaks is "maybe", not error, warn or off`)
}

package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNoPlatformIsReadIntoAFilesName(t *testing.T) {
	for name, want := range map[string]string{
		"a.go":                 "a.go",
		"d/a.go":               "a.go",
		"many_words.go":        "many_words.go",
		"d/nilptr_plan9.go":    "xnilptrplan9.go",
		"a_test.go":            "xatest.go",
		"a_wasm.go":            "xawasm.go",
		"a_windows_riscv64.go": "xawindowsriscv64.go",
	} {
		if got := fileName(name); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
}

func TestTheModuleHasPinionsRequirementsWithoutItsTools(t *testing.T) {
	const mod = `module github.com/pinion-go/pinion

go 1.26.0

require golang.org/x/sys v0.1.0

tool golang.org/x/exp/cmd/apidiff

tool (
	example.com/a
	example.com/b
)
`
	want := `module pinioncorpus

go 1.26.0

require golang.org/x/sys v0.1.0



require github.com/pinion-go/pinion v0.0.0

replace github.com/pinion-go/pinion => "/some where"
`
	if d := cmp.Diff(want, requiring(mod, "/some where")); d != "" {
		t.Error(d)
	}
}

func TestTheGoCommandsWordsAreSortedByProgram(t *testing.T) {
	out := strings.ReplaceAll(`p/load/x.go:3:8: package y is not in std
# MODULE/p/a
p/a/a.go:1:1: undefined: x
p/a/a.go:2:1: undefined: y
# MODULE/p/b
link: no main
`, "MODULE", modulePath)
	want := map[string]string{
		"load": "p/load/x.go:3:8: package y is not in std\n",
		"a":    "p/a/a.go:1:1: undefined: x\np/a/a.go:2:1: undefined: y\n",
		"b":    "link: no main\n",
	}
	if d := cmp.Diff(want, splitBuildOutput([]byte(out))); d != "" {
		t.Error(d)
	}
}

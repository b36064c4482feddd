package async

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ask compiles the shadows of the packages that have questions, and believes what
// gc says of them.
func (o *oracle) ask(jobs []*job) {
	dir, err := os.MkdirTemp("", "pinion-escape-")
	if err != nil {
		o.note("locals are boxed: %v", err)
		return
	}
	defer os.RemoveAll(dir)
	var plain, tests []string
	for _, j := range jobs {
		switch {
		case !j.shadowed || !j.asks():
		case j.forTest != "":
			tests = append(tests, j.forTest)
		default:
			plain = append(plain, j.pkg.Path())
		}
	}
	o.trimmed = o.trim()
	var said []string
	if len(plain) > 0 {
		said = append(said, o.question(dir, plain, "build")...)
	}
	if len(tests) > 0 {
		said = append(said, o.question(dir, tests, "test", "-c", "-vet=off")...)
	}
	o.believe(said)
}

// question returns the lines in which gc analyses packages, by way of a go command.
func (o *oracle) question(dir string, pkgs []string, command ...string) []string {
	var err error
	for _, t := range []*trimmed{o.trimmed, nil} {
		var overlay string
		if overlay, err = o.writeOverlay(dir, t); err != nil {
			o.note("locals are boxed: %v", err)
			return nil
		}
		var said []string
		if said, err = o.run(overlay, pkgs, command...); err == nil {
			return said
		}
	}
	o.note("locals are boxed, since %v", err)
	return nil
}

// writeOverlay writes what stands in for files on disk, in the form that the go
// command wants, and returns the path of the list. What is trimmed is left out.
func (o *oracle) writeOverlay(dir string, t *trimmed) (string, error) {
	contents := maps.Clone(o.overlay)
	n := 0
	for _, d := range slices.Sorted(maps.Keys(o.folders)) {
		for _, s := range o.folders[d].sources {
			if s.stub != nil {
				stub, err := keeping(s.stub, fmt.Sprintf("%sKept%d", shadowPrefix, n), t.without(s))
				if err != nil {
					return "", err
				}
				contents[s.output] = stub
				n++
			}
		}
	}
	for _, sh := range o.shadows {
		contents[sh.path()] = sh.text
		if src := t.source(sh.job.unit, sh.source); src != nil {
			contents[sh.source.path] = src
		}
	}
	var list struct{ Replace map[string]string }
	list.Replace = make(map[string]string)
	for i, path := range slices.Sorted(maps.Keys(contents)) {
		list.Replace[path] = filepath.Join(dir, strconv.Itoa(i)+".go")
		if err := os.WriteFile(list.Replace[path], contents[path], 0o600); err != nil {
			return "", err
		}
	}
	b, err := json.Marshal(list)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, b, 0o600)
}

// askEscape has gc report its analysis, of each function by itself, with every
// assignment in it, to variables that nobody reads too. The code that it makes is not
// used, and need not be good.
const askEscape = "-m -l -N -dwarf=false"

// run has gc analyse packages and returns the lines that it says.
func (o *oracle) run(overlay string, pkgs []string, command ...string) ([]string, error) {
	args := append(command, o.cfg.BuildFlags...)
	args = append(args, "-overlay="+overlay, "-gcflags="+askEscape, "-o", os.DevNull)
	slices.Sort(pkgs)
	cmd := exec.CommandContext(o.cfg.Context, "go", append(args, slices.Compact(pkgs)...)...)
	cmd.Dir = o.cfg.Dir
	cmd.Env = o.cfg.Env
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	if cmd.Dir != "" {
		if abs, err := filepath.Abs(cmd.Dir); err == nil {
			cmd.Env = append(slices.Clone(cmd.Env), "PWD="+abs)
		}
	}
	out, err := cmd.CombinedOutput()
	lines := strings.Split(strings.ReplaceAll(string(out), "\r\n", "\n"), "\n")
	if err != nil {
		return nil, fmt.Errorf("go %s of the shadows failed: %w: %s", command[0], err, complaint(lines))
	}
	return lines, nil
}

// complaint returns the lines that say what went wrong, without the analysis.
func complaint(said []string) string {
	var lines []string
	for _, line := range said {
		if line == "" || strings.HasPrefix(line, "#") || chatter.MatchString(line) {
			continue
		}
		if lines = append(lines, line); len(lines) == 5 {
			break
		}
	}
	return strings.Join(lines, "; ")
}

var chatter = regexp.MustCompile(`(does not escape|escapes to heap|moved to heap: .*|leaking param.*|ignoring self-assignment.*)$`)

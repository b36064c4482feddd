package main

import (
	"errors"
	"fmt"
	"go/build"
	"go/build/constraint"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// program is one of the Go project's test programs, as its header describes it.
type program struct {
	Name    string   // its path below the test folder, with slashes
	Sources []string // files below the test folder; the first is Name
	Flags   []string // for go build
	Env     []string // for building and for running
	Args    []string // for running
}

// pkg is the name of the folder and of the binary of p in a batch.
func (p program) pkg() string {
	return strings.ReplaceAll(strings.TrimSuffix(p.Name, ".go"), "/", "_")
}

// findPrograms returns the programs below dir that are meant to be built and run
// by themselves on this machine, in order of their names. Folders whose names end
// in ".dir" hold parts of other programs.
func findPrograms(dir string) ([]program, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, &noTestsError{dir, err}
	}
	var all []program
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.HasSuffix(path, ".dir") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if p, ok := parseHeader(filepath.ToSlash(name), string(src)); ok && builtHere(string(src), p.Flags) {
			all = append(all, p)
		}
		return nil
	})
	slices.SortFunc(all, func(a, b program) int { return strings.Compare(a.Name, b.Name) })
	return all, err
}

// noTestsError says that the Go installation came without its test folder.
type noTestsError struct {
	dir string
	err error
}

func (e *noTestsError) Error() string {
	return fmt.Sprintf("the Go project's test programs are not in %s (%v): install Go from an archive of go.dev/dl, which has the folder test, or point -tests at that folder of the same release's source", e.dir, e.err)
}

func (e *noTestsError) Unwrap() error { return e.err }

// parseHeader reads the first line of a program, "// run [flags] [files] [args]".
// ok is false for all that are not to be run.
func parseHeader(name, src string) (p program, ok bool) {
	line, _, _ := strings.Cut(src, "\n")
	rest, ok := strings.CutPrefix(line, "// run")
	if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\r' {
		return p, false
	}
	words, err := splitQuoted(rest)
	if err != nil {
		return p, false
	}
	p = program{Name: name, Sources: []string{name}}
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		word := words[0]
		words = words[1:]
		if word != "-goexperiment" && word != "-godebug" && word != "-gcflags" {
			p.Flags = append(p.Flags, word)
			continue
		}
		if len(words) == 0 {
			return p, false
		}
		switch word {
		case "-goexperiment":
			p.Env = append(p.Env, "GOEXPERIMENT="+words[0])
		case "-godebug":
			p.Env = append(p.Env, "GODEBUG="+words[0])
		case "-gcflags":
			p.Flags = append(p.Flags, word+"="+words[0])
		}
		words = words[1:]
	}
	for _, word := range words {
		if strings.HasSuffix(word, ".go") {
			i := strings.LastIndex(name, "/") + 1
			p.Sources = append(p.Sources, name[:i]+word)
		} else {
			p.Args = append(p.Args, word)
		}
	}
	return p, true
}

var errQuote = errors.New("quotation mark without its pair")

// splitQuoted splits s at blanks outside quotation marks, and drops the marks.
func splitQuoted(s string) (words []string, err error) {
	var word strings.Builder
	quote, inWord := rune(0), false
	for _, c := range s + " " {
		switch {
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, inWord = c, true
		case quote == 0 && (c == ' ' || c == '\t' || c == '\r'):
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(c)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, errQuote
	}
	return words, nil
}

// builtHere reports whether the build constraints of src hold here, when it is
// built with flags.
func builtHere(src string, flags []string) bool {
	ctx := build.Default
	unix := !slices.Contains([]string{"windows", "plan9", "js", "wasip1"}, ctx.GOOS)
	for line := range strings.Lines(src) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "package ") {
			break
		}
		if !constraint.IsGoBuild(line) {
			continue
		}
		if expr, err := constraint.Parse(line); err == nil && !expr.Eval(func(tag string) bool {
			return tag == ctx.GOOS || tag == ctx.GOARCH || tag == ctx.Compiler ||
				tag == "unix" && unix ||
				tag == "cgo" && ctx.CgoEnabled ||
				tag == "race" && slices.Contains(flags, "-race") ||
				slices.Contains(flags, "-tags="+tag) ||
				slices.Contains(ctx.ReleaseTags, tag) || slices.Contains(ctx.ToolTags, tag)
		}) {
			return false
		}
	}
	return true
}

package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// A compiler compiles packages, and writes the result beside them unless it rejects
// some of them.
type compiler func(compilation) ([]rejection, error)

// A compilation is of the packages that patterns stand for in the module in dir.
type compilation struct {
	dir        string
	flags, env []string // as for go build
	patterns   []string
}

// A rejection is the compiler's word on something that it does not support.
type rejection struct {
	file string
	text string
}

// compileAll compiles the programs of m, and drops from m those that are rejected.
// It returns why, by pkg. What goes wrong with all of them is looked for program
// by program, so that one of them cannot hide the rest.
func (m *module) compileAll(compile compiler, programs []program) (map[string]string, error) {
	rejected := map[string]string{}
	left := programs
	for len(left) > 0 {
		errs, err := guarded(compile, m.compilation(programs[0], "./p/..."))
		if err != nil {
			return rejected, m.compileEach(compile, left, rejected)
		}
		if len(errs) == 0 {
			return rejected, nil
		}
		for _, e := range errs {
			pkg, ok := m.pkgOf(e.file)
			if !ok { // a line directive can give any name
				return rejected, m.compileEach(compile, left, rejected)
			}
			rejected[pkg] += e.text + "\n"
		}
		if left, err = m.dropRejected(left, rejected); err != nil {
			return nil, err
		}
	}
	return rejected, nil
}

func (m *module) compilation(p program, pattern string) compilation {
	flags := append([]string{"-mod=mod"}, p.Flags...)
	env := append(goEnviron(m.dir), p.Env...)
	return compilation{m.dir, flags, env, []string{pattern}}
}

func (m *module) compileEach(compile compiler, programs []program, rejected map[string]string) error {
	for _, p := range programs {
		delete(rejected, p.pkg())
		errs, err := guarded(compile, m.compilation(p, "./p/"+p.pkg()))
		if err != nil {
			rejected[p.pkg()] = err.Error()
		}
		for _, e := range errs {
			rejected[p.pkg()] += e.text + "\n"
		}
	}
	_, err := m.dropRejected(programs, rejected)
	return err
}

func (m *module) dropRejected(programs []program, rejected map[string]string) (left []program, err error) {
	for _, p := range programs {
		if rejected[p.pkg()] == "" {
			left = append(left, p)
		} else if err := m.drop(p); err != nil {
			return nil, err
		}
	}
	return left, nil
}

// pkgOf returns which program's file it is. ok is false if it is no program's.
func (m *module) pkgOf(file string) (pkg string, ok bool) {
	if rel, err := filepath.Rel(m.dir, file); err == nil {
		file = rel
	}
	parts := strings.Split(filepath.ToSlash(file), "/")
	if len(parts) != 3 || parts[0] != "p" {
		return "", false
	}
	return parts[1], true
}

// guarded makes an error of a compiler's panic.
func guarded(compile compiler, c compilation) (errs []rejection, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the compiler panics: %v", p)
		}
	}()
	return compile(c)
}

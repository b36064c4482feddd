package gosmith

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pinion-go/pinion/future/async"
)

// Compile compiles all programs of the batch to futures. Those that the compiler
// does not support are rejected, with its reasons.
func (b *Batch) Compile() error {
	res, err := async.Compile(async.Config{
		Dir:        b.Dir,
		Env:        append(os.Environ(), slices.Concat(lazily, []string{"GOFLAGS=-mod=mod"})...),
		BuildFlags: []string{anywhere},
	}, "./...")
	if err != nil {
		return err
	}
	for _, e := range res.Errors {
		b.reject(filepath.Base(filepath.Dir(e.Pos.Filename)), e.What+"; "+e.Way)
	}
	for _, o := range res.Outputs {
		if o.Source == nil || b.Rejected[filepath.Base(filepath.Dir(o.Path))] != "" {
			continue
		}
		if err := os.WriteFile(o.Path, o.Source, 0o666); err != nil {
			return err
		}
	}
	b.Compiled = true
	if len(res.Notes) > 0 {
		// Frames with everything boxed are not what is to be judged.
		return errors.New(strings.Join(res.Notes, "\n"))
	}
	return nil
}

// reject leaves a program out, for the first reason that is given.
func (b *Batch) reject(program, why string) {
	if b.Rejected == nil {
		b.Rejected = make(map[string]string)
	}
	if b.Rejected[program] == "" {
		b.Rejected[program] = why
	}
}

// BuildWhatBuilds builds the main package. Programs that gc does not accept, in
// either form, are returned, with what gc says, and left out.
func (b *Batch) BuildWhatBuilds() (broken map[string]string, err error) {
	broken = make(map[string]string)
	for {
		err = b.Build()
		if err == nil {
			return broken, nil
		}
		found := false
		for _, line := range strings.Split(err.Error(), "\n") {
			if m := inProgram.FindStringSubmatch(line); m != nil && b.Rejected[m[1]] == "" {
				broken[m[1]] = line
				b.reject(m[1], "gc: "+line)
				found = true
			}
		}
		if !found {
			return broken, fmt.Errorf("the batch does not build: %w", err)
		}
	}
}

var inProgram = regexp.MustCompile(`^(p\d+(?:f\d+|c\d+)?)/prog(?:_async)?\.go:`)

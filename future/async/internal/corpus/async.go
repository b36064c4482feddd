package main

import (
	"path/filepath"
	"strings"

	"github.com/pinion-go/pinion/future/async"
)

// compileAsync is the compiler that is tried.
func compileAsync(c compilation) ([]rejection, error) {
	r, err := async.Compile(async.Config{Dir: c.dir, BuildFlags: c.flags, Env: c.env}, c.patterns...)
	if err != nil {
		return nil, err
	}
	var rejected []rejection
	for _, e := range r.Errors {
		text := strings.ReplaceAll(e.Error(), c.dir+string(filepath.Separator), "")
		rejected = append(rejected, rejection{e.Pos.Filename, text})
	}
	if rejected != nil {
		return rejected, nil
	}
	return nil, r.Write()
}

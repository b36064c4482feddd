package main

import "github.com/pinion-go/pinion/future/async"

// compileAsync is the compiler that is tried.
func compileAsync(c compilation) ([]rejection, error) {
	r, err := async.Compile(async.Config{Dir: c.dir, BuildFlags: c.flags, Env: c.env}, c.patterns...)
	if err != nil {
		return nil, err
	}
	var rejected []rejection
	for _, e := range r.Errors {
		rejected = append(rejected, rejection{e.Pos.Filename, e.Error()})
	}
	if rejected != nil {
		return rejected, nil
	}
	return nil, r.Write()
}

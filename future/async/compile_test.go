package async

import (
	"testing"
)

// dependents is a module in which each package needs twins of the one below.
const dependents = `
-- low/low.go --
package low

import "io"

//pinion:async
func Serve(r io.Reader, n ...int) (k int, err error) { return 0, nil }

type Recv[K comparable, V any] struct{ m map[K]V }

//pinion:async
func (r *Recv[K, _]) Get(k K) (x struct{ K K }, ok bool) { return }
-- mid/mid.go --
package mid

import "example.com/m/low"

//pinion:async
func Use() int {
	f := low.ServeAsync(nil, 1, 2)
	var g low.ServeFuture = f
	n, _ := g.Result()
	return n
}

var (
	r low.Recv[int, string]
	f low.RecvGetFuture[int, string] = r.GetAsync(3)
)
-- cmd/x/main.go --
package main

import (
	"example.com/m/mid"

	"github.com/pinion-go/pinion/future"
)

type both struct {
	mid.UseFuture
	own handleFuture
}

//pinion:async
func handle() {}

func main() {
	f := mid.UseAsync()
	f.Init()
	future.Block(&f)
	var n int = f.Result()
	_, _ = n, both{own: handleAsync()}
	f.Cancel()
}
`

func TestPackagesThatOnlyLackTwinsOfEachOtherCompile(t *testing.T) {
	t.Parallel()
	dir := module(t, dependents)
	r := stand(t, dir)
	wantOutputs(t, dir, r, "cmd/x/main_async.go", "low/low_async.go", "mid/mid_async.go")
	if got := len(r.OutOfDate()); got != 3 {
		t.Errorf("%d files are out of date, want 3", got)
	}
	if err := r.Write(); err != nil {
		t.Fatal(err)
	}
	builds(t, dir)
	again := stand(t, dir)
	wantOutputs(t, dir, again, "cmd/x/main_async.go", "low/low_async.go", "mid/mid_async.go")
	if got := again.OutOfDate(); got != nil {
		t.Errorf("%q are out of date though they have just been written", got)
	}
}

// The packages that are not asked for need not have their twins either.
func TestDependenciesLackingTwinsDoNotMatter(t *testing.T) {
	t.Parallel()
	dir := module(t, dependents)
	wantOutputs(t, dir, stand(t, dir, "./cmd/x"), "cmd/x/main_async.go")
	wantOutputs(t, dir+"/mid", stand(t, dir+"/mid", "."), "mid_async.go")
}

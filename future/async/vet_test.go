package async

import "testing"

// Operations that are under way are full of locks and atomic integers, which must
// not be copied, and of which a fresh future has not begun to use any. Fields that
// variables share are not assigned to themselves.
const vetted = `
-- p/p.go --
package p

import (
	"sync"
	"sync/atomic"

	"github.com/pinion-go/pinion/future"
)

type Feed struct{}

func (*Feed) Next(b []byte) int { return 0 }

func (*Feed) NextAsync(b []byte) NextFuture { return NextFuture{} }

type NextFuture struct {
	state atomic.Uint32
	mu    sync.Mutex
}

func (f *NextFuture) Poll(cx *future.Context) future.Poll { return future.Ready }

func (f *NextFuture) Result() int { return 0 }

//pinion:async
func Read(f *Feed) int { return f.Next(nil) + 1 }

//pinion:async
func Any[T any](f *Feed, _ T) int { return Read(f) }

type Reader struct{ f *Feed }

//pinion:async
func (r Reader) Read(_ int) int { return Any(r.f, r) }

//pinion:async
func (*Reader) Close() { future.Yield() }

//pinion:async
func Count(n int) int { // the result shares the field of n
	for range n {
		future.Yield()
	}
	return n
}

//pinion:async
func Both(n int, s string) (int, string) {
	future.Yield()
	return n, s + s
}
`

func TestGeneratedCodeIsVetted(t *testing.T) {
	t.Parallel()
	dir := module(t, vetted)
	r, err := Compile(Config{Dir: dir, Env: offline()}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	wantOutputs(t, dir, r, "p/p_async.go")
	if err := r.Write(); err != nil {
		t.Fatal(err)
	}
	builds(t, dir)
}

package streams

import (
	"bufio"
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
)

// outcome is what came of a stream.
type outcome struct {
	read  bool // to the end
	tally Tally
	pump  *pump // of a sequential source: knows the plain tally
}

// check reads plainly, on all cores, every source whose stream was read to its
// end, and compares the two.
func (r *run) check(ctx context.Context, res *Result) {
	ended := make(chan struct{})
	var wg, watcher sync.WaitGroup
	var next, checked atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			in := newPlainBuffer()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(r.done) {
					return
				}
				if r.done[i].read {
					r.compare(in, i, res)
					checked.Add(1)
				}
			}
		})
	}
	watcher.Go(func() { r.watchCheck(ended, &checked) })
	wg.Wait()
	close(ended)
	watcher.Wait()
}

// compare reads source i plainly.
func (r *run) compare(in *bufio.Reader, i int, res *Result) {
	src, o := &r.cfg.Sources[i], &r.done[i]
	plain, err := o.plain(in, src)
	d := ""
	if err == nil {
		if d = o.tally.diff(plain); d != "" && src.unsteady(plain.Bytes) {
			err = ErrChanged
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.fail(src.Name, err)
		return
	}
	if d != "" {
		r.cfg.Faults.Add(fault.Mismatch, src.Name, "%s", d)
	}
	res.Compared++
}

// plain returns the plain tally of the source.
func (o *outcome) plain(in *bufio.Reader, src *Source) (Tally, error) {
	if o.pump != nil {
		return o.pump.tally, o.pump.err // the stream has seen its end
	}
	f, err := src.open()
	if err != nil {
		return Tally{}, err
	}
	t, err := readPlain(in, f)
	if e := f.Close(); err == nil {
		err = e
	}
	return t, err
}

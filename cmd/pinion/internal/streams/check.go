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

// check reads plainly, on all cores, every source of which a stream was read to
// its end, and compares the two, or the three.
func check(ctx context.Context, byHand, byAsync *run, res *Result) error {
	c := &checking{forms: [2]*run{byHand, byAsync}, compared: [2]*int{&res.Compared, &res.Async.Compared}}
	ended := make(chan struct{})
	var wg, watcher sync.WaitGroup
	var next, checked atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			in := newPlainBuffer()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(byHand.done) {
					return
				}
				if byHand.done[i].read || byAsync.done[i].read {
					c.compare(in, i)
					checked.Add(1)
				}
			}
		})
	}
	watcher.Go(func() { byHand.watchCheck(ended, &checked) })
	wg.Wait()
	close(ended)
	watcher.Wait()
	return c.err
}

// checking is a check that is under way.
type checking struct {
	forms [2]*run

	mu       sync.Mutex
	compared [2]*int // streams of each form
	err      error   // the first InputError
}

// compare reads source i plainly.
func (c *checking) compare(in *bufio.Reader, i int) {
	src := &c.forms[0].cfg.Sources[i]
	plain, err := c.forms[0].done[i].plain(in, src)
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, r := range c.forms {
		if !r.done[i].read {
			continue
		}
		d := ""
		if err == nil {
			if d = r.done[i].tally.diff(plain); d != "" && src.unsteady(plain.Bytes) {
				err = ErrChanged
			}
		}
		if err != nil {
			if c.err == nil {
				c.err = &InputError{src.Name, err}
			}
			return
		}
		if d != "" {
			r.cfg.Faults.Add(fault.Mismatch, r.form.label(src), "%s", d)
		}
		*c.compared[k]++
	}
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

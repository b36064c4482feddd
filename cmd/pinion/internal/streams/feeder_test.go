package streams

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/pin"
)

func TestChunksHaveAllSizesUpToTheLimit(t *testing.T) {
	for _, limit := range []int{1, 2, 3, 7, 8, 9, 100} {
		s := &stream{sizes: *rand.NewPCG(1, 2)}
		seen := map[int]bool{}
		for range 20_000 {
			n := s.nextSize(limit)
			if n < 1 || n > limit {
				t.Fatalf("a chunk of %d with a limit of %d", n, limit)
			}
			seen[n] = true
		}
		if len(seen) != limit {
			t.Errorf("%d sizes with a limit of %d", len(seen), limit)
		}
	}
}

func TestSizesFollowFromTheSeed(t *testing.T) {
	a, b := &stream{sizes: *rand.NewPCG(1, 2)}, &stream{sizes: *rand.NewPCG(1, 2)}
	for range 1000 {
		if x, y := a.nextSize(1024), b.nextSize(1024); x != y {
			t.Fatalf("sizes %d and %d from the same seed", x, y)
		}
	}
}

// newTestFeeder returns a feeder that nobody serves.
func newTestFeeder(t *testing.T) *feeder {
	t.Helper()
	f, err := newFeeder(&run{ctx: t.Context(), cfg: Config{Chunk: 1024}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// submitTo queues an op of a future that does not exist.
func submitTo(f *feeder, s *stream, into []byte) *op {
	o := &op{s: s, into: into}
	o.state.Store(opQueued)
	s.feeder = f
	f.push(o)
	return o
}

// step carries out what is queued, once.
func (f *feeder) step() {
	if f.takeAll() {
		for _, o := range f.batch {
			f.deliver(o)
		}
	}
}

func TestFeederDeliversAllOfASourceInOrder(t *testing.T) {
	text := strings.Repeat("0123456789", 3000)
	f := newTestFeeder(t)
	src := BytesSource("text", []byte(text))
	s := &stream{src: &src, sizes: *rand.NewPCG(1, 2)}
	var got strings.Builder
	into := make([]byte, 300)
	for err := error(nil); err != io.EOF; {
		o := submitTo(f, s, into)
		f.step()
		if o.state.Load() != opDone {
			t.Fatal("an op that was queued is not done")
		}
		var n int
		n, err = o.take()
		got.Write(into[:n])
		if err != nil && err != io.EOF {
			t.Fatal(err)
		}
	}
	if got.String() != text {
		t.Errorf("%d bytes were delivered, not the %d of the source", got.Len(), len(text))
	}
	if s.fed.Load() != s.taken.Load() {
		t.Errorf("%d chunks were fed, %d taken", s.fed.Load(), s.taken.Load())
	}
	if err := f.close(); err != nil {
		t.Error(err)
	}
}

func TestABlockThatIsNotGivenBackIsALeak(t *testing.T) {
	f := newTestFeeder(t)
	src := BytesSource("text", []byte("some words"))
	s := &stream{src: &src}
	submitTo(f, s, make([]byte, 2))
	f.step()
	err := f.close()
	if le, ok := errors.AsType[*pin.LeakError](err); !ok || le.Pinned != 1 {
		t.Errorf("close: %v, want one block leaked", err)
	}
	// A stream that has ended early gives its block back by retiring.
	f.retire(s)
	if err := f.close(); err != nil {
		t.Error(err)
	}
}

// TestAFileThatVanishesIsAnInputError, and so is one that changes: neither is a
// fault of the futures.
func TestAFileThatVanishesIsAnInputError(t *testing.T) {
	before := runtime.NumGoroutine()
	path := write(t, "some words")
	src := list(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	var faults fault.Ledger
	_, err := Run(t.Context(), Config{Sources: src, AtOnce: 1, Chunk: 1, Faults: &faults})
	if ie, ok := errors.AsType[*InputError](err); !ok || ie.Name != path || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want that %s does not exist", err, path)
	}
	if strings.Count(err.Error(), path) != 1 {
		t.Errorf("the error names the file more than once: %v", err)
	}
	if faults.Total() > 0 {
		t.Errorf("faults %v", faults.List())
	}
	goroutinesGone(before)
}

func TestAFileThatChangesIsAnInputError(t *testing.T) {
	path := write(t, "some words")
	src := list(t, path)
	readOnce := src[0].open
	opened := 0
	src[0].open = func() (file, error) {
		if opened++; opened == 3 { // the streams were read, now comes the plain reading
			if err := os.WriteFile(path, []byte("other words, and more of them"), 0o666); err != nil {
				t.Error(err)
			}
		}
		return readOnce()
	}
	src[0].Size = 10
	var faults fault.Ledger
	_, err := Run(t.Context(), Config{Sources: src, AtOnce: 1, Chunk: 5, Faults: &faults})
	if !errors.Is(err, ErrChanged) || faults.Total() > 0 {
		t.Errorf("opened %d times, error %v, faults %v", opened, err, faults.List())
	}
}

func TestASourceThatReadsPlainlyAsNoStreamDidIsAMismatchOfEach(t *testing.T) {
	src := BytesSource("text", []byte("some words"))
	other := BytesSource("text", []byte("some  word"))
	open, opened := src.open, 0
	src.open = func() (file, error) {
		if opened++; opened == 3 {
			return other.open()
		}
		return open()
	}
	var faults fault.Ledger
	_, err := Run(t.Context(), Config{Sources: []Source{src}, AtOnce: 1, Chunk: 100, Faults: &faults})
	if err != nil || faults.Count(fault.Mismatch) != 2 || faults.Total() != 2 {
		t.Errorf("opened %d times, error %v, faults %v", opened, err, faults.List())
	}
}

// As those in /proc, which have size 0 and a time that means nothing.
func TestAFileThatIsNotAsLongAsItSaysAndDiffersIsAnInputError(t *testing.T) {
	src := list(t, write(t, ""))
	opened := byte('0')
	src[0].open = func() (file, error) {
		opened++
		return memory{bytes.NewReader([]byte{'v', opened})}, nil
	}
	var faults fault.Ledger
	_, err := Run(t.Context(), Config{Sources: src, AtOnce: 1, Chunk: 5, Faults: &faults})
	if !errors.Is(err, ErrChanged) || faults.Total() > 0 {
		t.Errorf("error %v, faults %v", err, faults.List())
	}
}

func TestAReaderThatBlocksIsGivenUpAtTheEnd(t *testing.T) {
	before := runtime.NumGoroutine()
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var faults fault.Ledger
	fast := sources([][]byte{[]byte("some words")})
	run := newRun(ctx, Config{Sources: append(fast, ReaderSource("slow", r)), AtOnce: 2, Chunk: 1, Faults: &faults}, byHand)
	defer run.cancel()
	ended := make(chan struct{})
	var res Result
	var err error
	go func() {
		res, err = run.all(ctx)
		close(ended)
	}()
	const text = "this much"
	io.WriteString(w, text)
	for run.chunks.Load() < int64(len("some words")+len(text)) {
		runtime.Gosched()
	}
	cancel() // its feeder waits for more, or is about to
	<-ended
	if err != nil || !res.Interrupted || faults.Total() > 0 {
		t.Errorf("interrupted %v, error %v, faults %v", res.Interrupted, err, faults.List())
	}
	w.Close() // only now can the goroutine that reads end
	goroutinesGone(before)
}

func TestSequentialSourcesDoNotWaitForEachOther(t *testing.T) {
	ra, wa := io.Pipe()
	rb, wb := io.Pipe()
	go func() { // b's data first, then a's: either feeder would wait for the other
		io.WriteString(wb, strings.Repeat("b ", 20000))
		wb.Close()
		io.WriteString(wa, strings.Repeat("a\n", 20000))
		wa.Close()
	}()
	res := mustRun(t, Config{Sources: []Source{ReaderSource("a", ra), ReaderSource("b", rb)}, AtOnce: 2, Chunk: 100})
	if res.Tally.Words != 40000 || res.Tally.Lines != 20001 {
		t.Errorf("%d words, %d lines", res.Tally.Words, res.Tally.Lines)
	}
}

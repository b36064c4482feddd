package streams

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
)

// texts are contents that are read wrongly when something is forgotten: around the
// sizes of buffers and blocks, and cut at the worst places.
func texts() [][]byte {
	list := [][]byte{
		nil,
		[]byte("\n"),
		[]byte("no newline"),
		[]byte("\xe2\x82 \xf0\x9f\x93\n\xc3\n\x85\xa0 \xed\xa0\x80 \xf4\x90\x80\x80\xe3\x80"),
	}
	for _, unit := range []string{"x", "wörd ", "📌", "\u3000", "\n", "\xf0\x9f", "\xff", "line\r\n"} {
		for _, size := range []int{bufferSize - 1, bufferSize, bufferSize + 1, 3*bufferSize + 2, blockSize - 1, blockSize, blockSize + 1, 2 * blockSize} {
			whole := strings.Repeat(unit, size/len(unit)+1)
			list = append(list, []byte(whole[:size]))
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{"a", " ", "\n", "é", "\u2003", "📌", "\xf0", "\x9f", "\x85", "long-word-without-a-space", strings.Repeat("z", 700)}
	for range 20 {
		var b []byte
		for range rng.IntN(2000) {
			b = append(b, alphabet[rng.IntN(len(alphabet))]...)
		}
		list = append(list, b)
	}
	return list
}

// sources returns a source for each text.
func sources(texts [][]byte) (list []Source) {
	for i, text := range texts {
		list = append(list, BytesSource("text "+strconv.Itoa(i), text))
	}
	return list
}

// mustRun runs cfg and checks that it was done without an error or a fault, and
// without leaving goroutines behind.
func mustRun(t *testing.T, cfg Config) Result {
	t.Helper()
	before := runtime.NumGoroutine()
	var faults fault.Ledger
	cfg.Faults = &faults
	res, err := Run(t.Context(), cfg)
	if err != nil {
		t.Errorf("error %v", err)
	}
	if faults.Total() > 0 {
		t.Errorf("faults %v", faults.List())
	}
	once := 0 // sources that can be read once
	for i := range cfg.Sources {
		if cfg.Sources[i].Sequential {
			once++
		}
	}
	for name, c := range map[string]struct {
		Reading
		want int
	}{"by hand": {res.Reading, len(cfg.Sources)}, "compiled": {res.Async, len(cfg.Sources) - once}} {
		if c.Streams != c.want || c.Compared != c.want {
			t.Errorf("%s: %d of %d streams were read, %d compared", name, c.Streams, c.want, c.Compared)
		}
	}
	if once == 0 && (res.Async.Tally != res.Tally || res.Async.Chunks != res.Chunks) {
		t.Errorf("the forms have read %+v in %d chunks and %+v in %d", res.Tally, res.Chunks, res.Async.Tally, res.Async.Chunks)
	}
	goroutinesGone(before)
	return res
}

// goroutinesGone waits until there are no more than before. It is for the end of a
// test to hang, with a dump of all goroutines, if some stay.
func goroutinesGone(before int) {
	for runtime.NumGoroutine() > before {
		runtime.Gosched()
	}
}

// write writes a file and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// list is List for arguments that are right.
func list(t *testing.T, args ...string) []Source {
	t.Helper()
	l, err := List(t.Context(), args, bytes.NewReader(nil))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

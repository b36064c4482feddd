package streams

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestThousandsOfStreamsTakeFewDescriptors reads with a limit that thousands of
// open files would exceed.
func TestThousandsOfStreamsTakeFewDescriptors(t *testing.T) {
	dir := t.TempDir()
	const n = 2000
	for i := range n {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte("some words\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	defer syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 64, Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	res := mustRun(t, Config{Sources: list(t, dir), AtOnce: n, Chunk: 4})
	if res.AtOnce != n || res.Tally.Words != 2*n {
		t.Errorf("%d streams at once, %d words; want %d and %d", res.AtOnce, res.Tally.Words, n, 2*n)
	}
}

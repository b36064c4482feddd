package streams

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestListFindsRegularFilesInOrder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b", "a", "sub/deep/d", "sub/c", "-"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		os.MkdirAll(filepath.Dir(path), 0o777)
		if err := os.WriteFile(path, []byte(name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("a", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	l, err := List(t.Context(), []string{filepath.Join(dir, "b"), "-", dir, filepath.Join(dir, "link")}, strings.NewReader("in"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range l {
		name, _ := strings.CutPrefix(s.Name, dir+string(filepath.Separator))
		got = append(got, fmt.Sprintf("%s %d %v", filepath.ToSlash(name), s.Size, s.Sequential))
	}
	want := "[b 1 false standard input -1 true - 1 false a 1 false b 1 false sub/c 5 false sub/deep/d 10 false link 1 false]"
	if fmt.Sprint(got) != want {
		t.Errorf("List = %v\nwant   %v", got, want)
	}
}

func TestListNamesWhatItCannotRead(t *testing.T) {
	dir := t.TempDir()
	for _, arg := range []string{filepath.Join(dir, "missing"), dir} {
		_, err := List(t.Context(), []string{arg}, nil)
		if ie, ok := errors.AsType[*InputError](err); !ok || ie.Name != arg || strings.Count(err.Error(), arg) != 1 {
			t.Errorf("List of %s: %v", arg, err)
		}
	}
	if _, err := List(t.Context(), []string{filepath.Join(dir, "missing")}, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want one that is fs.ErrNotExist", err)
	}
}

func TestListEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := filepath.Dir(write(t, "text"))
	if l, err := List(ctx, []string{dir}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("List = %v, error %v, want context.Canceled", l, err)
	}
}

func TestStandardLibraryNeedsAToolchain(t *testing.T) {
	dir, ok := StandardLibrary(t.Context())
	if !ok || filepath.Base(dir) != "src" {
		t.Errorf("StandardLibrary = %q, %v", dir, ok)
	}
	t.Setenv("PATH", t.TempDir())
	if dir, ok := StandardLibrary(t.Context()); ok {
		t.Errorf("StandardLibrary without a toolchain = %q", dir)
	}
}

func TestSampleIsWhatItShouldBe(t *testing.T) {
	tallies := map[string]Tally{}
	for _, s := range Sample() {
		f, err := s.open()
		if err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(filepath.Base(s.Name), "#")
		if tallies[name], err = readPlain(newPlainBuffer(), f); err != nil {
			t.Fatal(err)
		}
	}
	// These change when a tool converts the line ends of the sample.
	for name, want := range map[string]Tally{
		"empty.txt":      {Lines: 0, Words: 0, Bytes: 0},
		"no-newline.txt": {Lines: 2, Words: 15, Bytes: 67},
		"crlf.txt":       {Lines: 5, Words: 6, Bytes: 35},
		"cut-runes.bin":  {Lines: 3, Words: 8, Bytes: 29},
	} {
		got := tallies[name]
		got.Sum = want.Sum
		if got != want {
			t.Errorf("%s: %d lines, %d words, %d bytes; want %d, %d, %d", name, got.Lines, got.Words, got.Bytes, want.Lines, want.Words, want.Bytes)
		}
	}
}

func ExampleInputError() {
	_, err := List(context.Background(), []string{"no/such/file"}, nil)
	_, ok := errors.AsType[*InputError](err)
	fmt.Println(ok, errors.Is(err, fs.ErrNotExist))
	fmt.Println(&InputError{Name: "standard input", Err: errors.New("the cable is cut")})
	// Output:
	// true true
	// standard input: the cable is cut
}

func ExampleSource() {
	for _, s := range []Source{BytesSource("memory", []byte("abc")), ReaderSource("pipe", strings.NewReader("abc"))} {
		fmt.Println(s.Name, s.Size, s.Sequential)
	}
	// Output:
	// memory 3 false
	// pipe -1 true
}

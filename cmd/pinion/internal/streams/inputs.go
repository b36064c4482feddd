package streams

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// List returns a source for each argument that is a file, for each regular file
// in and below an argument that is a directory, in lexical order, and for stdin
// where an argument is "-". Every file is opened once, to be sure that it can be.
// When ctx ends, so does List, with its error.
//
// Symbolic links are followed where they are arguments, and left out below
// directories, as are devices, pipes and sockets.
func List(ctx context.Context, args []string, stdin io.Reader) ([]Source, error) {
	var list []Source
	for _, arg := range args {
		if arg == "-" {
			list = append(list, ReaderSource("standard input", stdin))
			continue
		}
		info, err := os.Stat(arg)
		if err != nil {
			return nil, &InputError{arg, err}
		}
		if info.IsDir() {
			list, err = appendDir(ctx, list, arg)
		} else {
			list, err = appendFile(list, arg, info)
		}
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

func appendDir(ctx context.Context, list []Source, dir string) ([]Source, error) {
	before := len(list)
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err != nil {
			return &InputError{path, err}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !d.Type().IsRegular() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return &InputError{path, err}
		}
		list, err = appendFile(list, path, info)
		return err
	})
	if err == nil && len(list) == before {
		err = &InputError{dir, fmt.Errorf("there is no regular file in or below this directory")}
	}
	return list, err
}

func appendFile(list []Source, path string, info os.FileInfo) ([]Source, error) {
	if info.Mode().IsRegular() {
		f, err := os.Open(path)
		if err != nil {
			return list, &InputError{path, err}
		}
		if err := f.Close(); err != nil {
			return list, &InputError{path, err}
		}
	}
	return append(list, fileSource(path, info)), nil
}

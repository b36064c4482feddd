package async

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// ErrRejected is returned by Write when there are Errors.
var ErrRejected = errors.New("async: functions were rejected, so nothing is written; see Result.Errors")

// Write writes the outputs that differ from what is on disk and removes the stale
// ones. Each file is written whole or not at all. When Errors is not empty,
// nothing is written, and the error is [ErrRejected].
func (r *Result) Write() error {
	if len(r.Errors) > 0 {
		return ErrRejected
	}
	for i := range r.Outputs {
		o := &r.Outputs[i]
		if o.Current {
			continue
		}
		if err := ours(o.Path); err != nil {
			return err
		}
		if o.Source == nil {
			if err := os.Remove(o.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		} else if err := writeFile(o.Path, o.Source); err != nil {
			return err
		}
		o.Current = true
	}
	return nil
}

// ours returns an error if there is a file that the compiler has not written.
func ours(path string) error {
	old, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !isGenerated(old) {
		return fmt.Errorf("async: %s was not written by pinion async and is left alone; rename it or the file it would be generated from", path)
	}
	return nil
}

// writeFile replaces a file by way of a temporary one beside it, whose name the
// go command ignores. A new file gets the permissions that the umask leaves, and
// one that is replaced keeps its own.
func writeFile(path string, contents []byte) (err error) {
	temp := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%x", filepath.Base(path), rand.Uint64()))
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(temp)
		}
	}()
	_, err = f.Write(contents)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if old, err := os.Stat(path); err == nil {
		if err := os.Chmod(temp, old.Mode().Perm()); err != nil {
			return err
		}
	}
	return os.Rename(temp, path)
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// A journal is a file with the results of a run so far, one in JSON a line, so that
// it can go on later.
type journal struct {
	file *os.File
	done map[string]bool
}

// openJournal reads the results that are in the file, and opens it for more. What
// an interrupted run left of a line at the end is cut off.
func openJournal(path string) (*journal, []result, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, nil, err
	}
	j := &journal{f, map[string]bool{}}
	var results []result
	end := int64(0)
	for d := json.NewDecoder(f); ; end = d.InputOffset() {
		var r result
		if err := d.Decode(&r); err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		} else if err != nil {
			f.Close()
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		results = append(results, r)
		j.done[r.Name] = true
	}
	err = f.Truncate(end)
	if err == nil {
		_, err = f.Seek(end, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return j, results, nil
}

func (j *journal) add(results []result) error {
	if j == nil {
		return nil
	}
	for _, r := range results {
		line, err := json.Marshal(r)
		if err == nil {
			_, err = fmt.Fprintf(j.file, "\n%s", line)
		}
		if err != nil {
			return err
		}
		j.done[r.Name] = true
	}
	return nil
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	if err := j.file.Close(); !errors.Is(err, fs.ErrClosed) {
		return err
	}
	return nil
}

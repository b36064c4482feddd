//go:build unix && !linux

package aio

import "os"

func pipeOfSystem() (r, w *File, err error) {
	or, ow, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	if r, err = WrapFile(or); err != nil {
		or.Close()
		ow.Close()
		return nil, nil, err
	}
	if w, err = WrapFile(ow); err != nil {
		r.Close()
		ow.Close()
		return nil, nil, err
	}
	return r, w, nil
}

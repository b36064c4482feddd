//go:build !unix

package aio

func pipeOfSystem() (r, w *File, err error) {
	r, w = newMemoryPipe()
	return r, w, nil
}

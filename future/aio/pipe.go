package aio

// Pipe returns the ends of a new pipe: what is written to w is read from r. After w is closed
// and all was read, a Read is io.EOF; after r is closed, a Write fails with EPIPE. Where the system has no
// pipe for which one can wait without a thread, as on Windows, it lies in the memory of the process.
func Pipe() (r, w *File, err error) {
	if s := simOfProcess(); s != nil {
		return s.Pipe()
	}
	return pipeOfSystem()
}

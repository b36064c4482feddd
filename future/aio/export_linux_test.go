package aio

// BufferOf returns the buffer of a read.
func BufferOf(f *FileIOFuture) []byte { return f.j.p }

// Package uring is the part of io_uring(7) that package aio stands on: the queues that are
// shared with the kernel, and rings of buffers. It knows nothing of futures; the benchmarks
// use it for a bare loop to compare with.
package uring

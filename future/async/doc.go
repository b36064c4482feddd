// Package async compiles ordinary Go functions to pinned futures.
package async

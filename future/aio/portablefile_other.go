//go:build !unix

package aio

// waitableOfSystem is for descriptors of systems that can wait for them all: there are none here.
func waitableOfSystem(int32) (waited, error) { return nil, nil }

//go:build !linux

package aio

func spare(int) error { return nil }

//go:build !linux

package aio

var drivers = []driver{{"portable", newPortable}, {simName, newSimEngine}}

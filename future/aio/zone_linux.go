package aio

import (
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// zones remembers the names of interfaces, for which the system has to be asked, for as long as
// package net does.
var zones struct {
	mu     sync.Mutex // protects what follows
	names  map[uint32]string
	scopes map[string]uint32
	until  time.Time
}

const zonesLive = time.Minute

// remembered has f look up something in zones, which is locked. If f finds nothing that is
// remembered, it is called once more after what there is was read anew.
func remembered(f func() bool) {
	zones.mu.Lock()
	defer zones.mu.Unlock()
	now := time.Now()
	if now.Before(zones.until) && f() {
		return
	}
	zones.names, zones.scopes = make(map[uint32]string), make(map[string]uint32)
	zones.until = now.Add(zonesLive)
	all, _ := net.Interfaces()
	for _, i := range all {
		zones.names[uint32(i.Index)], zones.scopes[i.Name] = i.Name, uint32(i.Index)
	}
	f()
}

// zoneOf returns the zone of an interface: its name, or its number if it has gone.
func zoneOf(scope uint32) (zone string) {
	remembered(func() (ok bool) {
		zone, ok = zones.names[scope]
		return ok
	})
	if zone == "" {
		zone = strconv.Itoa(int(scope))
	}
	return zone
}

// scopeOf returns the number of the interface that is a's zone, 0 for none.
func scopeOf(a netip.Addr) (scope uint32) {
	zone := a.Zone()
	if zone == "" {
		return 0
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n)
	}
	remembered(func() (ok bool) {
		scope, ok = zones.scopes[zone]
		return ok
	})
	return scope
}

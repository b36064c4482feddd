package aio

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
)

var (
	errMissing = errors.New("missing address")
	errName    = errors.New("a name")
)

// literal returns the address that is meant if there is no name in it, and errName if there is.
func literal(network, address string) ([]net.Addr, error) {
	if address == "" {
		return nil, errMissing
	}
	if network == "unix" {
		return []net.Addr{&net.UnixAddr{Name: address, Net: network}}, nil
	}
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return nil, errName // or what the resolver says is wrong with it
	}
	if host == "" {
		return []net.Addr{&net.TCPAddr{Port: int(port)}}, nil // this machine
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return nil, errName
	}
	return suitable(network, host, int(port), net.IPAddr{IP: net.IP(ip.AsSlice()), Zone: ip.Zone()})
}

// lookUp is literal for names.
func lookUp(ctx context.Context, network, address string) ([]net.Addr, error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := net.DefaultResolver.LookupPort(ctx, network, service)
	if err != nil {
		return nil, err
	}
	if host == "" {
		return []net.Addr{&net.TCPAddr{Port: port}}, nil
	}
	ips, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return nil, err
	}
	return suitable(network, host, port, ips...)
}

// suitable returns those of a host's addresses that the network has.
func suitable(network, host string, port int, ips ...net.IPAddr) (addrs []net.Addr, err error) {
	for _, ip := range ips {
		four := ip.IP.To4() != nil
		if network == "tcp4" && !four || network == "tcp6" && four {
			continue
		}
		addrs = append(addrs, &net.TCPAddr{IP: ip.IP, Port: port, Zone: ip.Zone})
	}
	if len(addrs) == 0 {
		return nil, &net.AddrError{Err: "no suitable address found", Addr: host}
	}
	return addrs, nil
}

// dialError is err as package net has it.
func dialError(network string, addr net.Addr, err error) error {
	return &net.OpError{Op: "dial", Net: network, Addr: addr, Err: err}
}

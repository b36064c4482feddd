package aio

import (
	"context"
	"errors"
	"net"
	"os"
	"runtime"
	"time"

	"github.com/pinion-go/pinion/future"
)

// Dial connects as [net.Dial] does, to an address of network tcp, tcp4, tcp6 or unix. Errors are
// *net.OpError with the address that they are about, or, for a name that is not found, with
// a *net.DNSError.
func Dial(network, address string) (*Conn, error) { return Dialer{}.Dial(network, address) }

// DialAsync is [Dial] as a future. If it is cancelled the error is [future.ErrCanceled], unless the
// connection had been made by then: that is handed over.
//
//pinion:noescape
func DialAsync(network, address string) DialFuture { return Dialer{}.DialAsync(network, address) }

// A Dialer has what [Dial] leaves to the defaults. The zero Dialer is Dial.
//
// For futures connecting is an operation of the driver's, but for portable, where package net does
// all of it on a pooled goroutine. Names of hosts and of ports are looked up by package net's
// resolver on a pooled goroutine; a literal address with a number for its port needs none. Where a
// host has several addresses they are tried one after the other, in the resolver's order, each with
// its share of the time that is left, as a [net.Dialer] without FallbackDelay does. There are no
// Happy Eyeballs: an address that does not answer holds up the next one for its share.
//
// A Unix listener that has too many connections to accept makes uring wait, and is the error
// EAGAIN for others.
//
// A goroutine that blocks would gain nothing by all that: for it, package net connects.
type Dialer struct {
	// Timeout is how long it may take, looking up names included, 0 for as long as the system
	// has patience. The error is os.ErrDeadlineExceeded, or that of a name with Timeout() true.
	Timeout time.Duration
	// Deadline is the time until when it may take. The earlier of both counts.
	Deadline time.Time
	// Sim is the simulation in whose network to connect, nil for the system's. Its engines do it,
	// unlike [Sim.Dial], which does not wait. The kernel's clock is not simulated: a connect that
	// has a limit and is not answered (see SimConfig.Silences) reaches it at a moment of chance's.
	Sim *Sim
}

// Dial is [Dial] with the settings of d. It connects on the calling goroutine: in a poll, DialAsync
// does not hold up the loop.
func (d Dialer) Dial(network, address string) (*Conn, error) {
	if d.Sim == nil && simOfProcess() == nil {
		if err := streams("dial", network); err != nil {
			return nil, err
		}
		return netDial(context.Background(), network, address, d.until(time.Now()))
	}
	f := d.DialAsync(network, address)
	if err := future.Block(&f); err != nil {
		return nil, err
	}
	return f.Result()
}

// DialAsync is [DialAsync] with the settings of d. Time passes from the first poll on.
//
//pinion:noescape
func (d Dialer) DialAsync(network, address string) DialFuture {
	return DialFuture{dialer: d, network: network, address: address}
}

// DialFuture is the future of [DialAsync] and [Dialer.DialAsync].
type DialFuture struct {
	dialer           Dialer
	network, address string

	d    *dialing // from the first poll until it is over
	over bool
	c    *Conn
	err  error
}

// Poll implements [future.Future].
func (f *DialFuture) Poll(cx *future.Context) future.Poll {
	if f.over {
		return future.Ready
	}
	if f.d == nil {
		f.d = &dialing{w: work{apart: true}, network: f.network, deadline: f.dialer.untilCx(cx)}
		if f.err = f.d.prepare(engineOf(cx), f.dialer.Sim, f.address); f.err != nil {
			return f.end()
		}
	}
	if f.d.before != nil {
		if f.d.before.Poll(cx) == future.Pending {
			return future.Pending
		}
		if f.c, f.err = f.d.found(); f.c != nil || f.err != nil {
			f.end()
			if f.err != nil && cx.Canceled() {
				f.err = future.ErrCanceled
				cx.Exit()
			}
			return future.Ready
		}
	}
	d := f.d
	if d.w.poll(cx, d.home, d) == future.Pending {
		return future.Pending
	}
	if d.w.end == endOK {
		f.c = d.take()
	} else {
		f.err = d.error()
	}
	return f.end()
}

func (f *DialFuture) end() future.Poll {
	f.d, f.over = nil, true
	return future.Ready
}

// Result returns what [Dial] would have.
func (f *DialFuture) Result() (*Conn, error) { return f.c, f.err }

// untilCx is until for a dial that begins in a poll. It is in the simulation's time where both are
// of one.
func (d Dialer) untilCx(cx *future.Context) time.Time {
	e := engineOf(cx)
	if e == nil || e.sim == nil || e.sim != d.Sim {
		d.Deadline = cx.Loop().Elsewhere(d.Deadline)
		return d.until(time.Now())
	}
	now := future.NowCx(cx)
	if !d.Deadline.IsZero() {
		d.Deadline = now.Add(e.loop.At(d.Deadline) - e.loop.Now())
	}
	return d.until(now)
}

// until returns the deadline of a dial that begins now, the zero time for none.
func (d *Dialer) until(now time.Time) time.Time {
	end := d.Deadline
	if d.Timeout != 0 {
		if t := now.Add(d.Timeout); end.IsZero() || t.Before(end) {
			end = t
		}
	}
	return end
}

var errNoEngine = errors.New("the simulation has no engine")

// prepare finds out who dials, and what is to be done before.
func (d *dialing) prepare(here *engine, s *Sim, address string) error {
	if s == nil {
		s = simOfProcess()
	}
	switch {
	case here != nil && here.sim == s:
		d.home = here
	case s == nil || s == simOfProcess():
		d.home = someEngine()
	default:
		d.home = s.someEngine()
	}
	switch {
	case s != nil:
		name, addr, err := s.lookUp(d.network, address)
		if err == nil && d.home == nowhere {
			err = dialError(d.network, addr, errNoEngine)
		}
		d.sim, d.name, d.addrs = s, name, []net.Addr{addr}
		return err
	case streams("dial", d.network) != nil:
		return streams("dial", d.network)
	}
	if _, ok := d.home.k.(connector); !ok {
		d.before = d.byNet(address)
		return nil
	}
	addrs, err := literal(d.network, address)
	switch {
	case err == errName:
		d.before = d.byName(address)
	case err != nil:
		return dialError(d.network, nil, err)
	}
	d.addrs = addrs
	return nil
}

// found takes what was to be done before the connect: all of it, if c is not nil.
func (d *dialing) found() (c *Conn, err error) {
	d.before = nil
	if d.net != nil {
		made, err := d.net.Result()
		if err != nil {
			return nil, err
		}
		made.untaken.Stop()
		return made.c, nil
	}
	if d.addrs, err = d.names.Result(); err != nil {
		err = dialError(d.network, nil, err)
	}
	d.names = nil
	return nil, err
}

// byNet has package net do all of it.
func (d *dialing) byNet(address string) future.Future {
	network, deadline := d.network, d.deadline
	f := future.FromFuncContext(func(ctx context.Context) (dialed, error) {
		c, err := netDial(ctx, network, address, deadline)
		if err != nil {
			return dialed{}, err
		}
		return dialed{c, runtime.AddCleanup(c, closeUntaken, c.fd)}, nil
	})
	d.net = &f
	return &f
}

// dialed is a connection that package net has made, and is closed if nobody comes to take it.
type dialed struct {
	c       *Conn
	untaken runtime.Cleanup
}

func netDial(ctx context.Context, network, address string, deadline time.Time) (*Conn, error) {
	if err := pollerError("dial", network); err != nil {
		return nil, err
	}
	nd := net.Dialer{Deadline: deadline}
	nc, err := nd.DialContext(ctx, network, address)
	if err != nil {
		var oe *net.OpError
		if errors.As(err, &oe) && oe.Addr != nil && errors.Is(oe.Err, context.DeadlineExceeded) {
			oe.Err = os.ErrDeadlineExceeded // which it is not always for package net
		}
		return nil, err
	}
	c, err := Wrap(nc)
	if err != nil {
		nc.Close()
	}
	return c, err
}

// byName has package net look up what is in the address.
func (d *dialing) byName(address string) future.Future {
	network, deadline := d.network, d.deadline
	f := future.FromFuncContext(func(ctx context.Context) ([]net.Addr, error) {
		if !deadline.IsZero() {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline)
			defer cancel()
		}
		return lookUp(ctx, network, address)
	})
	d.names = &f
	return &f
}

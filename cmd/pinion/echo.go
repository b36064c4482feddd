package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/pinion-go/pinion/cmd/pinion/internal/echo"
)

var echoCommand = command{
	name:  "echo",
	short: "serve connections that get back what they send",
	long: `Echo listens on a TCP address and sends back to each connection what it receives. Each is
served by a future, compiled from a straight-line function. It prints where it listens,
and with which driver and why; at an interrupt it stops listening, ends its connections
and prints what was done.
`,
	bind: bindEcho,
}

func bindEcho(fs *flag.FlagSet) func(context.Context, []string, stdio) int {
	var c echo.Config
	fs.StringVar(&c.Addr, "addr", "127.0.0.1:7007", "listen on `HOST:PORT`; port 0 is any that is free")
	fs.IntVar(&c.Loops, "loops", 0, "serve on `N` loops, at most 1024, by default one for each core")
	fs.StringVar(&c.Driver, "driver", "", "use the driver of this `NAME`, by default the best that works here")
	fs.IntVar(&c.ZeroCopy, "zero-copy", 0, "send answers of `BYTES` and more from where they are, by default none: it pays on a network card")
	return func(ctx context.Context, args []string, std stdio) int {
		switch {
		case len(args) > 0:
			complain(std.err, "echo: it takes no arguments, but got %q; pinion echo -h lists the flags", args[0])
			return exitUsage
		case c.Loops < 0 || c.Loops > maxLoops:
			complain(std.err, "echo: -loops %d is not between 0, which is one for each core, and %d", c.Loops, maxLoops)
			return exitUsage
		case c.ZeroCopy < 0:
			complain(std.err, "echo: -zero-copy %d is not 0, which is never, or a number of bytes", c.ZeroCopy)
			return exitUsage
		}
		outliveReader()
		c.Out = std.out
		s, err := echo.Start(c)
		if err != nil {
			complain(std.err, "echo: %v", err)
			return exitUsage
		}
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.Background(), echoGrace)
		defer cancel()
		err = s.Shutdown(end)
		n := s.Counts()
		fmt.Fprintf(std.out, "served %d connections, %d messages, %d bytes\n", n.Connections, n.Messages, n.Bytes)
		if err != nil {
			complain(std.err, "echo: %v", err)
			return exitFault
		}
		return exitOK
	}
}

// maxLoops is more than there are cores: each loop has a thread and descriptors.
const maxLoops = 1024

// echoGrace is how long connections may take to end after an interrupt.
const echoGrace = 5 * time.Second

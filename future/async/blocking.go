package async

// The table of functions that block by themselves: those of the standard library
// whose purpose is to wait for another goroutine, another process, another machine
// or the clock, and what of package future does. Names are those of
// types.Func.FullName; methods of interfaces are in it where the interface is about
// such a thing. Not in it: what computes, however long, what reads and writes files,
// and mutexes, which [leakCheck.checkLocks] treats.
//
// The value is what to call instead in async code, or "": then future.FromFunc is the
// way.
var blockingFuncs = blockingTable(
	// The clock, and other goroutines.
	instead("future.Sleep", "time.Sleep"),
	names("(*sync.WaitGroup).Wait", "(*sync.Cond).Wait"),
	names("(*io.PipeReader).Read", "(*io.PipeWriter).Write"),
	names("testing/synctest.Wait"),

	// Package future, without what has a twin.
	instead("future.Await", futurePath+".Block"),
	methods("*"+futurePath+".Loop", "RunUntilIdle", "Shutdown", "Stats", "Tasks"),
	methods("*"+futurePath+".Runtime", "Shutdown", "Tasks"),

	// Processes.
	methods("*os/exec.Cmd", "Run", "Wait", "Output", "CombinedOutput"),
	methods("*os.Process", "Wait"),
	funcs("syscall", "Wait4", "Select", "EpollWait", "Kevent", "Nanosleep", "Flock"),

	// The terminal.
	funcs("fmt", "Scan", "Scanf", "Scanln"),

	// The network.
	funcs("net", "Dial", "DialTimeout", "DialIP", "DialTCP", "DialUDP", "DialUnix",
		"LookupAddr", "LookupCNAME", "LookupHost", "LookupIP", "LookupMX", "LookupNS", "LookupPort", "LookupSRV", "LookupTXT",
		"ResolveIPAddr", "ResolveTCPAddr", "ResolveUDPAddr"),
	methods("*net.Dialer", "Dial", "DialContext", "DialIP", "DialTCP", "DialUDP", "DialUnix"),
	methods("*net.Resolver", "LookupAddr", "LookupCNAME", "LookupHost", "LookupIP", "LookupIPAddr", "LookupMX", "LookupNS",
		"LookupNetIP", "LookupPort", "LookupSRV", "LookupTXT"),
	methods("net.Conn", "Read", "Write"),
	methods("*net.conn", "Read", "Write"), // of all the connections below
	methods("*net.TCPConn", "ReadFrom", "WriteTo"),
	methods("*net.UDPConn", "ReadFrom", "ReadFromUDP", "ReadFromUDPAddrPort", "ReadMsgUDP", "ReadMsgUDPAddrPort",
		"WriteTo", "WriteToUDP", "WriteToUDPAddrPort", "WriteMsgUDP", "WriteMsgUDPAddrPort"),
	methods("*net.UnixConn", "ReadFrom", "ReadFromUnix", "ReadMsgUnix", "WriteTo", "WriteToUnix", "WriteMsgUnix"),
	methods("*net.IPConn", "ReadFrom", "ReadFromIP", "ReadMsgIP", "WriteTo", "WriteToIP", "WriteMsgIP"),
	methods("net.PacketConn", "ReadFrom", "WriteTo"),
	methods("net.Listener", "Accept"),
	methods("*net.TCPListener", "Accept", "AcceptTCP"),
	methods("*net.UnixListener", "Accept", "AcceptUnix"),
	funcs("crypto/tls", "Dial", "DialWithDialer"),
	methods("*crypto/tls.Dialer", "Dial", "DialContext"),
	methods("*crypto/tls.Conn", "Read", "Write", "Handshake", "HandshakeContext", "CloseWrite"),
	funcs("net/http", "Get", "Head", "Post", "PostForm", "ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS"),
	methods("*net/http.Client", "Do", "Get", "Head", "Post", "PostForm"),
	methods("*net/http.Transport", "RoundTrip"),
	methods("net/http.RoundTripper", "RoundTrip"),
	methods("*net/http.Server", "ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS", "Shutdown"),
	funcs("net/rpc", "Accept", "Dial", "DialHTTP", "DialHTTPPath", "ServeConn", "ServeCodec"),
	methods("*net/rpc.Client", "Call"),
	funcs("net/smtp", "Dial", "SendMail"),
	funcs("net/textproto", "Dial"),
	funcs("log/syslog", "Dial", "New", "NewLogger"),

	// Databases.
	methods("*database/sql.DB", "Begin", "BeginTx", "Conn", "Exec", "ExecContext", "Ping", "PingContext", "Prepare", "PrepareContext",
		"Query", "QueryContext", "QueryRow", "QueryRowContext"),
	methods("*database/sql.Conn", "BeginTx", "ExecContext", "PingContext", "PrepareContext", "QueryContext", "QueryRowContext"),
	methods("*database/sql.Tx", "Commit", "Exec", "ExecContext", "Prepare", "PrepareContext", "Query", "QueryContext",
		"QueryRow", "QueryRowContext", "Rollback"),
	methods("*database/sql.Stmt", "Exec", "ExecContext", "Query", "QueryContext", "QueryRow", "QueryRowContext"),
	methods("*database/sql.Rows", "Next", "NextResultSet"),

	// Next to the standard library.
	names("(*golang.org/x/sync/errgroup.Group).Wait", "(*golang.org/x/sync/semaphore.Weighted).Acquire"),
)

// neverBlocks are functions with twins that async code may call in any form.
var neverBlocks = map[string]bool{futurePath + ".Yield": true}

// fromStdin are the methods of os.File that block on os.Stdin. On other files they
// are taken not to.
var fromStdin = map[string]bool{"(*os.File).Read": true, "(*os.File).WriteTo": true}

// given says that a function calls a method of an argument.
type given struct {
	arg    int
	method string
}

// givenTo are functions that block if a method of what they are given does.
var givenTo = map[string][]given{
	"io.Copy":        {{0, "Write"}, {1, "Read"}},
	"io.CopyBuffer":  {{0, "Write"}, {1, "Read"}},
	"io.CopyN":       {{0, "Write"}, {1, "Read"}},
	"io.ReadAll":     {{0, "Read"}},
	"io.ReadAtLeast": {{0, "Read"}},
	"io.ReadFull":    {{0, "Read"}},
	"io.WriteString": {{0, "Write"}},
	"fmt.Fprint":     {{0, "Write"}},
	"fmt.Fprintf":    {{0, "Write"}},
	"fmt.Fprintln":   {{0, "Write"}},
	"fmt.Fscan":      {{0, "Read"}},
	"fmt.Fscanf":     {{0, "Read"}},
	"fmt.Fscanln":    {{0, "Read"}},
	// Functions with a receiver count their arguments without it.
	"(*net.Buffers).WriteTo": {{0, "Write"}},
}

// entries is a part of the table.
type entries map[string]string

func blockingTable(parts ...entries) entries {
	table := make(entries)
	for _, part := range parts {
		for name, way := range part {
			table[name] = way
		}
	}
	return table
}

func instead(way string, names ...string) entries {
	e := make(entries)
	for _, n := range names {
		e[n] = way
	}
	return e
}

func names(names ...string) entries { return instead("", names...) }

func funcs(pkg string, names ...string) entries {
	e := make(entries)
	for _, n := range names {
		e[pkg+"."+n] = ""
	}
	return e
}

func methods(recv string, names ...string) entries {
	return funcs("("+recv+")", names...)
}

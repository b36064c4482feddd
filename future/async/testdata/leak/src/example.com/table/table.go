// Package table calls functions of the standard library.
package table

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"
)

//pinion:async
func Goroutines(wg *sync.WaitGroup, cond *sync.Cond, mu *sync.Mutex) { // want Goroutines:`.*`
	wg.Wait()   // want `calls sync\.WaitGroup\.Wait \(.*\); run sync\.WaitGroup\.Wait with future\.FromFunc, or say`
	cond.Wait() // want `calls sync\.Cond\.Wait`
	mu.Lock()
	mu.Unlock()
	wg.Go(func() { time.Sleep(1) })
	<-time.After(1)
	time.AfterFunc(1, func() { time.Sleep(1) })
}

//pinion:async
func Processes(cmd *exec.Cmd, p *os.Process) { // want Processes:`.*`
	cmd.Start()
	cmd.Run()    // want `calls exec\.Cmd\.Run`
	cmd.Wait()   // want `calls exec\.Cmd\.Wait`
	cmd.Output() // want `calls exec\.Cmd\.Output`
	p.Wait()     // want `calls os\.Process\.Wait`
	p.Kill()
}

//pinion:async
func Network(ctx context.Context, c net.Conn, l net.Listener, t *net.TCPConn, s *tls.Conn, h *http.Client) { // want Network:`.*`
	net.Dial("tcp", "localhost:1")            // want `calls net\.Dial`
	new(net.Dialer).DialContext(ctx, "a", "") // want `calls net\.Dialer\.DialContext`
	c.Read(nil)                               // want `calls net\.Conn\.Read`
	t.Write(nil)                              // want `calls net\.TCPConn\.Write`
	s.Handshake()                             // want `calls tls\.Conn\.Handshake`
	l.Accept()                                // want `calls net\.Listener\.Accept`
	l.Close()
	http.Get("")                   // want `calls http\.Get`
	h.Do(nil)                      // want `calls http\.Client\.Do`
	http.ListenAndServe("", nil)   // want `calls http\.ListenAndServe`
	new(http.Server).Shutdown(ctx) // want `calls http\.Server\.Shutdown`
}

//pinion:async
func Databases(ctx context.Context, db *sql.DB) { // want Databases:`.*`
	db.QueryContext(ctx, "") // want `calls sql\.DB\.QueryContext`
}

type slow struct{}

func (slow) Read([]byte) (int, error) { // want Read:`.*`
	time.Sleep(1)
	return 0, nil
}

//pinion:async
func Given(c net.Conn, t *net.TCPConn, w io.Writer, r io.Reader) { // want Given:`.*`
	var b bytes.Buffer
	io.Copy(&b, r)
	io.Copy(&b, t)      // want `calls io\.Copy and so net\.TCPConn\.Read \(.*\); run io\.Copy and so net\.TCPConn\.Read with`
	io.Copy(c, &b)      // want `calls io\.Copy and so net\.Conn\.Write`
	io.ReadAll(slow{})  // want `calls io\.ReadAll and so slow\.Read \(.*\) calls time\.Sleep`
	fmt.Fprintln(c, "") // want `calls fmt\.Fprintln and so net\.Conn\.Write`
	fmt.Fprintln(w, "")
	bufio.NewReader(c).ReadByte()
}

//pinion:async
func Files(f *os.File, b []byte) { // want Files:`.*`
	f.Read(b)
	os.Stdin.Read(b)     // want `calls os\.Stdin\.Read`
	io.ReadAll(os.Stdin) // want `calls io\.ReadAll and so os\.Stdin\.Read`
	fmt.Scanln()         // want `calls fmt\.Scanln`
	fmt.Fprintln(os.Stderr, "")
	io.ReadAll(f)
}

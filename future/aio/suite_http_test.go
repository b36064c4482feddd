package aio_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestAnHTTPServerServes on an aio.Listener as on one of package net: bodies of all sizes both ways,
// connections that are kept, and a shutdown that waits for an answer.
func TestAnHTTPServerServes(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		l := w.listen(t)
		begun, end := make(chan struct{}), make(chan struct{})
		mux := http.NewServeMux()
		mux.HandleFunc("POST /echo", func(rw http.ResponseWriter, r *http.Request) {
			p, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			rw.Header().Set("Sum", fmt.Sprintf("%x", sha256.Sum256(p)))
			for len(p) > 0 { // in chunks
				n := min(len(p), 100_000)
				rw.Write(p[:n])
				rw.(http.Flusher).Flush()
				p = p[n:]
			}
		})
		mux.HandleFunc("GET /slow", func(rw http.ResponseWriter, r *http.Request) {
			close(begun)
			<-end
			io.WriteString(rw, "at last")
		})
		var mu sync.Mutex
		conns := make(map[net.Conn]bool)
		server := &http.Server{
			Handler: mux,
			ConnState: func(c net.Conn, s http.ConnState) {
				mu.Lock()
				defer mu.Unlock()
				if s == http.StateNew {
					conns[c] = true
				}
			},
		}
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return w.dial(l) }}
		client := &http.Client{Transport: transport, Timeout: patience / 2}

		const clients, requests = 8, 6
		var all sync.WaitGroup
		for i := range clients {
			all.Go(func() {
				for j := range requests {
					body := stretch([]int{0, 1, 5000, 70_000, 300_000, i}[j])
					res, err := client.Post("http://here/echo", "", bytes.NewReader(body))
					if err != nil {
						t.Error(err)
						return
					}
					got, err := io.ReadAll(res.Body)
					res.Body.Close()
					if sum := fmt.Sprintf("%x", sha256.Sum256(body)); err != nil || !bytes.Equal(got, body) || res.Header.Get("Sum") != sum {
						t.Errorf("%d bytes of %d came back, the same: %v; the server had the same: %v; %v", len(got), len(body), bytes.Equal(got, body), res.Header.Get("Sum") == sum, err)
					}
				}
			})
		}
		within(t, "all are answered", all.Wait)
		mu.Lock()
		n := len(conns)
		mu.Unlock()
		if n == 0 || n >= clients*requests {
			t.Errorf("%d connections for %d requests", n, clients*requests)
		}

		slow := make(chan string, 1)
		go func() {
			res, err := client.Get("http://here/slow")
			if err != nil {
				slow <- err.Error()
				return
			}
			defer res.Body.Close()
			p, err := io.ReadAll(res.Body)
			slow <- fmt.Sprint(string(p), err)
		}()
		<-begun
		transport.CloseIdleConnections() // a server waits long for one that was never used
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		over := make(chan error, 1)
		go func() { over <- server.Shutdown(ctx) }()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		select {
		case err := <-over:
			t.Errorf("the shutdown did not wait for the answer: %v", err)
		default:
		}
		close(end)
		if err := <-over; err != nil {
			t.Error(err)
		}
		if got := <-slow; !strings.HasPrefix(got, "at last") || !strings.HasSuffix(got, "<nil>") {
			t.Errorf("the answer during the shutdown: %q", got)
		}
		transport.CloseIdleConnections()
	})
}

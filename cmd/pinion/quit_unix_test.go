//go:build unix

package main

import (
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

func TestQuitPrintsTheLiveTasksAndGoesOn(t *testing.T) {
	// The signal is caught here as well: it must not end the test if the run has
	// ended, or not begun.
	caught := make(chan os.Signal, 8)
	signal.Notify(caught, syscall.SIGQUIT)
	defer signal.Stop(caught)

	s := start(t, "-tasks", "0")
	for range 2 {
		before := strings.Count(s.err.String(), "2 tasks\n")
		if err := syscall.Kill(os.Getpid(), syscall.SIGQUIT); err != nil {
			t.Fatal(err)
		}
		<-caught
		for strings.Count(s.err.String(), "2 tasks\n") == before {
			<-s.err.wrote
		}
	}
	s.err.waitFor("standard input (streams.reader), waiting at the next chunk, age ")
	io.WriteString(s.stdin, "the end")
	s.stdin.Close()
	if status := <-s.status; status != exitOK {
		t.Errorf("status %d, want 0", status)
	}
	if !strings.Contains(s.out.String(), "Every stream agrees") {
		t.Errorf("the run did not go on:\n%s", s.out)
	}
}

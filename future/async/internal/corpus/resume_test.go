package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAJournalIsReadBackWithoutTheLineThatWasBeingWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	want := []result{{Name: "a.go", Verdict: same}, {Name: "b.go", Verdict: different, Wrong: true, Detail: "line 1\nline 2"}}
	for n := range 3 {
		j, got, err := openJournal(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want[:min(n, 2)], append([]result{}, got...)); d != "" {
			t.Error(d)
		}
		for _, r := range got {
			if !j.done[r.Name] {
				t.Errorf("%s is not done", r.Name)
			}
		}
		if n == 2 {
			j.close()
			break
		}
		if err := j.add(want[n : n+1]); err != nil {
			t.Fatal(err)
		}
		if _, err := j.file.WriteString("\n{\"name\":\"c"); err != nil {
			t.Fatal(err)
		}
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, path, "no journal")
	if _, _, err := openJournal(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names the file", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "no journal" {
		t.Errorf("a file that is no journal is changed: %q, %v", text, err)
	}
}

func TestARunGoesOnWhereTheLastOneStopped(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	for _, name := range []string{"a.go", "b.go", "c.go"} {
		writeFile(t, filepath.Join(dir, name), head+"func main() {}\n")
	}
	journal := filepath.Join(cache, "journal")
	writeFile(t, journal, `{"name":"b.go","verdict":"rejected","wrong":true,"detail":"from the journal"}`)
	run := func(args ...string) (status int, r report) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		args = append([]string{"-form=blocking", "-json", "-batch=1", "-cache", cache, "-tests", dir, "-resume", journal}, args...)
		status = runCommand(t.Context(), args, &stdout, &stderr)
		if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
			t.Fatalf("%v: %s", err, &stderr)
		}
		return status, r
	}
	if status, r := run("-within=1ns"); status != 1 || r.Total != 1 || r.Left != 2 || r.Results[0].Detail != "from the journal" {
		t.Errorf("without time: status %d, %+v", status, r)
	}
	if status, r := run(); status != 1 || r.Total != 3 || r.Left != 0 || r.Same != 2 || r.Rejected != 1 {
		t.Errorf("to the end: status %d, %+v", status, r)
	}
	if status, r := run(); status != 1 || r.Total != 3 || r.Left != 0 || r.Same != 2 {
		t.Errorf("once more: status %d, %+v", status, r)
	}
}

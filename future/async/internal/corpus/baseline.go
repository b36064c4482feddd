package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// A baseline is what a program does as it is.
type baseline struct {
	Outcome outcome
	Broken  string // why there is nothing to compare with; "" if there is
}

// A store keeps baselines between runs, in a folder.
type store struct {
	dir   string
	tests string
}

// path returns the file of p's baseline. Its name changes with all that decides
// what p does.
func (s store) path(p program) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "1 %s %s %s %q %q %q\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, p.Flags, p.Env, p.Args)
	for _, name := range p.Sources {
		src, err := os.ReadFile(filepath.Join(s.tests, filepath.FromSlash(name)))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(src), src)
	}
	return filepath.Join(s.dir, p.pkg()+"-"+hex.EncodeToString(sum.Sum(nil)[:8])+".json"), nil
}

// load returns p's baseline, if it is known.
func (s store) load(p program) (b baseline, ok bool) {
	path, err := s.path(p)
	if err != nil {
		return b, false
	}
	text, err := os.ReadFile(path)
	return b, err == nil && json.Unmarshal(text, &b) == nil
}

func (s store) save(p program, b baseline) error {
	path, err := s.path(p)
	if err != nil {
		return err
	}
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o666)
}

// baselines returns what the programs do as they are, building and running those
// of which that is not known. All are built with the flags of the first.
func (c *corpus) baselines(ctx context.Context, programs []program) (map[string]baseline, error) {
	known := map[string]baseline{}
	var unknown []program
	for _, p := range programs {
		if b, ok := c.store.load(p); ok {
			known[p.Name] = b
		} else {
			unknown = append(unknown, p)
		}
	}
	if len(unknown) == 0 {
		return known, nil
	}
	m, err := newModule(c.tmp, "")
	if err != nil {
		return nil, err
	}
	defer m.remove()
	for _, p := range unknown {
		same := func(_ string, src []byte) ([]byte, error) { return src, nil }
		if err := m.add(c.tests, p, same); err != nil {
			return nil, err
		}
	}
	failed, err := m.build(ctx, unknown)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex // guards known
	return known, inParallel(unknown, func(p program) error {
		b := baseline{Broken: "does not build: " + failed[p.pkg()]}
		if failed[p.pkg()] == "" {
			var err error
			if b, err = c.observe(ctx, m, p); err != nil {
				return err
			}
		}
		mu.Lock()
		defer mu.Unlock()
		known[p.Name] = b
		return c.store.save(p, b)
	})
}

// observe runs a program as it is, twice.
func (c *corpus) observe(ctx context.Context, m *module, p program) (b baseline, err error) {
	b.Outcome, err = c.exec(ctx, m, p)
	if err != nil {
		return b, err
	}
	again, err := c.exec(ctx, m, p)
	if err != nil {
		return b, err
	}
	switch {
	case b.Outcome.Late:
		b.Broken = "does not end in time"
	case b.Outcome.Status != 0:
		b.Broken = fmt.Sprintf("exit status %d: %s", b.Outcome.Status, excerpt(b.Outcome.Stderr, 5))
	case b.Outcome.diff(again) != "":
		b.Broken = "does not do the same twice: " + b.Outcome.diff(again)
	}
	return b, nil
}

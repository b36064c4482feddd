package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// A corpus compares programs with their transformed selves.
type corpus struct {
	tests     string // the test folder
	repo      string // the folder of module pinion
	tmp       string // where to make modules
	store     store
	importcfg string // file that tells the compiler where the standard library is
	form      form
	schedules []string // values of pointVariable
	limit     time.Duration
	keep      bool // leave the modules of transformed programs

	compile  compiler
	excluded list
	rejected list
}

// A verdict is what became of a program.
type verdict string

const (
	same      verdict = "same"
	different verdict = "different"
	reject    verdict = "rejected"
	exclude   verdict = "excluded"
)

// A result is the verdict on a program. Wrong says that the lists disagree with
// it.
type result struct {
	Name    string  `json:"name"`
	Verdict verdict `json:"verdict"`
	Wrong   bool    `json:"wrong,omitempty"`
	Detail  string  `json:"detail,omitempty"`
}

// batch judges programs that are built with the same flags.
func (c *corpus) batch(ctx context.Context, programs []program) ([]result, error) {
	before, err := c.baselines(ctx, programs)
	if err != nil {
		return nil, err
	}
	raw := map[string]result{}
	var subjects []program
	for _, p := range programs {
		reason, listed := c.excluded[p.Name]
		switch {
		case listed && (reason.byChance() || c.form == blocking):
			// Nothing it does would prove anything.
		case before[p.Name].Broken != "":
			raw[p.Name] = result{Verdict: different, Detail: "the program as it is " + before[p.Name].Broken}
		default:
			subjects = append(subjects, p)
		}
	}
	if err := c.subjects(ctx, subjects, before, raw); err != nil {
		return nil, err
	}
	var results []result
	for _, p := range programs {
		results = append(results, c.judge(p, raw[p.Name]))
	}
	return results, nil
}

// subjects transforms, builds and runs the programs, and puts into raw what became
// of each.
func (c *corpus) subjects(ctx context.Context, programs []program, before map[string]baseline, raw map[string]result) error {
	if len(programs) == 0 {
		return nil
	}
	m, err := newModule(c.tmp, c.repo)
	if err != nil {
		return err
	}
	if !c.keep {
		defer m.remove()
	}
	edit := func(name string, src []byte) ([]byte, error) { return transform(name, src, c.form) }
	for _, p := range programs {
		if err := m.add(c.tests, p, edit); err != nil {
			return err
		}
	}
	if c.form == compiled {
		rejected, err := m.compileAll(c.compile, programs)
		if err != nil {
			return err
		}
		var rest []program
		for _, p := range programs {
			if why := rejected[p.pkg()]; why != "" {
				raw[p.Name] = result{Verdict: reject, Detail: why}
			} else {
				rest = append(rest, p)
			}
		}
		programs = rest
	}
	failed, err := m.build(ctx, programs)
	if err != nil {
		return err
	}
	var mu sync.Mutex // guards raw
	return inParallel(programs, func(p program) error {
		r := result{Verdict: different, Detail: "does not build: " + failed[p.pkg()]}
		if failed[p.pkg()] == "" {
			var err error
			if r, err = c.compare(ctx, m, p, before[p.Name].Outcome); err != nil {
				return err
			}
		}
		mu.Lock()
		defer mu.Unlock()
		raw[p.Name] = r
		return nil
	})
}

// compare runs a built program under each schedule.
func (c *corpus) compare(ctx context.Context, m *module, p program, want outcome) (result, error) {
	for _, schedule := range c.schedules {
		got, err := c.exec(ctx, m, p, pointVariable+"="+schedule)
		if err != nil {
			return result{}, err
		}
		if d := want.diff(got); d != "" {
			return result{Verdict: different, Detail: schedule + ": " + d}, nil
		}
	}
	return result{Verdict: same}, nil
}

// judge holds what became of a program against the lists.
func (c *corpus) judge(p program, r result) result {
	r.Name = p.Name
	excluded, isExcluded := c.excluded[p.Name]
	rejected, isRejected := c.rejected[p.Name]
	switch {
	case isExcluded && isRejected:
		r.Wrong = true
		r.Detail = "in the lists of both the excluded and the rejected"
	case isExcluded && r.Verdict == same:
		r.Wrong = true
		r.Detail = fmt.Sprintf("is excluded (%s) and runs the same: take it off the list", excluded)
	case isExcluded:
		r.Verdict, r.Detail = exclude, excluded.String()
	case isRejected && r.Verdict == reject:
		r.Detail = rejected.String()
	case isRejected && c.form == compiled:
		r.Wrong = true
		r.Detail = strings.TrimSpace(fmt.Sprintf("is listed as rejected (%s) and compiles: take it off the list. %s", rejected, r.Detail))
	case r.Verdict != same:
		r.Wrong = true
	}
	return r
}

// batches cuts programs into batches of at most n that are built with the same
// flags.
func batches(programs []program, n int) [][]program {
	var order []string
	groups := map[string][]program{}
	for _, p := range programs {
		key := fmt.Sprintf("%q %q", p.Flags, p.Env)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], p)
	}
	var all [][]program
	for _, key := range order {
		for group := groups[key]; len(group) > 0; {
			k := min(n, len(group))
			all = append(all, group[:k])
			group = group[k:]
		}
	}
	return all
}

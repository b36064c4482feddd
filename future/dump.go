package future

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"
)

// TaskInfo describes a task at one moment.
type TaskInfo struct {
	Name      string // as given by Named, or the type
	Type      string // of the future
	State     string // "fresh", "queued", "waiting", "done" or "panicked"
	Suspended string // where it waits, if the future is a Suspender
	Canceled  bool
	Age       time.Duration // since the spawn, to 16 ms
	Loop      int           // the number of the loop in its Runtime
}

// Suspender is a future that can tell where it waits, for dumps. Suspended is
// called between polls, on the goroutine of its loop.
type Suspender interface {
	Suspended() string
}

// each iterates over the tasks of the loop that are not reclaimed.
func (l *Loop) each(yield func(slot uint32, h *header) bool) {
	chunks := l.own.chunks.Load()
	if chunks == nil {
		return
	}
	for n, chunk := range *chunks {
		for i := range chunk {
			h := &chunk[i]
			if h.flags&(flagLive|flagChild|flagRoot) != flagLive {
				continue
			}
			if !yield(uint32(n<<chunkShift|i), h) {
				return
			}
		}
	}
}

func (l *Loop) info(slot uint32, h *header) TaskInfo {
	t := TaskInfo{
		Name:     l.nameOf(h),
		Type:     l.slabs[h.slab].name,
		State:    "waiting",
		Canceled: h.flags&flagCanceled != 0,
		Age:      max(0, l.time()-time.Duration(h.born)*bornUnit),
		Loop:     l.number,
	}
	switch {
	case h.flags&flagPoisoned != 0:
		t.State = "panicked"
	case h.flags&flagDone != 0:
		t.State = "done"
	case h.flags&flagStarted == 0:
		t.State = "fresh"
	case h.flags&flagQueued != 0:
		t.State = "queued"
	}
	if s, ok := l.futureOf(h).(Suspender); ok && h.flags&(flagDone|flagStarted) == flagStarted {
		l.guardTask(t.Name, "Suspended", func() { t.Suspended = s.Suspended() })
	}
	return t
}

// Tasks returns the loop's tasks that are not released. When another goroutine
// runs the loop it waits until the loop answers, or ctx ends; inside a poll it
// returns ErrBlockedPoll. A loop that was shut down has none. It panics if ctx is nil.
func (l *Loop) Tasks(ctx context.Context) ([]TaskInfo, error) {
	tasks := new([]TaskInfo) // if ctx ends first, it is written later
	err := l.inquire(ctx, func() {
		for slot, h := range l.each {
			*tasks = append(*tasks, l.info(slot, h))
		}
	})
	switch err {
	case nil:
		return *tasks, nil
	case ErrClosed:
		return nil, nil
	}
	return nil, err
}

// inquire has f look at the loop between polls: on the calling goroutine when nobody
// has claimed the loop, else on the one that runs it.
func (l *Loop) inquire(ctx context.Context, f func()) error {
	needContext(ctx, "Tasks(nil) or Stats(nil)", "pass context.Background() to wait for an answer as long as that takes")
	if l.visit() { // whoever wants to run it meanwhile waits
		defer l.leave()
		l.now = timeUnknown
		f()
		return nil
	}
	if l.claim.Load() == over {
		return ErrClosed
	}
	if inPoll() {
		return ErrBlockedPoll
	}
	return l.call(ctx, func(l *Loop) {
		if l != nil {
			f()
		}
	})
}

// Tasks returns the tasks of all loops. Those of loops that did not answer before
// ctx ended are missing, and the error says so. It panics if ctx is nil.
func (r *Runtime) Tasks(ctx context.Context) (tasks []TaskInfo, err error) {
	for _, l := range r.loops {
		t, e := l.Tasks(ctx)
		tasks = append(tasks, t...)
		err = cmp.Or(err, e)
	}
	return tasks, err
}

// taskGroup is a number of tasks alike in name, state and suspension point.
type taskGroup struct {
	TaskInfo // of the oldest
	n        int
	youngest time.Duration
}

func (g taskGroup) String() string {
	s := g.Name
	if g.Name != g.Type {
		s += " (" + g.Type + ")"
	}
	s += ", " + g.State
	if g.Suspended != "" {
		s += " at " + g.Suspended
	}
	if g.Canceled {
		s += ", canceled"
	}
	if g.n == 1 {
		return fmt.Sprintf("%s, age %v", s, g.Age)
	}
	return fmt.Sprintf("%d x %s, ages %v to %v", g.n, s, g.youngest, g.Age)
}

// groupTasks puts like tasks together, the largest groups first.
func groupTasks(tasks []TaskInfo) []taskGroup {
	type key struct {
		name, typ, state, suspended string
		canceled                    bool
	}
	index := make(map[key]int)
	var groups []taskGroup
	for _, t := range tasks {
		k := key{t.Name, t.Type, t.State, t.Suspended, t.Canceled}
		i, ok := index[k]
		if !ok {
			i = len(groups)
			index[k] = i
			groups = append(groups, taskGroup{TaskInfo: t, youngest: t.Age})
		}
		g := &groups[i]
		g.n++
		g.youngest = min(g.youngest, t.Age)
		g.Age = max(g.Age, t.Age)
	}
	slices.SortStableFunc(groups, func(a, b taskGroup) int { return cmp.Compare(b.n, a.n) })
	return groups
}

// WriteTasks prints tasks one a line, with like ones grouped.
func WriteTasks(w io.Writer, tasks []TaskInfo) error {
	if _, err := fmt.Fprintf(w, "%d tasks\n", len(tasks)); err != nil {
		return err
	}
	for _, g := range groupTasks(tasks) {
		if _, err := fmt.Fprintf(w, "  %s\n", g); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/pinion-go/pinion/future"
)

// dumper prints the live tasks, when it is told to and, on Unix, at SIGQUIT.
type dumper struct {
	w    io.Writer
	line *progress
	quit chan os.Signal
	done sync.WaitGroup

	mu    sync.Mutex
	tasks func(context.Context) ([]future.TaskInfo, error) // of the present executor; nil if there is none
}

// dumpTime is how long a dump waits for a loop that is in a poll.
const dumpTime = 5 * time.Second

// maxNamed is the number of tasks up to which each is printed with its name;
// when there are more, they go by their types, and like ones are counted.
const maxNamed = 40

func newDumper(w io.Writer, line *progress) *dumper {
	d := &dumper{w: w, line: line, quit: make(chan os.Signal, 1)}
	if len(quitSignals) > 0 {
		signal.Notify(d.quit, quitSignals...)
	}
	d.done.Go(func() {
		for range d.quit {
			d.print(context.Background())
		}
	})
	return d
}

// watch sets whose tasks are printed.
func (d *dumper) watch(tasks func(context.Context) ([]future.TaskInfo, error)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tasks = tasks
}

// print prints the live tasks.
func (d *dumper) print(ctx context.Context) {
	d.mu.Lock()
	of := d.tasks
	d.mu.Unlock()
	var tasks []future.TaskInfo
	var err error
	if of != nil {
		ctx, cancel := context.WithTimeout(ctx, dumpTime)
		defer cancel()
		tasks, err = of(ctx)
	}
	if len(tasks) > maxNamed {
		for i := range tasks {
			tasks[i].Name = tasks[i].Type
		}
	}
	var b bytes.Buffer
	future.WriteTasks(&b, tasks)
	if err != nil {
		complain(&b, "%v", err)
	}
	d.line.clear()
	d.w.Write(b.Bytes())
}

// stop ends the dumper.
func (d *dumper) stop() {
	signal.Stop(d.quit)
	close(d.quit)
	d.done.Wait()
}

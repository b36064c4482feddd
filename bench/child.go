package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// Memory is measured in a process of its own, so that one workload does not see
// what another has left behind: the program starts itself again with these set.
const (
	childKind  = "PINION_BENCH_CHILD"
	childCount = "PINION_BENCH_COUNT"
)

var children = map[string]func(n int) (map[string]float64, error){
	"parked-tasks":       parkTasks[parked, *parked],
	"parked-plain":       parkTasks[plain, *plain],
	"parked-goroutines":  parkGoroutines,
	"waiting-futures":    waitingFutures,
	"waiting-goroutines": waitingGoroutines,
	"waiting-channels":   waitingChannels,
	"timer-tasks":        timerTasks,
	"timer-funcs":        timerFuncs,
}

// Child must be called first by every program that runs the benchmarks. In a
// process that was started to measure, it measures, prints and exits.
func Child() {
	kind := os.Getenv(childKind)
	if kind == "" {
		return
	}
	n, err := strconv.Atoi(os.Getenv(childCount))
	if err == nil {
		var m map[string]float64
		if m, err = children[kind](n); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(m)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// childMetric returns a benchmark that measures kind in a child process and
// reports one of its metrics.
func childMetric(kind string, n int, metric string) func(b *testing.B) {
	return func(b *testing.B) {
		var sum float64
		for range b.N {
			m, err := measureChild(kind, n)
			if err != nil {
				b.Fatal(err)
			}
			sum += m[metric]
		}
		b.ReportMetric(sum/float64(b.N), metric)
		b.ReportMetric(0, "ns/op") // of starting a process: means nothing
	}
}

func measureChild(kind string, n int) (map[string]float64, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childKind+"="+kind, childCount+"="+strconv.Itoa(n))
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("bench: measuring %s of %d: %w\n%s", kind, n, err, errs.Bytes())
	}
	var m map[string]float64
	if err := json.Unmarshal(out, &m); err != nil {
		return nil, fmt.Errorf("bench: measuring %s of %d: %w", kind, n, err)
	}
	return m, nil
}

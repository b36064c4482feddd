package bench

import (
	"time"

	"github.com/pinion-go/pinion/future"
)

func timerPairs() []Pair {
	const what = "a million sleeping timers, start and cancel"
	return []Pair{{
		Name: "TimerTime", What: what + ": time for each",
		Ours: Side{"SleepFuture", childMetric("timer-tasks", million, "ns/timer")}, Theirs: Side{"time.AfterFunc", childMetric("timer-funcs", million, "ns/timer")},
		Mark: 1.0 / 2, Unit: "ns/timer",
	}, {
		Name: "TimerMemory", What: what + ": memory for each, by RSS",
		Ours: Side{"SleepFuture", childMetric("timer-tasks", million, "B/timer")}, Theirs: Side{"time.AfterFunc", childMetric("timer-funcs", million, "B/timer")},
		Mark: 1.0 / 2, Unit: "B/timer",
	}}
}

// timerTasks sleeps in n tasks, and cancels them.
func timerTasks(n int) (map[string]float64, error) {
	l, err := future.NewLoop(future.Config{})
	if err != nil {
		return nil, err
	}
	tasks := make([]future.Task[future.SleepFuture], n)
	clear(tasks) // touched before the measurement: not to be counted
	before := settledRSS()
	start := time.Now()
	for i := range tasks {
		tasks[i] = future.Spawn(l, future.SleepAsync(time.Hour+time.Duration(i)))
	}
	if err := l.RunUntilIdle(); err != nil {
		return nil, err
	}
	spent := time.Since(start)
	rss := settledRSS() - before
	start = time.Now()
	for _, t := range tasks {
		t.Cancel()
	}
	if err := l.RunUntilIdle(); err != nil {
		return nil, err
	}
	for _, t := range tasks {
		t.Release()
	}
	spent += time.Since(start)
	return map[string]float64{
		"ns/timer": float64(spent.Nanoseconds()) / float64(n),
		"B/timer":  float64(rss) / float64(n),
	}, nil
}

// timerFuncs does the same with time.AfterFunc, whose function knows which timer
// has fired, as a future does.
func timerFuncs(n int) (map[string]float64, error) {
	timers := make([]*time.Timer, n)
	fired := make([]bool, n)
	clear(timers)
	before := settledRSS()
	start := time.Now()
	for i := range timers {
		timers[i] = time.AfterFunc(time.Hour+time.Duration(i), func() { fired[i] = true })
	}
	spent := time.Since(start)
	rss := settledRSS() - before
	start = time.Now()
	for _, t := range timers {
		t.Stop()
	}
	spent += time.Since(start)
	return map[string]float64{
		"ns/timer": float64(spent.Nanoseconds()) / float64(n),
		"B/timer":  float64(rss) / float64(n),
	}, nil
}

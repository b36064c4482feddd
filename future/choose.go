package future

import "fmt"

// Choose is the seam for an explorer: a loop that is given one asks it at every
// point where more than one thing may rightly happen next. It returns a number in
// [0, n), n >= 2. A loop without one takes the oldest task, and rotates where
// fairness asks for it.
type Choose func(point ChoicePoint, n int) int

// ChoicePoint names what is being chosen.
type ChoicePoint uint8

const (
	ChooseTask       ChoicePoint = iota // which of n queued tasks is polled next
	ChooseBranch                        // which of n branches of a select or race is polled first
	ChooseWaiter                        // which of n waiters is woken
	ChooseCompletion                    // which of n things a simulated kernel does next
)

var choicePoints = [...]string{"task", "branch", "waiter", "completion"}

func (p ChoicePoint) String() string {
	if int(p) < len(choicePoints) {
		return choicePoints[p]
	}
	return "unknown"
}

// decide asks the explorer.
func (l *Loop) decide(point ChoicePoint, n int) int {
	i := l.choose(point, n)
	if i < 0 || i >= n {
		panic(fmt.Sprintf("future: Choose(%v, %d) returned %d, which is not in [0, %d)", point, n, i, n))
	}
	return i
}

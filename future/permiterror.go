package future

import "fmt"

// PermitError says that a [Mutex], [RWMutex] or [Semaphore] was asked for
// something impossible. [Semaphore.Acquire] returns it; giving back what is not
// held, and numbers below 0, panic with it, since then the state is not what the
// program takes it for. Unlike those of package sync the panic can be recovered;
// nothing has been changed.
type PermitError struct {
	Op   string  // the call, as in "Semaphore.Release"
	Addr uintptr // of what it was called on
	N    int     // how many permits the call is about; 1 for a Mutex
	Have int     // how many were held at the most; for an Acquire, how many there are
}

func (e *PermitError) Error() string {
	op := fmt.Sprintf("future: %s at %#x", e.Op, e.Addr)
	if e.Addr == 0 {
		op = "future: " + e.Op
	}
	if e.N < 0 {
		return fmt.Sprintf("%s: %d is not a number of permits; it must be 0 or more", op, e.N)
	}
	switch e.Op {
	case "Semaphore.Acquire":
		return fmt.Sprintf("%s: %d of %d permits were asked for, which would wait for ever; ask for fewer", op, e.N, e.Have)
	case "Semaphore.Release":
		return fmt.Sprintf("%s: %d permits were given back and %d were held; release what was acquired, once", op, e.N, e.Have)
	case "NewSemaphore":
		return fmt.Sprintf("%s: %d permits are too many; %d is the most", op, e.N, e.Have)
	}
	return op + ": it is not locked in this way; unlock once for each lock"
}

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
	at := fmt.Sprintf("future: %s at %#x", e.Op, e.Addr)
	switch e.Op {
	case "Mutex.Unlock", "RWMutex.Unlock", "RWMutex.RUnlock":
		return at + ": it is not locked in this way; unlock once for each lock"
	case "Semaphore.Release":
		return fmt.Sprintf("%s: %d permits were given back and %d were held; release what was acquired, once", at, e.N, e.Have)
	}
	if e.N < 0 {
		return fmt.Sprintf("%s: %d is not a number of permits; it must be 0 or more", at, e.N)
	}
	return fmt.Sprintf("%s: %d of %d permits were asked for, which would wait for ever; ask for fewer", at, e.N, e.Have)
}

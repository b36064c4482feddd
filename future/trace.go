package future

import "context"

// traceContext carries the regions of polls in the execution trace: each poll is
// a region of the loop's goroutine, named after the task.
var traceContext = context.Background()

package frame

// Box returns a pointer to a new variable with the value v: what a local becomes
// that may outlive the call which declares it.
func Box[T any](v T) *T { return &v }

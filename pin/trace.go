package pin

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

// ownPackage is the prefix of the names of this package's functions.
var ownPackage = reflect.TypeFor[header]().PkgPath() + "."

// callers returns the call stack of New, of which the innermost 16 frames have to do.
func callers() []uintptr {
	var pcs [16]uintptr
	n := runtime.Callers(2, pcs[:])
	return append([]uintptr(nil), pcs[:n]...)
}

// formatCallers prints a call stack from the first frame outside this package on, a frame a line.
func formatCallers(pcs []uintptr) string {
	if len(pcs) == 0 {
		return ""
	}
	var b strings.Builder
	frames := runtime.CallersFrames(pcs)
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		if b.Len() == 0 && strings.HasPrefix(f.Function, ownPackage) && !strings.HasSuffix(f.File, "_test.go") {
			continue
		}
		fmt.Fprintf(&b, "%s %s:%d\n", f.Function, f.File, f.Line)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

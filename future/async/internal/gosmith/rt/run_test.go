package rt

import (
	"strings"
	"testing"
)

func TestDiffOfACrashIsWhatTheProcessSaid(t *testing.T) {
	o := Outcome{Program: "p1", Schedule: "crash", Got: []string{"fatal error: stack overflow"}, Done: true}
	if d := o.Diff(); !strings.Contains(d, o.Got[0]) {
		t.Errorf("the difference is %q", d)
	}
}

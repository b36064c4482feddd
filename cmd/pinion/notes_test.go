package main

import "testing"

func TestAsyncSaysWithVWhyLocalsAreBoxed(t *testing.T) {
	userModule(t, map[string]string{"a/a.go": `package a

import "github.com/pinion-go/pinion/future"

//pinion:async
func F() {
	var pinionShadow int
	p := &pinionShadow
	future.Yield()
	*p++
}
`})
	const want = "example.com/m/a: locals are boxed, as the package uses names that begin with pinionShadow\n"
	if status, out, err := pinion(t, "", "async", "-v", "./a"); status != exitOK || out != "" || err != want {
		t.Errorf("status %d, standard output %q, standard error %q, want %q", status, out, err, want)
	}
	if _, _, err := pinion(t, "", "async", "./a"); err != "" {
		t.Errorf("without -v it says %q", err)
	}
}

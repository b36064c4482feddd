package main

import (
	"strings"
	"testing"
)

func TestAProgramsOwnErrorsEndWhereTheTraceBegins(t *testing.T) {
	for _, test := range []struct{ name, stderr, want string }{
		{"nothing", "", ""},
		{"no crash", "a 0x12\nb\n", "a 0x12\nb\n"},
		{"panic", "out\npanic: boom\n\ngoroutine 1 [running]:\nmain.f()\n", "out\npanic: boom\n"},
		{"panic raised again", "panic: boom [recovered, repanicked]\n\ngoroutine 1 [running]:\n", "panic: boom\n"},
		{"locked goroutine", "panic: boom\n\ngoroutine 1 gp=0xc000002380 m=0 mp=0x5 [running]:\n", "panic: boom\n"},
		{"addresses", "panic: (main.T) (0x4a,0xc0)\n\ngoroutine 7 [running]:\n", "panic: (main.T) (0x…,0x…)\n"},
		{"signal", "panic: nil\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47]\n\ngoroutine 1 [running]:\n",
			"panic: nil\n[signal SIGSEGV: segmentation violation code=0x… addr=0x… pc=0x…]\n"},
		{"deadlock", "0x1\nfatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\n",
			"0x1\nfatal error: all goroutines are asleep - deadlock!\n"},
		{"out of memory", "fatal error: out of memory\n\nruntime stack:\nruntime.throw\n", "fatal error: out of memory\n"},
		{"the word alone", "do not panic: 0x1\n", "do not panic: 0x1\n"},
	} {
		if got := ownErrors(test.stderr); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestAnyVisibleDifferenceIsOne(t *testing.T) {
	of := func(status int, late bool, stdout, stderr string) outcome {
		k := newKept()
		k.Write([]byte(stdout))
		return outcome{status, late, string(k.text), stderr, k.hex()}
	}
	long := strings.Repeat("x", maxKept)
	for _, test := range []struct {
		name      string
		want, got outcome
		diff      string
	}{
		{"same", of(0, false, "a", "b"), of(0, false, "a", "b"), ""},
		{"status", of(0, false, "a", ""), of(2, false, "a", "panic: p\n"), "exit status 2, want 0; stderr:\npanic: p\n"},
		{"stdout", of(0, false, "a\nb\n", ""), of(0, false, "a\nc\n", ""), `stdout line 2 is "c", want "b"`},
		{"less", of(0, false, "a\nb", ""), of(0, false, "a", ""), `stdout line 2 is nothing, want "b"`},
		{"stderr", of(0, false, "", "a"), of(0, false, "", "b"), `stderr line 1 is "b", want "a"`},
		{"late", of(0, false, "", ""), of(0, true, "", ""), "did not end in time"},
		{"far", of(0, false, long+"a", ""), of(0, false, long+"b", ""), "stdout differs after what was kept of it"},
	} {
		if d := test.want.diff(test.got); d != test.diff {
			t.Errorf("%s: got %q, want %q", test.name, d, test.diff)
		}
	}
}

package aio_test

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/pinion-go/pinion/future/aio"
)

// TestADriverAskedForInVainEndsNobody who has blocking calls alone, and so asks for no runtime,
// which would say so.
func TestADriverAskedForInVainEndsNobody(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestBlockingCallsOfThisProcess$", "-test.v")
	cmd.Env = append(os.Environ(), "PINION_AIO_DRIVER=urign")
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS")) || !bytes.Contains(out, []byte(`no driver "urign"`)) || !bytes.Contains(out, []byte("using portable")) {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := aio.NewRuntime(aio.Options{Driver: "urign"}); err == nil {
		t.Error("a Runtime with a driver that there is not")
	}
}

// TestBlockingCallsOfThisProcess is run by TestADriverAskedForInVainEndsNobody.
func TestBlockingCallsOfThisProcess(t *testing.T) {
	if os.Getenv("PINION_AIO_DRIVER") != "urign" {
		return
	}
	r, w := newPipe(t)
	defer r.Close()
	if _, err := w.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	w.Close()
	p := make([]byte, 8)
	if n, err := r.Read(p); string(p[:n]) != "hello" {
		t.Error(n, err)
	}
}

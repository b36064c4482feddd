package streams

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
)

// Called from a goroutine, readStraight blocks and counts the same.
func TestReadStraightIsAnOrdinaryFunctionToo(t *testing.T) {
	for i, text := range texts() {
		src := BytesSource("text", text)
		f := newTestFeeder(t)
		s := &stream{run: f.run, src: &src, feeder: f, sizes: *rand.NewPCG(1, uint64(i))}
		served := make(chan struct{})
		f.run.served = make(chan struct{})
		go func() {
			defer close(served)
			f.serve()
		}()
		got, err := readStraight(s)
		close(f.run.served)
		<-served
		if want := simpleTally(text); got != want || err != nil {
			t.Errorf("text %d: %+v, %v, want %+v", i, got, err, want)
		}
		if err := f.close(); err != nil {
			t.Errorf("text %d: %v", i, err)
		}
	}
}

func TestReadStraightNoticesALineElsewhereThanInItsBuffer(t *testing.T) {
	buf := make([]byte, 100)
	for _, c := range []struct {
		line []byte
		want bool
	}{
		{buf, true}, {buf[50:60], true}, {buf[99:], true}, {buf[100:], true}, {nil, true},
		{make([]byte, 10), false}, {buf[:10:10][:0], true},
	} {
		if got := within(buf, c.line); got != c.want {
			t.Errorf("%d bytes: within is %v, want %v", len(c.line), got, c.want)
		}
	}
	if within(buf[:50], buf[49:51]) {
		t.Error("a line that leaves the buffer lies in it")
	}
	s := &stream{}
	if line := buf[:10]; &s.tampered(line)[0] != &line[0] {
		t.Error("a line is tampered with, and no fault was planted")
	}
	s.plant.Store(uint32(fault.Stale))
	if within(buf, s.tampered(buf[:10])) {
		t.Error("the planted fault is not committed")
	}
}

// Its variables lie in the future, which refers to itself by line, as the reader
// that is written by hand does.
func TestTheBufferOfReadStraightLiesInItsFuture(t *testing.T) {
	future := reflect.TypeFor[readStraightFuture]()
	buf, ok := future.FieldByName("buf")
	if !ok || buf.Type != reflect.TypeFor[[bufferSize]byte]() {
		t.Errorf("the field buf is a %v", buf.Type)
	}
}

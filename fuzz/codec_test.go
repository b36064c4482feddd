package fuzz

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var testTable = []opInfo{{"stop", 0}, {"new", 1}, {"move", 2}, {"write", 4}, {"go", 0}}

func randomSteps(rnd *rand.Rand, n int) []step {
	steps := make([]step, n)
	for i := range steps {
		steps[i].op = rnd.IntN(len(testTable))
		for k := range testTable[steps[i].op].args {
			steps[i].args[k] = byte(rnd.IntN(opBit))
		}
	}
	return steps
}

func randomBytes(rnd *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return b
}

var cmpSteps = cmp.AllowUnexported(step{})

func TestDecodeIsTheInverseOfEncode(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		want := randomSteps(rnd, rnd.IntN(30))
		input := encode(want, testTable)
		got := decode(input, testTable)
		if len(got) == 0 && len(want) == 0 {
			continue
		}
		if diff := cmp.Diff(want, got, cmpSteps); diff != "" {
			t.Fatalf("decode(%q) (-want +got):\n%s", input, diff)
		}
	}
}

func TestAnyBytesDecode(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		input := randomBytes(rnd, rnd.IntN(2000))
		steps := decode(input, testTable)
		if len(steps) > maxSteps {
			t.Fatalf("%d ops", len(steps))
		}
		for _, s := range steps {
			if s.op < 0 || s.op >= len(testTable) {
				t.Fatalf("op %d of %d", s.op, len(testTable))
			}
			for k, a := range s.args {
				if a >= opBit || k >= testTable[s.op].args && a != 0 {
					t.Fatalf("%s: argument %d is %d", testTable[s.op].name, k, a)
				}
			}
		}
		again := decode(encode(steps, testTable), testTable)
		if len(steps) > 0 && !slices.Equal(steps, again) {
			t.Fatalf("%q does not mean the same when it is encoded again", input)
		}
	}
}

func TestDecodeByHand(t *testing.T) {
	for _, c := range []struct{ input, want string }{
		{"", ""},
		{"\x01\x02\x03", ""},          // no opcode
		{"\x05\x80", "stop"},          // arguments of nobody
		{"\x81", "new 0"},             // a missing argument
		{"\x81\x07\x08\x09", "new 7"}, // too many
		{"\x82\x07\x82\x08\x09", "move 7 0; move 8 9"}, // the next opcode ends them
		{"\x85", "stop"}, // opcode 5 of 5 wraps round
		{"\xff\x7f", "move 127 0"},
	} {
		if got := strings.Join(formatAll(decode([]byte(c.input), testTable), testTable), "; "); got != c.want {
			t.Errorf("%q is %q, want %q", c.input, got, c.want)
		}
	}
}

// outside returns what differs between a and b, without what they have in common at the
// beginning and at the end.
func outside(a, b []step) (da, db []step) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}

func TestADamagedByteDisturbsAtMostTwoOps(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	damages := map[string]func(b []byte, i int) []byte{
		"change": func(b []byte, i int) []byte { b[i] = byte(rnd.Uint32()); return b },
		"flip":   func(b []byte, i int) []byte { b[i] ^= 1 << rnd.IntN(8); return b },
		"delete": func(b []byte, i int) []byte { return append(b[:i], b[i+1:]...) },
		"insert": func(b []byte, i int) []byte {
			return append(b[:i:i], append([]byte{byte(rnd.Uint32())}, b[i:]...)...)
		},
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			for range 2000 {
				input := randomBytes(rnd, 1+rnd.IntN(60))
				before := decode(input, testTable)
				damaged := damage(bytes.Clone(input), rnd.IntN(len(input)))
				was, is := outside(before, decode(damaged, testTable))
				if len(was) > 2 || len(is) > 2 {
					t.Fatalf("%q and %q: %v became %v", input, damaged, formatAll(was, testTable), formatAll(is, testTable))
				}
			}
		})
	}
}

func TestTextIsTheInverseOfParse(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for _, sep := range []string{";", "; ", "\n", " ;\n\n"} {
		for range 200 {
			want := randomSteps(rnd, 1+rnd.IntN(20))
			text := strings.Join(formatAll(want, testTable), sep)
			got, err := parse(text, testTable)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpSteps); diff != "" {
				t.Fatalf("%q (-want +got):\n%s", text, diff)
			}
		}
	}
}

func TestTextThatIsNoOpIsAnError(t *testing.T) {
	for text, why := range map[string]string{
		"jump":         "no op of that name",
		"new 1; new x": "argument x is not a number",
		"new 128":      "argument 128 is not a number",
		"new -1":       "argument -1 is not a number",
		"new 1 2":      "2 arguments, new takes 1",
		"stop 0":       "1 arguments, stop takes 0",
	} {
		_, err := parse(text, testTable)
		e, ok := errors.AsType[*OpsError](err)
		if !ok || !strings.Contains(e.Error(), why) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestPickIsInRange(t *testing.T) {
	for a := range byte(opBit) {
		args := Args{0, a}
		for n := -1; n < 200; n++ {
			if got := args.Pick(1, n); got < 0 || got >= max(n, 1) {
				t.Fatalf("Pick(%d of %d) = %d", a, n, got)
			}
		}
	}
}

func FuzzCodec(f *testing.F) {
	f.Add([]byte("\x81\x07\x08\x80\xff"))
	f.Fuzz(func(t *testing.T, input []byte) {
		steps := decode(input, testTable)
		text := strings.Join(formatAll(steps, testTable), ";")
		parsed, err := parse(text, testTable)
		if err != nil || fmt.Sprint(parsed) != fmt.Sprint(steps) {
			t.Fatalf("%q is %q, which is %v, %v", input, text, parsed, err)
		}
	})
}

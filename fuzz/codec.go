package fuzz

// opBit is set in a byte that is an opcode and clear in one that is an argument.
// As in UTF-8, whoever looks at a byte knows which it is: a byte that is
// changed, lost or inserted disturbs the op that it is part of and at most the
// one before, and the rest of the input means what it meant.
//
//	1ooooooo 0aaaaaaa 0aaaaaaa   1ooooooo   1ooooooo 0aaaaaaa ...
//	opcode   up to 4 arguments   the next op
const opBit = 0x80

// maxOps is the number of opcodes; maxSteps bounds the ops of one run, so that the
// fuzzer spends its time on different inputs rather than on long ones.
const (
	maxOps   = opBit
	maxSteps = 512
)

// A step is one decoded op.
type step struct {
	op   int // index in the table
	args Args
}

// An opInfo is what coding needs to know of an op.
type opInfo struct {
	name string
	args int // how many it takes
}

// decode returns the ops of any input. Opcodes beyond the table wrap round, so
// that every byte means something to a fuzzer that does not know the table;
// arguments that are missing are 0; those that are too many, and those before the
// first opcode, are skipped.
func decode(input []byte, table []opInfo) []step {
	var steps []step
	taken := 0
	for _, b := range input {
		if b&opBit != 0 {
			if len(steps) == maxSteps {
				break
			}
			steps = append(steps, step{op: int(b&^opBit) % len(table)})
			taken = 0
			continue
		}
		if len(steps) == 0 {
			continue
		}
		if s := &steps[len(steps)-1]; taken < table[s.op].args {
			s.args[taken] = b
			taken++
		}
	}
	return steps
}

// encode returns the shortest input that decodes to steps.
func encode(steps []step, table []opInfo) []byte {
	var out []byte
	for _, s := range steps {
		out = append(out, opBit|byte(s.op))
		n := table[s.op].args
		for n > 0 && s.args[n-1] == 0 {
			n--
		}
		out = append(out, s.args[:n]...)
	}
	return out
}

package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"

	"github.com/pinion-go/pinion/future/async"
)

var sizesCommand = command{
	name:  "sizes",
	args:  "[packages]",
	short: "print how large futures are, and what they hold",
	long: `Sizes compiles packages as async does, writes nothing, and prints the size of each
future, the largest first: its fields with the variables and children that live in each,
and the points where it waits, at which they are alive; what lies on the heap, and why;
and what it saves that variables share fields, and that most need none.

Where a child takes more than half of a future of more than 512 bytes, which waits for
other things too, and is called in no loop, //pinion:box at the end of the call's line
would make the future smaller for the time that the call does not last. Sizes names
such calls.
`,
	bind: bindSizes,
}

// sizesFlags are the flags of sizes.
type sizesFlags struct {
	max   int64
	json  bool
	tests bool
	tags  string
}

func bindSizes(fs *flag.FlagSet) func(context.Context, []string, stdio) int {
	var f sizesFlags
	fs.Int64Var(&f.max, "max", 0, "fail if a future takes more than `BYTES`; 0 is no limit")
	fs.BoolVar(&f.json, "json", false, "print one JSON object")
	fs.BoolVar(&f.tests, "tests", false, "measure the futures of test files too")
	fs.StringVar(&f.tags, "tags", "", "a `LIST` of build tags, as for the go command")
	return f.run
}

func (f *sizesFlags) run(ctx context.Context, args []string, std stdio) int {
	if f.max < 0 {
		complain(std.err, "sizes: -max %d is less than 0", f.max)
		return exitUsage
	}
	cfg := async.Config{Tests: f.tests, Frames: true, BuildFlags: buildFlags(f.tags)}
	res, status := compile(ctx, "sizes", "", cfg, args, std)
	if res == nil {
		return status
	}
	if len(res.Errors) > 0 {
		for _, e := range listed(res.Errors) {
			complainAt(std, e)
		}
		return exitFault
	}
	r := newSizesReport(res, f.max)
	var err error
	if f.json {
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "\t")
		err = enc.Encode(r)
	} else {
		err = r.table(std.out)
	}
	if err != nil {
		complain(std.err, "sizes: %v", err)
		return exitUsage
	}
	if !f.json {
		for _, n := range r.Notes {
			fmt.Fprintln(std.err, n)
		}
	}
	for _, fu := range r.Futures {
		if fu.Over > 0 {
			fmt.Fprintf(std.err, "%s: %s takes %s bytes, %s more than -max allows\n", fu.Declared, fu.Name, count(fu.Bytes), count(fu.Over))
			status = exitFault
		}
	}
	return status
}

// complainAt prints an error with its position.
func complainAt(std stdio, e asyncError) {
	if e.Way != "" {
		e.What += "; " + e.Way
	}
	fmt.Fprintf(std.err, "%s:%d:%d: %s\n", e.File, e.Line, e.Column, e.What)
}

// sizesReport is what sizes prints.
type sizesReport struct {
	Futures []sizeOfFuture `json:"futures"`
	Notes   []string       `json:"notes,omitempty"`
}

type sizeOfFuture struct {
	Name     string        `json:"name"` // of its type, with the path of its package
	Function string        `json:"function"`
	Declared string        `json:"declared"` // file:line
	Bytes    int64         `json:"bytes"`
	One      bool          `json:"one_size"`          // false if the size depends on type arguments; the figures are 0 then
	Saved    int64         `json:"saved_bytes"`       // by sharing fields, and by having none for what no suspension point sees
	Over     int64         `json:"over_by,omitempty"` // -max
	Fields   []sizeOfField `json:"fields"`
	Waits    []string      `json:"waits_at"` // file:line: what
	Boxed    []boxedThing  `json:"boxed"`
	Advice   []boxAdvice   `json:"advice"`
}

type sizeOfField struct {
	Name   string     `json:"name"`
	Type   string     `json:"type"`
	Bytes  int64      `json:"bytes"`
	Offset int64      `json:"offset"`
	Holds  []heldName `json:"holds"`
}

type heldName struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Alive []int  `json:"alive_at"` // indices of the future's waits_at
}

type boxedThing struct {
	Name string `json:"name"`
	At   string `json:"at"` // file:line
	Why  string `json:"why"`
}

type boxAdvice struct {
	Child string   `json:"child"`
	Calls []string `json:"calls"` // file:line
	Bytes int64    `json:"bytes"`
}

func newSizesReport(res *async.Result, limit int64) *sizesReport {
	r := &sizesReport{Futures: []sizeOfFuture{}, Notes: res.Notes}
	for i := range res.Frames {
		f := &res.Frames[i]
		s := sizeOfFuture{
			Name: f.Package + "." + f.Future, Function: f.Func, Declared: fileLine(f.Pos),
			Bytes: f.Size, One: !f.Generic, Saved: f.Apart - f.Size,
			Fields: []sizeOfField{}, Waits: []string{}, Boxed: []boxedThing{}, Advice: []boxAdvice{},
		}
		if limit > 0 && f.Size > limit {
			s.Over = f.Size - limit
		}
		for _, field := range f.Fields {
			out := sizeOfField{field.Name, field.Type, field.Size, field.Offset, []heldName{}}
			for _, h := range field.Holds {
				out.Holds = append(out.Holds, heldName{h.Name, h.Kind, append([]int{}, h.Awaits...)})
			}
			s.Fields = append(s.Fields, out)
		}
		for _, a := range f.Awaits {
			s.Waits = append(s.Waits, fileLine(a.Pos)+": "+a.What)
		}
		for _, b := range f.Boxed {
			s.Boxed = append(s.Boxed, boxedThing{b.Name, fileLine(b.Pos), b.Why})
		}
		for _, a := range f.Advice {
			out := boxAdvice{Child: a.Child, Bytes: a.Bytes}
			for _, p := range a.Calls {
				out.Calls = append(out.Calls, fileLine(p))
			}
			s.Advice = append(s.Advice, out)
		}
		r.Futures = append(r.Futures, s)
	}
	return r
}

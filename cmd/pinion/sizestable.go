package main

import (
	"bytes"
	"fmt"
	"go/token"
	"io"
	"strings"
)

func fileLine(p token.Position) string { return fmt.Sprintf("%s:%d", short(p.Filename), p.Line) }

// table prints the report for people: a table of all futures, and below it what
// each consists of.
func (r *sizesReport) table(w io.Writer) error {
	if len(r.Futures) == 0 {
		return nil
	}
	var b bytes.Buffer
	rows := [][]string{{"bytes", "saved", "boxed", "future", "declared"}}
	for _, f := range r.Futures {
		rows = append(rows, []string{f.bytes(f.Bytes), f.bytes(f.Saved), count(int64(len(f.Boxed))), f.Name, f.Declared})
	}
	align(&b, "", 3, rows)
	for _, f := range r.Futures {
		f.details(&b)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// bytes writes a size, or that there is none.
func (f *sizeOfFuture) bytes(n int64) string {
	if !f.One {
		return "-"
	}
	return count(n)
}

// details prints what a future consists of.
func (f *sizeOfFuture) details(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n%s of %s, %s: ", f.Name, f.Function, f.Declared)
	if !f.One {
		b.WriteString("the size depends on the type arguments\n")
	} else {
		fmt.Fprintf(b, "%s bytes\n", count(f.Bytes))
	}
	rows := [][]string{{"bytes", "field", "holds", "alive at"}}
	rest := f.Bytes
	for _, field := range f.Fields {
		rest -= field.Bytes
		first := []string{f.bytes(field.Bytes), field.Name}
		if len(field.Holds) == 0 {
			rows = append(rows, append(first, "state of the future"))
		}
		for _, h := range field.Holds {
			what := h.Kind
			if h.Name != h.Kind { // a result without a name is called result
				what += " " + h.Name
			}
			rows = append(rows, append(first, what, points(h.Alive)))
			first = []string{"", ""}
		}
	}
	if rest > 0 {
		rows = append(rows, []string{count(rest), "", "padding"})
	}
	align(b, "  ", 1, rows)
	for i, at := range f.Waits {
		fmt.Fprintf(b, "  waits at %d: %s\n", i+1, at)
	}
	if f.Saved > 0 {
		fmt.Fprintf(b, "  saved: with a field for each local and each call it would take %s bytes, %s more\n", count(f.Bytes+f.Saved), count(f.Saved))
	}
	for _, x := range f.Boxed {
		fmt.Fprintf(b, "  boxed: %s, %s: %s\n", x.Name, x.At, x.Why)
	}
	for _, a := range f.Advice {
		fmt.Fprintf(b, "  //pinion:box at %s would take %s out of the frame: %s bytes\n", strings.Join(a.Calls, " and "), a.Child, count(a.Bytes))
	}
}

// points lists suspension points by their numbers, from 1.
func points(list []int) string {
	var s []string
	for _, n := range list {
		s = append(s, fmt.Sprint(n+1))
	}
	return strings.Join(s, " ")
}

// align prints rows in columns, the first right of which are right-aligned, each
// as wide as it must be.
func align(b *bytes.Buffer, indent string, right int, rows [][]string) {
	var width []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		line := indent
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-len([]rune(cell)))
			if i > 0 {
				line += "  "
			}
			if i < right {
				line += pad + cell
			} else {
				line += cell + pad
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A report is the outcome of a run of the tool.
type report struct {
	Total     int      `json:"total"`
	Excluded  int      `json:"excluded"`
	Rejected  int      `json:"rejected"`
	Different int      `json:"different"`
	Same      int      `json:"same"`
	Wrong     int      `json:"wrong"` // results that the lists do not account for
	Left      int      `json:"left"`  // programs for which there was no time
	Seconds   float64  `json:"seconds"`
	Results   []result `json:"results"`
}

func (r *report) add(results []result) {
	for _, res := range results {
		r.Total++
		switch res.Verdict {
		case exclude:
			r.Excluded++
		case reject:
			r.Rejected++
		case different:
			r.Different++
		case same:
			r.Same++
		}
		if res.Wrong {
			r.Wrong++
		}
	}
	r.Results = append(r.Results, results...)
}

func (r *report) sort() {
	slices.SortFunc(r.Results, func(a, b result) int { return cmp.Compare(a.Name, b.Name) })
}

func (r *report) line() string {
	return fmt.Sprintf("%d programs: %d same, %d different, %d rejected, %d excluded", r.Total, r.Same, r.Different, r.Rejected, r.Excluded)
}

// text writes what the lists do not account for, then the counts. Of those that
// are neither excluded nor rejected, all are to be the same.
func (r *report) text(w io.Writer) {
	wrong(w, r.Results)
	fmt.Fprintln(w, r.line())
	if r.Left > 0 {
		fmt.Fprintf(w, "%d programs are left\n", r.Left)
	}
	if subjects := r.Total - r.Excluded; subjects > 0 {
		fmt.Fprintf(w, "%.1f %% of those not excluded compile, in %.0f s\n", 100*float64(subjects-r.Rejected)/float64(subjects), r.Seconds)
	}
}

func wrong(w io.Writer, results []result) {
	for _, res := range results {
		if res.Wrong {
			fmt.Fprintf(w, "%s: %s: %s\n", res.Name, res.Verdict, strings.TrimSpace(res.Detail))
		}
	}
}

func (r *report) json(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "\t")
	return enc.Encode(r)
}

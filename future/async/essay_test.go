package async

import (
	"slices"
	"strings"
	"testing"
)

// The frame that the package comment draws is the one that its case has.
func TestEssayShowsTheFrameThatIsGenerated(t *testing.T) {
	const begin = "type SumFuture struct {"
	drawn, generated := string(readFile(t, "doc.go")), string(readFile(t, goldenDir, "overview.txt"))
	var want []string
	for line := range strings.Lines(generated[strings.Index(generated, begin)+len(begin):]) {
		if line == "}\n" {
			break
		}
		want = append(want, strings.Fields(line)...)
	}
	var got []string
	for line := range strings.Lines(drawn[strings.Index(drawn, begin)+len(begin):]) {
		if strings.TrimSpace(line) == "}" {
			break
		}
		if fields := strings.Fields(line); len(fields) >= 2 {
			got = append(got, fields[len(fields)-2:]...)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the package comment draws the fields %q, generated are %q", got, want)
	}
}

package async

import (
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

func TestLeaksAreReportedWithTheirPaths(t *testing.T) {
	t.Parallel()
	dir, err := filepath.Abs("testdata/leak")
	if err != nil {
		t.Fatal(err)
	}
	var pkgs []string
	for _, pkg := range []string{"helper", "serve", "limits", "silent", "locks", "table"} {
		pkgs = append(pkgs, "example.com/"+pkg)
	}
	analysistest.Run(t, dir, LeakAnalyzer, pkgs...)
}

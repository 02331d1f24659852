package figures

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the table of docs/which-loss.md")

// TestWhichLossDocument: the table of docs/which-loss.md is that of the committed results.
func TestWhichLossDocument(t *testing.T) {
	table, err := WhichLoss(filepath.Join("..", "results", "losses"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "docs", "which-loss.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- which loss -->\n", "<!-- end -->\n"
	before, rest, found := strings.Cut(string(text), begin)
	old, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no table between %q and %q", path, begin, end)
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+table.Markdown()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if old != table.Markdown() {
		t.Errorf("the table of docs/which-loss.md is not that of the results; run go test ./notebooks/figures -run WhichLossDocument -update")
	}
}

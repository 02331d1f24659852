package house

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// quoted is a block of README.md that repeats a committed file: <!-- FILE -->, a fence, <!-- end -->.
var quoted = regexp.MustCompile("(?s)<!-- (\\S+) -->\n```\\w*\n(.*?)```\n<!-- end -->")

// TestREADMEResults: measured numbers in README.md are those of the committed logs.
func TestREADMEResults(t *testing.T) {
	blocks := quoted.FindAllStringSubmatch(documents(t)[filepath.Join(root, "README.md")], -1)
	if len(blocks) == 0 {
		t.Fatal("README.md quotes no committed results")
	}
	for _, block := range blocks {
		want, err := os.ReadFile(filepath.Join(root, block[1]))
		if err != nil {
			t.Error(err)
		} else if string(want) != block[2] || len(want) == 0 {
			t.Errorf("README.md quotes %s as\n%s, the file holds\n%s", block[1], block[2], want)
		}
	}
}

package notebooks_test

import (
	"path/filepath"
	"testing"

	"github.com/gogan-ml/gogan/internal/ipynb"
)

// Bounds of what a committed notebook may hold: a dozen pictures, loaded at once by every site that shows notebooks.
const (
	maxCell     = 600_000 // bytes of the outputs of one cell
	maxNotebook = 2_000_000
)

// TestNotebooksAreClean looks at the notebooks as they are committed.
func TestNotebooksAreClean(t *testing.T) {
	paths, err := filepath.Glob("*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		nb, err := ipynb.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range nb.Lint(maxCell, maxNotebook) {
			t.Errorf("%s: %s", path, fault)
		}
	}
}

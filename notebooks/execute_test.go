package notebooks_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gogan-ml/gogan/internal/fakerun"
	"github.com/gogan-ml/gogan/internal/home"
	"github.com/gogan-ml/gogan/internal/ipynb"
	"github.com/gogan-ml/gogan/internal/notebookrun"
)

// limit is how long one notebook may take in its small setting.
const limit = 45 * time.Second

// requireJupyter skips a test where `make setup` was not run; in continuous integration that is a failure.
func requireJupyter(t *testing.T) (root string) {
	t.Helper()
	root, ok := home.Repository()
	if !ok {
		t.Fatal("the test does not run in a clone")
	}
	if err := notebookrun.Ready(root); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return root
}

// execute executes a notebook in its small setting, with its runs below runs, and fails the test if that takes too long
// or leaves a trace of failure.
func execute(t *testing.T, path, runs string) *ipynb.Notebook {
	t.Helper()
	start := time.Now()
	nb, err := notebookrun.Execute(t.Context(), notebookrun.Options{
		Root:     requireJupyter(t),
		Notebook: path,
		Output:   filepath.Join(t.TempDir(), filepath.Base(path)),
		Env:      []string{"GOGAN_SMOKE=1", "GOGAN_RUNS=" + runs},
		Progress: func(e notebookrun.Event) {
			if e.Ended {
				t.Logf("cell %d of %d: %.1f s", e.Cell+1, e.Cells, e.After.Seconds())
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > limit {
		t.Errorf("%s took %v in its small setting; at most %v", filepath.Base(path), took.Round(time.Second), limit)
	}
	return nb
}

// TestNotebooks runs every notebook of the library from top to bottom.
func TestNotebooks(t *testing.T) {
	paths, err := filepath.Glob("*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(path, ".ipynb"), func(t *testing.T) {
			execute(t, path, filepath.Join(t.TempDir(), "runs"))
		})
	}
}

// TestViews runs the fixture, which shows everything that this package can show, and looks at what stays.
func TestViews(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "runs with a space")
	if err := fakerun.Make(filepath.Join(runs, "fake"), 20); err != nil {
		t.Fatal(err)
	}
	nb := execute(t, filepath.Join("testdata", "viewing.ipynb"), runs)
	// By cell: what kind of outputs it leaves. The live blocks leave one text, no picture and nothing empty.
	want := []string{"", "", "", "image/png", "image/png", "image/png", "text/html", "", "text/html", "",
		"image/png image/png", "text/html image/png image/png"}
	var got []string
	for _, cell := range nb.Cells {
		var kinds []string
		for _, out := range cell.Outputs {
			for mime := range out.Data {
				kinds = append(kinds, mime)
			}
			if out.Type == "stream" {
				kinds = append(kinds, fmt.Sprintf("%s %q", out.Name, out.Text))
			}
		}
		got = append(got, strings.Join(kinds, " "))
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("outputs by cell:\ngot  %q\nwant %q", got, want)
		}
	}
	const block = "<p><b>dcgan on discs</b>: 20k images · 0:25 · 800 img/s · nothing · loss of D 1.4"
	if text := nb.Cells[8].Outputs[0].Data["text/html"]; !strings.HasPrefix(text, block) || !strings.Contains(text, "<br>a note") {
		t.Errorf("the live block leaves %q, want %q and so on", text, block)
	}
}

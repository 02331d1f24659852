package house

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gogan-ml/gogan"

// all lets a package import every other one of the library.
const all = "*"

// arrows says what each package of the library may import from it, as docs/design.md draws it. Packages below internal/,
// and those below a package itself, need no arrow.
var arrows = map[string][]string{
	"weights":               {},
	"blocks":                {},
	"accel":                 {},
	"accel/install":         {},
	"datasets/imaging":      {},
	"datasets/audio":        {"datasets/imaging"},
	"metrics/stats":         {"weights"},
	"extractors":            {"blocks", "weights", "accel", "datasets/imaging"},
	"metrics":               {"extractors", "extractors/inception", "extractors/fashioncnn", "accel", "weights", "metrics/stats", "datasets/imaging"},
	"extractors/inception":  {"extractors", "blocks", "weights", "accel", "datasets/imaging"},
	"extractors/fashioncnn": {"extractors", "blocks", "weights", "accel", "datasets/imaging"},
	"metrics/sounds":        {"metrics/stats", "datasets/audio"},
	"gan/run":               {"weights", "metrics/stats", "datasets/imaging", "datasets/audio"},
	"datasets":              {"datasets/imaging", "weights"},
	"datasets/sound":        {"datasets/audio"},
	"gan":                   {"gan/run", "blocks", "weights", "accel", "datasets/imaging", "datasets/audio", "metrics/stats"},
	"gan/toy":               {"gan", "gan/run", "blocks", "weights", "accel", "metrics/stats"},
	"cyclegan":              {"gan", "gan/run", "blocks", "weights", "accel", "datasets/imaging"},
	"":                      {"gan", "cyclegan", "weights"},
	"notebooks/figures":     {"gan/run", "metrics/stats"},
	"notebooks":             {"notebooks/figures", "gan/run", "metrics/stats", "datasets/imaging", "datasets/audio"},
	"notebooks/lab": {"notebooks", "notebooks/figures", "", "gan", "metrics", "metrics/sounds", "metrics/stats", "datasets", "datasets/imaging",
		"datasets/sound"},
	"cmd/gogan": {all},
	"bench":     {all},
}

// neverFrom are packages that commands must not import, in spite of [all].
var neverFrom = map[string][]string{"cmd/gogan": {"notebooks", "notebooks/lab"}}

// light packages link no GoMLX, not even through others: a cell that only looks, a server that only reads files and the
// set-up compile in a moment.
var light = []string{"weights", "datasets/imaging", "datasets/audio", "metrics/stats", "gan/run", "notebooks/figures", "notebooks",
	"accel/install", "internal/setup", "internal/home", "internal/fetch"}

// only says which packages may import something from outside, by the beginning of its path.
var only = map[string][]string{
	"github.com/janpfeifer/gonb": {"notebooks"},
	"gonum.org/v1/plot":          {"notebooks/figures"},
	"gonum.org/v1/gonum":         {"metrics/stats", "metrics/stats/internal/linalg", "datasets/audio"},
	"github.com/spf13/cobra":     {"cmd/gogan"},
	"github.com/schollz":         {"cmd/gogan"},
	"github.com/chromedp":        {}, // tests only
}

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// packages returns the packages of the library by their path in it, "" being the root.
func packages(t *testing.T) map[string]pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...")
	cmd.Dir = "../.."
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]pkg{}
	for decoder := json.NewDecoder(strings.NewReader(string(output))); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		if path, ok := inModule(p.ImportPath); ok && !strings.HasPrefix(path, "out/") { // out/ is ignored by git
			out[path] = p
		}
	}
}

// inModule returns the path of a package in the library.
func inModule(importPath string) (path string, ok bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// owner returns the package of the table that a package belongs to: itself, or the one whose internal part it is.
func owner(path string) string {
	before, _, found := strings.Cut("/"+path, "/internal/")
	if !found {
		return path
	}
	return strings.TrimPrefix(before, "/")
}

func TestArrowsPointDown(t *testing.T) {
	found := packages(t)
	for path, p := range found {
		if strings.HasPrefix(path, "internal/") {
			continue
		}
		from := owner(path)
		allowed, known := arrows[from]
		if !known {
			t.Errorf("%s has no arrows: add it to docs/design.md and to this test", path)
			continue
		}
		for _, imported := range p.Imports {
			to, ok := inModule(imported)
			if !ok || strings.HasPrefix(to, "internal/") || owner(to) == from || to != "" && strings.HasPrefix(to, from+"/internal/") {
				continue
			}
			if from == "accel" && to == "accel/install" { // a part of accel that links less
				continue
			}
			if slices.Contains(neverFrom[from], to) || !slices.Contains(allowed, to) && !slices.Contains(allowed, all) {
				t.Errorf("%s imports %s: docs/design.md has no such arrow", path, name(to))
			}
		}
	}
	for path := range arrows {
		if _, ok := found[path]; !ok && path != "bench" {
			t.Errorf("%s has arrows and does not exist", name(path))
		}
	}
}

func name(path string) string {
	if path == "" {
		return "gogan"
	}
	return path
}

func TestLightPackagesLinkNoGoMLX(t *testing.T) {
	found := packages(t)
	for _, path := range light {
		p, ok := found[path]
		if !ok {
			t.Errorf("%s does not exist", path)
		}
		for _, dep := range p.Deps {
			if strings.HasPrefix(dep, "github.com/gomlx/") {
				t.Errorf("%s links %s", path, dep)
			}
		}
	}
}

func TestLibrariesOfOnePackage(t *testing.T) {
	for path, p := range packages(t) {
		for _, imported := range p.Imports {
			for prefix, allowed := range only {
				if strings.HasPrefix(imported, prefix) && !slices.Contains(allowed, path) {
					t.Errorf("%s imports %s; only %v may", path, imported, allowed)
				}
			}
		}
	}
}

// The rules hold for nothing if the list of packages is wrong.
func TestOwner(t *testing.T) {
	for path, want := range map[string]string{"gan": "gan", "": "", "datasets/imaging/internal/jpeg": "datasets/imaging",
		"internal/home": "", "accel/internal/quiet": "accel"} {
		if got := owner(path); got != want {
			t.Errorf("owner(%q) = %q, want %q", path, got, want)
		}
	}
}

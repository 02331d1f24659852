package notebooks

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/fakerun"
	"github.com/gogan-ml/gogan/metrics/stats"
)

func TestWatchShowsCurvesAndGrid(t *testing.T) {
	dir := t.TempDir() + "/a run"
	if err := fakerun.Make(dir, 10); err != nil {
		t.Fatal(err)
	}
	d, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	summary, err := d.Summary()
	if err != nil {
		t.Fatal(err)
	}
	html := watchHTML(d, summary)
	if got := strings.Count(html, "<img "); got != 2 {
		t.Errorf("the block has %d pictures, want curves and grid", got)
	}
	wantTexts(t, html, "dcgan", "10k images", "loss of D 1.")
	summary.Findings = []run.Finding{{Kind: run.DWon, Text: "D has won: <sure>"}}
	wantTexts(t, watchHTML(d, summary), "D has won: &lt;sure&gt;")
}

func TestScoreTable(t *testing.T) {
	html := scoreTable([]stats.Result{{Name: "fid", Value: 12.345, Std: 0.5, StdOf: "seeds", CI: [2]float64{11, 13.5},
		NReal: 100, NFake: 50, Extractor: "inception-2015", WeightsSHA256: "ab", Preprocess: "<tf1>", Seed: 2020}})
	wantTexts(t, html, "<td>fid</td>", "<td>12.35 ± 0.5 (seeds)</td>", "<td>11 to 13.5</td>", "<td>100</td><td>50</td>",
		"inception-2015 (weights not the published ones)", "&lt;tf1&gt;")
}

func TestDirAndScale(t *testing.T) {
	t.Setenv(EnvRuns, "")
	t.Setenv(EnvSmoke, "")
	if got := Dir("a"); got != "runs/a" {
		t.Errorf("Dir: %q", got)
	}
	if Scale(100, 1) != 100 {
		t.Error("the full setting was scaled")
	}
	t.Setenv(EnvRuns, "/elsewhere")
	t.Setenv(EnvSmoke, "1")
	if got := Dir("a"); got != "/elsewhere/a" {
		t.Errorf("Dir: %q", got)
	}
	if Scale(100, 1) != 1 {
		t.Error("the small setting was not used")
	}
}

func TestMEndsWithOneLine(t *testing.T) {
	if os.Getenv("GOGAN_TEST_M") == "1" {
		M(nil)
		M1(0, errors.New("run: it is locked:\n  by another"))
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestMEndsWithOneLine$")
	cmd.Env = append(os.Environ(), "GOGAN_TEST_M=1")
	output, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("the process ended with %v, want exit status 1", err)
	}
	if got, want := string(output), "run: it is locked: by another\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A viewing cell must link in about a second; GoMLX and its plugins take several.
func TestLinksNoGoMLX(t *testing.T) {
	output, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(output))
	if !slices.Contains(deps, "github.com/janpfeifer/gonb/gonbui") {
		t.Fatal("the list of dependencies is not that of this package")
	}
	for _, dep := range deps {
		if strings.HasPrefix(dep, "github.com/gomlx/") {
			t.Errorf("links %s", dep)
		}
	}
}

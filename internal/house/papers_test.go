package house

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/cyclegan"
	"github.com/gogan-ml/gogan/gan"
)

var (
	arxiv = regexp.MustCompile(`(?i)arxiv(?:\.org/(?:abs|pdf)/|:? ?)(\d{4}\.\d{4,5})`)
	// named are presets in a cell of a table: preset `a`, presets `a`, `b`.
	named = regexp.MustCompile("\\bpresets? ((?:`[^`]+`(?:, )?)+)")
)

// cited returns the arXiv ids in the code and notebooks, with a file that cites each.
func cited(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (name == "out" || name == "runs" || len(name) > 2 && name[0] == '.') {
			return filepath.SkipDir
		}
		if !slices.Contains([]string{".go", ".py", ".ipynb"}, filepath.Ext(path)) {
			return nil
		}
		data, err := os.ReadFile(path)
		for _, match := range arxiv.FindAllStringSubmatch(string(data), -1) {
			out[match[1]] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPapers: docs/papers.md has the papers that code and notebooks cite, and no others, and knows every preset.
func TestPapers(t *testing.T) {
	text := documents(t)[filepath.Join(root, "docs", "papers.md")]
	listed := map[string]int{}
	for _, match := range arxiv.FindAllStringSubmatch(text, -1) {
		listed[match[1]]++
	}
	found := cited(t)
	for _, id := range slices.Sorted(maps.Keys(found)) {
		if listed[id] == 0 {
			t.Errorf("%s cites arXiv %s, which docs/papers.md does not have", found[id], id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(listed)) {
		if found[id] == "" {
			t.Errorf("docs/papers.md has arXiv %s, which nothing cites", id)
		}
		if listed[id] > 1 {
			t.Errorf("docs/papers.md has arXiv %s %d times", id, listed[id])
		}
	}
	var presets []string
	for _, match := range named.FindAllStringSubmatch(text, -1) {
		for _, name := range strings.Split(match[1], ", ") {
			if name = strings.Trim(name, "` "); name != "" {
				presets = append(presets, name)
			}
		}
	}
	slices.Sort(presets)
	if want := slices.Sorted(slices.Values(slices.Concat(cyclegan.PresetNames(), gan.PresetNames()))); !slices.Equal(presets, want) {
		t.Errorf("docs/papers.md has the presets\n%v, there are\n%v", presets, want)
	}
}

// TestIDsAreFound: the pattern of the test above.
func TestIDsAreFound(t *testing.T) {
	for text, want := range map[string]string{
		"// see https://arxiv.org/abs/1406.2661.": "1406.2661", "arXiv 2004.05675).": "2004.05675", "arXiv:1708.07747": "1708.07747",
		"(https://arxiv.org/pdf/2501.05441v1)": "2501.05441", "1406.2661": "", "arXiv preprint": "",
	} {
		got := ""
		if match := arxiv.FindStringSubmatch(text); match != nil {
			got = match[1]
		}
		if got != want {
			t.Errorf("%q cites %q, want %q", text, got, want)
		}
	}
}

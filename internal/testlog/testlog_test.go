package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// module writes a module with the given files and returns its directory.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module example.com/m\n\ngo 1.27\n"
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// goTest runs go test in dir and returns its standard output.
func goTest(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"test", "-p", "1", "-vet=off"}, append(args, "./...")...)...)
	cmd.Dir = dir
	output, err := cmd.Output()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		t.Fatal(err)
	}
	return string(output)
}

func TestPrintsWhatGoTestPrints(t *testing.T) {
	dir := module(t, map[string]string{
		"a/a_test.go": "package a\nimport (\"fmt\"; \"testing\")\n" +
			"func TestA(t *testing.T) { fmt.Println(\"noise\"); t.Log(\"more noise\"); t.Run(\"sub\", func(t *testing.T) {}) }\n",
		"b/b_test.go": "package b\nimport \"testing\"\nfunc TestB(t *testing.T) { t.Skip(\"no reason\") }\n",
		"c/c.go":      "package c\n",
	})
	goTest(t, dir) // the second run takes the result from the cache and says so
	want := goTest(t, dir)
	r, err := read(strings.NewReader(goTest(t, dir, "-json")), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	r.print(&got)
	// The events are another mode of go test, with a cache of its own.
	same := regexp.MustCompile(`\t(\(cached\)|[0-9.]+s)`)
	if g, w := same.ReplaceAllString(got.String(), "\ttime"), same.ReplaceAllString(want, "\ttime"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
	if r.failed {
		t.Error("a run without failure failed")
	}
	if want := []string{"example.com/m/b TestB: b_test.go:3: no reason"}; !slices.Equal(r.skipped, want) {
		t.Errorf("skipped %q, want %q", r.skipped, want)
	}
	if want := []string{"example.com/m/a TestA", "example.com/m/b TestB"}; len(r.tests) != 2 ||
		r.tests[0].name != want[0] || r.tests[1].name != want[1] {
		t.Errorf("tests %v, want %v", r.tests, want)
	}
}

func TestShowsFailures(t *testing.T) {
	dir := module(t, map[string]string{
		"a/a_test.go": "package a\nimport (\"fmt\"; \"testing\")\n" +
			"func TestGood(t *testing.T) { t.Log(\"quiet\") }\n" +
			"func TestBad(t *testing.T) { fmt.Println(\"printed\"); t.Run(\"sub\", func(t *testing.T) { t.Error(\"is wrong\") }) }\n",
		"b/b_test.go": "package b\nimport \"testing\"\nfunc TestPanic(t *testing.T) { panic(\"lost\") }\n",
		"c/c_test.go": "package c\nvar x int = \"no number\"\n",
		"d/d_test.go": "package d\nimport (\"os\"; \"testing\")\n" +
			"func TestMain(m *testing.M) { println(\"early\"); os.Exit(3) }\nfunc TestD(t *testing.T) {}\n",
	})
	r, err := read(strings.NewReader(goTest(t, dir, "-json")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !r.failed {
		t.Error("the run did not fail")
	}
	var out bytes.Buffer
	r.print(&out)
	for _, want := range []string{"--- FAIL: TestBad", "--- FAIL: TestBad/sub", "is wrong", "printed",
		"panic: lost", "b_test.go:3", "cannot use \"no number\"", "FAIL\texample.com/m/c [build failed]",
		"FAIL\texample.com/m/a", "FAIL\texample.com/m/b", "FAIL\texample.com/m/d", "early"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output does not say %q:\n%s", want, out.String())
		}
	}
	for _, not := range []string{"quiet", "=== RUN"} {
		if strings.Contains(out.String(), not) {
			t.Errorf("the output says %q", not)
		}
	}
	if !strings.HasSuffix(out.String(), "\nFAIL\n") {
		t.Error("the output does not end with FAIL")
	}
}

func TestSlowest(t *testing.T) {
	items := []item{{"a", time.Second}, {"b", 3 * time.Second}, {"c", 2 * time.Second}}
	if got := slowest(items, 2); len(got) != 2 || got[0].name != "b" || got[1].name != "c" {
		t.Errorf("got %v", got)
	}
	if got := slowest(items, 10); len(got) != 3 || items[0].name != "a" {
		t.Errorf("got %v from %v", got, items)
	}
}

func TestForbiddenSkips(t *testing.T) {
	allowed := ""
	for name, reason := range allowedSkips {
		if reason == "" {
			t.Errorf("%s may be skipped for no reason", name)
		}
		allowed = name
	}
	skipped := []string{"github.com/gogan-ml/gogan/gan TestX: no XLA", "github.com/gogan-ml/gogan/" + allowed + ": absent"}
	if got := forbiddenSkips(skipped, true); !slices.Equal(got, []string{"gan TestX: no XLA"}) {
		t.Errorf("got %q", got)
	}
	if got := forbiddenSkips(skipped, false); got != nil {
		t.Errorf("without CI: %q", got)
	}
}

package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// event is a line of `go test -json` (`go doc test2json`).
type event struct {
	Action     string
	Package    string
	Test       string
	Elapsed    float64
	Output     string
	ImportPath string // of build-output
}

// item is something that took time.
type item struct {
	name string
	took time.Duration
}

// results is what a run of `go test -json` said.
type results struct {
	order    []string            // packages as they ended
	lines    map[string][]string // by package: what go test prints about it without -v
	tests    []item
	skipped  []string // "package Test: reason"
	building strings.Builder
	failed   bool
}

// read reads the events of a whole run. progress, which may be nil, is called when a package ends.
func read(events io.Reader, progress func(pkg string, took time.Duration, ok bool)) (*results, error) {
	r := &results{lines: map[string][]string{}}
	outputs := map[string]map[string][]string{} // by package and top-level test
	reasons := map[string]string{}              // the last line that a test wrote
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 1<<26) // one line of output of a test may be long
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Action == "" {
			// go test itself writes some errors as plain text.
			r.building.WriteString(lines.Text() + "\n")
			continue
		}
		top, _, isSubtest := strings.Cut(e.Test, "/")
		switch e.Action {
		case "build-output":
			r.building.WriteString(e.Output)
		case "build-fail":
			r.failed = true
		case "output":
			if outputs[e.Package] == nil {
				outputs[e.Package] = map[string][]string{}
			}
			outputs[e.Package][top] = append(outputs[e.Package][top], e.Output)
			if line := strings.TrimSpace(e.Output); line != "" && !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "===") {
				reasons[e.Package+" "+e.Test] = line
			}
		case "pass", "fail", "skip":
			took := time.Duration(e.Elapsed * float64(time.Second))
			if e.Test == "" {
				r.endPackage(e, outputs[e.Package])
				delete(outputs, e.Package)
				if progress != nil {
					progress(e.Package, took, e.Action != "fail")
				}
				break
			}
			if e.Action == "skip" {
				name := e.Package + " " + e.Test
				r.skipped = append(r.skipped, name+": "+reasons[name])
			}
			if !isSubtest {
				r.tests = append(r.tests, item{short(e.Package) + " " + e.Test, took})
			}
			if !isSubtest && e.Action != "fail" {
				delete(outputs[e.Package], top) // without -v, go test is silent about it
			}
		}
	}
	return r, lines.Err()
}

// endPackage keeps what go test prints about a package without -v: everything about tests that failed or did not end, and
// the package's own lines, without the "PASS" that only -v prints.
func (r *results) endPackage(e event, outputs map[string][]string) {
	var lines []string
	for _, test := range slices.Sorted(func(yield func(string) bool) {
		for name := range outputs {
			if name != "" && !yield(name) {
				return
			}
		}
	}) {
		for _, line := range outputs[test] {
			if !strings.HasPrefix(line, "=== ") {
				lines = append(lines, line)
			}
		}
	}
	for _, line := range outputs[""] {
		closing := strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "?   \t") || strings.HasPrefix(line, "FAIL")
		if closing || e.Action == "fail" && line != "PASS\n" {
			lines = append(lines, line)
		}
	}
	r.order = append(r.order, e.Package)
	r.lines[e.Package] = lines
	r.failed = r.failed || e.Action == "fail"
}

// print writes what go test prints without -v.
func (r *results) print(w io.Writer) {
	io.WriteString(w, r.building.String())
	for _, pkg := range r.order {
		for _, line := range r.lines[pkg] {
			io.WriteString(w, line)
		}
	}
	if r.failed {
		fmt.Fprintln(w, "FAIL")
	}
}

// slowest returns the n items that took longest.
func slowest(items []item, n int) []item {
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b item) int { return cmp.Compare(b.took, a.took) })
	return items[:min(n, len(items))]
}

// short returns the path of a package in this module.
func short(pkg string) string {
	const module = "github.com/gogan-ml/gogan"
	if rest, ok := strings.CutPrefix(pkg, module+"/"); ok {
		return rest
	}
	return strings.TrimPrefix(pkg, "github.com/gogan-ml/")
}

package ipynb

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Failures returns what went wrong while the notebook was executed, one line each. GoNB reports a failing shell command or
// an unknown command only as text on stderr and goes on, so that the outputs have to be read.
func (nb *Notebook) Failures() []string {
	var out []string
	for i, cell := range nb.Cells {
		for _, o := range cell.Outputs {
			if o.Type == "error" {
				out = append(out, fmt.Sprintf("cell %d: %v: %v", i+1, o.rest["ename"], o.rest["evalue"]))
			}
			if o.Type != "stream" || o.Name != "stderr" {
				continue
			}
			for line := range strings.Lines(o.Text) {
				if strings.Contains(line, "exit status") || strings.Contains(line, "unknown or not implemented") {
					out = append(out, fmt.Sprintf("cell %d: stderr says %q", i+1, strings.TrimSpace(line)))
				}
			}
		}
	}
	return out
}

// Setup is the first code cell of every notebook: one workspace of the cells and the library, whose go.mod decides all
// versions.
const Setup = "!*go work init . \"${GONB_DIR}/..\"\n%noautoget"

// absolute finds paths that exist on one machine only. URLs and rooted paths of Go packages do not match.
var absolute = regexp.MustCompile(`(^|[\s"'` + "`" + `=(])/(home|root|tmp|work|usr|mnt|var|Users|opt)/`)

// Lint checks a notebook that is to be committed and returns its faults, one line each: the kernel's name, the set-up
// cell, absolute paths, missing or failed outputs, outputs beyond maxOutput bytes a cell or maxAll in all, and a last
// figure that is not a PNG.
func (nb *Notebook) Lint(maxOutput, maxAll int) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if name := nb.Kernel(); name != "gonb" {
		fault("the kernel is %q; want gonb", name)
	}
	first := slices.IndexFunc(nb.Cells, func(c *Cell) bool { return c.Type == "code" })
	if first < 0 {
		return append(faults, "it has no code")
	}
	if !strings.HasPrefix(nb.Cells[first].Source, Setup) {
		fault("cell %d: the first code does not begin with the set-up %q", first+1, Setup)
	}
	all, outputs, lastFigure := 0, 0, ""
	for i, cell := range nb.Cells {
		if path := absolute.FindString(cell.Source); path != "" {
			fault("cell %d: the source holds an absolute path (%s)", i+1, strings.TrimSpace(path))
		}
		size := 0
		for _, o := range cell.Outputs {
			outputs++
			if o.empty() {
				fault("cell %d: an empty output", i+1)
			}
			size += len(o.Text)
			for mime, content := range o.Data {
				size += len(content)
				if mime != "image/png" && absolute.MatchString(content) {
					fault("cell %d: the output %s holds an absolute path (%s)", i+1, mime, absolute.FindString(content))
				}
				if isFigure(mime, content) {
					lastFigure = mime
				}
			}
			if absolute.MatchString(o.Text) {
				fault("cell %d: the output holds an absolute path (%s)", i+1, strings.TrimSpace(absolute.FindString(o.Text)))
			}
		}
		if size > maxOutput {
			fault("cell %d: outputs of %d bytes; at most %d", i+1, size, maxOutput)
		}
		all += size
	}
	if outputs == 0 {
		fault("it has no outputs: commit it executed")
	}
	if all > maxAll {
		fault("outputs of %d bytes in all; at most %d", all, maxAll)
	}
	if lastFigure != "" && lastFigure != "image/png" {
		fault("the last figure is %s; only image/png shows everywhere", lastFigure)
	}
	return append(faults, nb.Failures()...)
}

// isFigure tells whether an output shows a picture.
func isFigure(mime, content string) bool {
	return strings.HasPrefix(mime, "image/") ||
		mime == "text/html" && (strings.Contains(content, "<svg") || strings.Contains(content, "<img"))
}

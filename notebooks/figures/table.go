package figures

import (
	"strings"
	"text/tabwriter"
)

// Table is words and numbers in rows below a header.
type Table struct {
	Header []string
	Rows   [][]string
}

// String returns the table as lines of text.
func (t Table) String() string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{t.Header}, t.Rows...) {
		_, _ = w.Write([]byte(strings.Join(row, "\t") + "\n")) // a builder takes everything
	}
	_ = w.Flush()
	return out.String()
}

// Markdown returns the table as GitHub writes one.
func (t Table) Markdown() string {
	var out strings.Builder
	line := func(cells []string) {
		for _, c := range cells {
			out.WriteString("| " + strings.ReplaceAll(c, "|", `\|`) + " ")
		}
		out.WriteString("|\n")
	}
	line(t.Header)
	out.WriteString(strings.Repeat("|---", len(t.Header)) + "|\n")
	for _, row := range t.Rows {
		line(row)
	}
	return out.String()
}

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

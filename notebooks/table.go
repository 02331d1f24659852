package notebooks

import (
	"fmt"
	"html"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/gogan-ml/gogan/notebooks/figures"
)

// Table shows words and numbers as a table.
func Table(t figures.Table) {
	if !gonbui.IsNotebook {
		fmt.Print(t)
		return
	}
	gonbui.DisplayHTML(tableHTML(t))
	flush()
}

// tableHTML is the HTML of [Table], without style or script, so that every viewer shows it.
func tableHTML(t figures.Table) string {
	var b strings.Builder
	row := func(tag string, cells []string) {
		b.WriteString("<tr>")
		for _, cell := range cells {
			fmt.Fprintf(&b, "<%s>%s</%s>", tag, html.EscapeString(cell), tag)
		}
		b.WriteString("</tr>")
	}
	b.WriteString("<table>")
	row("th", t.Header)
	for _, cells := range t.Rows {
		row("td", cells)
	}
	b.WriteString("</table>")
	return b.String()
}

package notebooks

import (
	"testing"

	"github.com/gogan-ml/gogan/notebooks/figures"
)

func TestTable(t *testing.T) {
	got := tableHTML(figures.Table{Header: []string{"dose", "sees"}, Rows: [][]string{{"a<b", "1"}, {"c", "2"}}})
	want := "<table><tr><th>dose</th><th>sees</th></tr><tr><td>a&lt;b</td><td>1</td></tr><tr><td>c</td><td>2</td></tr></table>"
	if got != want {
		t.Errorf("the table is\n%s\nwant\n%s", got, want)
	}
}

package ipynb

import "strings"

// Tidy removes what an execution leaves behind and no reader needs: streams in many pieces are put together as a terminal
// would show them (a carriage return writes over the line), outputs without content go, and so do times of execution.
func (nb *Notebook) Tidy() {
	for _, cell := range nb.Cells {
		if metadata, ok := cell.rest["metadata"].(map[string]any); ok {
			delete(metadata, "execution")
		}
		var kept []*Output
		for _, out := range cell.Outputs {
			if n := len(kept); out.Type == "stream" && n > 0 && kept[n-1].Type == "stream" && kept[n-1].Name == out.Name {
				kept[n-1].Text += out.Text
				continue
			}
			kept = append(kept, out)
		}
		cell.Outputs = nil
		for _, out := range kept {
			out.Text = overwrite(out.Text)
			if !out.empty() {
				cell.Outputs = append(cell.Outputs, out)
			}
		}
	}
}

// empty tells whether an output shows nothing.
func (o *Output) empty() bool {
	switch o.Type {
	case "stream":
		return o.Text == ""
	case "display_data", "execute_result":
		for _, content := range o.Data {
			if strings.TrimSpace(content) != "" {
				return false
			}
		}
		return true
	}
	return false
}

// overwrite applies carriage returns: what follows one is written over the line from its begin.
func overwrite(s string) string {
	if !strings.Contains(s, "\r") {
		return s
	}
	var out strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(s, "\r\n", "\n")) {
		body, end := strings.TrimSuffix(line, "\n"), ""
		if body != line {
			end = "\n"
		}
		var shown []rune
		for part := range strings.SplitSeq(body, "\r") {
			written := []rune(part)
			if len(written) < len(shown) {
				written = append(written, shown[len(written):]...)
			}
			shown = written
		}
		out.WriteString(strings.TrimRight(string(shown), " ") + end)
	}
	return out.String()
}

// Package ipynb reads, tidies, checks and writes Jupyter notebooks (format 4). What it does not know stays as it is.
package ipynb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Notebook is a notebook file.
type Notebook struct {
	Cells []*Cell
	rest  map[string]any // the other fields of the document
}

// Cell is one cell.
type Cell struct {
	Type    string // "code" or "markdown"
	Source  string
	Outputs []*Output // of a code cell
	rest    map[string]any
}

// Output is one output of a code cell.
type Output struct {
	Type string            // "stream", "display_data", "execute_result" or "error"
	Name string            // of a stream: "stdout" or "stderr"
	Text string            // of a stream
	Data map[string]string // by MIME type; pictures in base64
	rest map[string]any
}

// Read reads the notebook at path.
func Read(path string) (*Notebook, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("ipynb: %w", err)
	}
	nb, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("ipynb: %s: %w", path, err)
	}
	return nb, nil
}

// Parse reads a notebook from the text of its file.
func Parse(data []byte) (*Notebook, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // numbers are written as they were read
	nb := &Notebook{}
	if err := decoder.Decode(&nb.rest); err != nil {
		return nil, err
	}
	if format := fmt.Sprint(nb.rest["nbformat"]); format != "4" {
		return nil, fmt.Errorf("notebook format %s; want 4", format)
	}
	cells, ok := nb.rest["cells"].([]any)
	if !ok {
		return nil, errors.New("it has no list of cells")
	}
	for i, raw := range cells {
		fields, ok := raw.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("cell %d is no object", i+1)
		}
		cell := &Cell{Source: text(fields["source"]), rest: fields}
		cell.Type, _ = fields["cell_type"].(string)
		outputs, _ := fields["outputs"].([]any)
		for _, raw := range outputs {
			fields, ok := raw.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("an output of cell %d is no object", i+1)
			}
			cell.Outputs = append(cell.Outputs, parseOutput(fields))
		}
		nb.Cells = append(nb.Cells, cell)
	}
	return nb, nil
}

func parseOutput(fields map[string]any) *Output {
	out := &Output{Text: text(fields["text"]), rest: fields}
	out.Type, _ = fields["output_type"].(string)
	out.Name, _ = fields["name"].(string)
	if data, ok := fields["data"].(map[string]any); ok {
		out.Data = map[string]string{}
		for mime, value := range data {
			out.Data[mime] = text(value)
		}
	}
	return out
}

// text returns a text that the format holds as one string or as a list of lines.
func text(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case []any:
		var b strings.Builder
		for _, line := range value {
			s, _ := line.(string)
			b.WriteString(s)
		}
		return b.String()
	}
	return ""
}

// lines is the form in which Jupyter writes a text.
func lines(s string) []any {
	out := []any{}
	for line := range strings.Lines(s) {
		out = append(out, line)
	}
	return out
}

// Write writes the notebook as Jupyter does (keys sorted, one blank of indentation), so that saving it there changes
// nothing. The file is replaced as a whole.
func (nb *Notebook) Write(path string) error {
	cells := []any{}
	for _, cell := range nb.Cells {
		cell.rest["source"] = lines(cell.Source)
		if cell.Type == "code" {
			outputs := []any{}
			for _, out := range cell.Outputs {
				if out.Type == "stream" {
					out.rest["text"] = lines(out.Text)
				}
				outputs = append(outputs, out.rest)
			}
			cell.rest["outputs"] = outputs
		}
		cells = append(cells, cell.rest)
	}
	nb.rest["cells"] = cells
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(nb.rest); err != nil {
		return fmt.Errorf("ipynb: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tmp-*.ipynb")
	if err != nil {
		return fmt.Errorf("ipynb: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data.Bytes())
	if closing := tmp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Chmod(tmp.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("ipynb: %w", err)
	}
	return nil
}

// Kernel returns the name of the kernel that the notebook asks for.
func (nb *Notebook) Kernel() string {
	metadata, _ := nb.rest["metadata"].(map[string]any)
	spec, _ := metadata["kernelspec"].(map[string]any)
	name, _ := spec["name"].(string)
	return name
}

// Heading returns the last heading before a cell, without its signs, or "" if there is none.
func (nb *Notebook) Heading(cell int) string {
	for i := min(cell, len(nb.Cells)-1); i >= 0; i-- {
		if nb.Cells[i].Type != "markdown" {
			continue
		}
		heading := ""
		for line := range strings.Lines(nb.Cells[i].Source) {
			if title := strings.TrimLeft(line, "#"); title != line && strings.HasPrefix(title, " ") {
				heading = strings.TrimSpace(title)
			}
		}
		if heading != "" {
			return heading
		}
	}
	return ""
}

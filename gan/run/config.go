package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Difference is a field in which two configs differ. A value is JSON text, "" where the field is missing.
type Difference struct {
	Field string `json:"field"` // path of JSON names: "optimizer.beta1", "seeds[2]"
	A     string `json:"a"`
	B     string `json:"b"`
}

// Diff returns the fields in which the configs of two run directories differ, sorted by path.
func Diff(a, b string) ([]Difference, error) {
	var values [2]any
	for i, dir := range []string{a, b} {
		d, err := Open(dir)
		if err != nil {
			return nil, err
		}
		text, err := d.ConfigJSON()
		if err != nil {
			return nil, err
		}
		if values[i], err = decodeConfig(text); err != nil {
			return nil, fmt.Errorf("run: %s cannot be read: %w", d.Path(configName), err)
		}
	}
	return appendDifferences(nil, "", values[0], values[1]), nil
}

// configText returns the config as the text of config.json: indented, for people.
func configText(config any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(config); err != nil {
		return nil, fmt.Errorf("run: the config cannot be written as JSON: %w", err)
	}
	if b.Bytes()[0] != '{' {
		return nil, errors.New("run: the config is no JSON object")
	}
	return b.Bytes(), nil
}

// compareConfig reports whether the config changed, in fields that may; a change of another field is an error.
func (d *Dir) compareConfig(old, now []byte) (changed bool, err error) {
	before, err := decodeConfig(old)
	if err != nil {
		return false, fmt.Errorf("run: %s cannot be read: %w", d.Path(configName), err)
	}
	after, err := decodeConfig(now)
	if err != nil {
		return false, fmt.Errorf("run: the config cannot be read back: %w", err)
	}
	differences := appendDifferences(nil, "", before, after)
	for _, diff := range differences {
		if !slices.ContainsFunc(d.opt.Changeable, func(name string) bool { return covers(name, diff.Field) }) {
			return false, fmt.Errorf("run: %s was started with %s, not %s; use the same value, or another directory",
				d.path, setting(diff.Field, diff.A), setting(diff.Field, diff.B))
		}
	}
	return len(differences) > 0, nil
}

// setting prints a field with its value as a sentence needs it.
func setting(field, value string) string {
	if value == "" {
		return "no " + field
	}
	return field + " = " + value
}

// covers reports whether the name is that of the field or of something that holds it.
func covers(name, field string) bool {
	rest, ok := strings.CutPrefix(field, name)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// decodeConfig keeps numbers as they are written: seeds do not fit a float64.
func decodeConfig(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value map[string]any
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("text after the JSON object")
	}
	return value, nil
}

// appendDifferences appends what differs between two decoded JSON values, b compared to a.
func appendDifferences(out []Difference, path string, a, b any) []Difference {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok {
			break
		}
		both := maps.Clone(a)
		maps.Copy(both, b)
		for _, key := range slices.Sorted(maps.Keys(both)) {
			below := key
			if path != "" {
				below = path + "." + key
			}
			valueA, inA := a[key]
			valueB, inB := b[key]
			if inA && inB {
				out = appendDifferences(out, below, valueA, valueB)
				continue
			}
			diff := Difference{Field: below}
			if inA {
				diff.A = compactJSON(valueA)
			} else {
				diff.B = compactJSON(valueB)
			}
			out = append(out, diff)
		}
		return out
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			break
		}
		for i := range a {
			out = appendDifferences(out, fmt.Sprintf("%s[%d]", path, i), a[i], b[i])
		}
		return out
	}
	textA, textB := compactJSON(a), compactJSON(b)
	if textA == textB || sameNumber(a, b) {
		return out
	}
	return append(out, Difference{Field: path, A: textA, B: textB})
}

// sameNumber reports whether two JSON numbers that are written differently are the same: 1e-4 and 0.0001.
// Whole numbers are the same only if their digits are.
func sameNumber(a, b any) bool {
	numberA, okA := a.(json.Number)
	numberB, okB := b.(json.Number)
	if !okA || !okB || !strings.ContainsAny(string(numberA+numberB), ".eE") {
		return false
	}
	valueA, errA := strconv.ParseFloat(string(numberA), 64)
	valueB, errB := strconv.ParseFloat(string(numberB), 64)
	return errA == nil && errB == nil && valueA == valueB
}

// compactJSON prints a decoded JSON value on one line.
func compactJSON(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return fmt.Sprint(value) // a decoded value can always be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// writeBytes returns a writer function for writeFile.
func writeBytes(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

package ipynb

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// clean is a notebook without a fault.
const clean = `{
 "cells": [
  {
   "cell_type": "markdown",
   "id": "a",
   "metadata": {},
   "source": [
    "# A title\n",
    "\n",
    "Text with <b>signs</b> & ü"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "b",
   "metadata": {},
   "outputs": [],
   "source": [
    "!*go work init . \"${GONB_DIR}/..\"\n",
    "%noautoget"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 2,
   "id": "c",
   "metadata": {},
   "outputs": [
    {
     "data": {
      "image/png": "iVBORw0KGgo="
     },
     "metadata": {},
     "output_type": "display_data"
    },
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "one\n",
      "two\n"
     ]
    }
   ],
   "source": [
    "%%\n",
    "nb.Grid(\"runs/dcgan\")"
   ]
  }
 ],
 "metadata": {
  "kernelspec": {
   "display_name": "Go (gonb)",
   "language": "go",
   "name": "gonb"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`

func read(t *testing.T, text string) *Notebook {
	t.Helper()
	nb, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

func TestWriteKeepsEveryByte(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.ipynb")
	if err := read(t, clean).Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != clean {
		t.Errorf("the notebook was written as\n%s", got)
	}
}

func TestReadRefusesOtherFiles(t *testing.T) {
	for _, text := range []string{"", "[]", "{}", `{"nbformat":3,"cells":[]}`, `{"nbformat":4,"cells":[1]}`,
		`{"nbformat":4,"cells":[{"cell_type":"code","outputs":[1]}]}`} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s was read as a notebook", text)
		}
	}
}

func TestHeading(t *testing.T) {
	nb := &Notebook{Cells: []*Cell{
		{Type: "code"},
		{Type: "markdown", Source: "# One\n## Two\ntext\n#hashtag"},
		{Type: "markdown", Source: "no heading"},
		{Type: "code", Source: "# no heading either"},
	}}
	if got := nb.Heading(3); got != "Two" {
		t.Errorf("got %q, want Two", got)
	}
	if got := nb.Heading(0); got != "" {
		t.Errorf("got %q before any heading", got)
	}
}

func TestTidy(t *testing.T) {
	stream := func(name, text string) *Output {
		return &Output{Type: "stream", Name: name, Text: text, rest: map[string]any{}}
	}
	html := func(text string) *Output {
		return &Output{Type: "display_data", Data: map[string]string{"text/html": text}, rest: map[string]any{}}
	}
	nb := &Notebook{Cells: []*Cell{{Type: "code",
		rest: map[string]any{"metadata": map[string]any{"execution": "times", "tags": "kept"}},
		Outputs: []*Output{stream("stdout", "10 %\r"), stream("stdout", "20 %\r"), html(" "), stream("stdout", "done\n"),
			stream("stderr", ""), html("<p>x</p>"), stream("stdout", "last\n")}}}}
	nb.Tidy()
	var got []string
	for _, o := range nb.Cells[0].Outputs {
		got = append(got, o.Text+o.Data["text/html"])
	}
	if want := []string{"20 %", "done\n", "<p>x</p>", "last\n"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if metadata := nb.Cells[0].rest["metadata"].(map[string]any); metadata["execution"] != nil || metadata["tags"] == nil {
		t.Errorf("metadata after tidying: %v", metadata)
	}
}

func TestOverwrite(t *testing.T) {
	for in, want := range map[string]string{
		"plain\n":          "plain\n",
		"abcdef\rxy":       "xycdef",
		"10\r20\r100\nend": "100\nend",
		"long   \rab\n":    "abng\n",
		"dos\r\nline\r\n":  "dos\nline\n",
		"äöü\rx":           "xöü",
	} {
		if got := overwrite(in); got != want {
			t.Errorf("overwrite(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLint(t *testing.T) {
	if faults := read(t, clean).Lint(1000, 1000); len(faults) > 0 {
		t.Errorf("a clean notebook has faults: %q", faults)
	}
	output := func(fields string) string {
		return strings.Replace(clean, `"outputs": [
    {`, `"outputs": [
    `+fields+`, {`, 1)
	}
	for name, test := range map[string]struct{ text, want string }{
		"kernel":       {strings.Replace(clean, `"name": "gonb"`, `"name": "gonb-ci"`, 1), "the kernel is"},
		"set-up":       {strings.Replace(clean, "%noautoget", "%autoget", 1), "set-up"},
		"no code":      {strings.ReplaceAll(clean, `"code"`, `"raw"`), "no code"},
		"path":         {strings.Replace(clean, `runs/dcgan`, `/home/me/runs`, 1), "cell 3: the source holds an absolute path"},
		"path in text": {strings.Replace(clean, `one\n`, `see /tmp/x\n`, 1), "cell 3: the output holds an absolute path"},
		"no outputs": {clean[:strings.Index(clean, `"outputs": [
    {`)] + `"outputs": []` + clean[strings.Index(clean, `,
   "source": [
    "%%`):], "no outputs"},
		"error":         {output(`{"output_type":"error","ename":"E","evalue":"bad"}`), "cell 3: E: bad"},
		"exit status":   {output(`{"output_type":"stream","name":"stderr","text":"exit status 1\n"}`), "exit status 1"},
		"unknown magic": {output(`{"output_type":"stream","name":"stderr","text":["\"%x\" is unknown or not implemented"]}`), "unknown"},
		"empty":         {output(`{"output_type":"display_data","data":{"text/html":""}}`), "cell 3: an empty output"},
		"svg at last": {strings.Replace(clean, `"image/png": "iVBORw0KGgo="`, `"text/html": "<div><svg></svg></div>"`, 1),
			"the last figure is text/html"},
	} {
		faults := read(t, test.text).Lint(1000, 1000)
		if len(faults) != 1 || !strings.Contains(faults[0], test.want) {
			t.Errorf("%s: faults %q, want one that says %q", name, faults, test.want)
		}
	}
	if faults := read(t, clean).Lint(10, 15); len(faults) != 2 || !strings.Contains(faults[0], "at most 10") ||
		!strings.Contains(faults[1], "at most 15") {
		t.Errorf("faults of a notebook that is too big: %q", faults)
	}
}

func TestPicturesAreNoPaths(t *testing.T) {
	nb := read(t, strings.Replace(clean, "iVBORw0KGgo=", "AAAA(/tmp/AAAA", 1))
	if faults := nb.Lint(1000, 1000); len(faults) > 0 {
		t.Errorf("base64 was taken for a path: %q", faults)
	}
	if !json.Valid([]byte(clean)) {
		t.Fatal("the fixture is no JSON")
	}
}

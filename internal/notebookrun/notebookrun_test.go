package notebookrun

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gogan-ml/gogan/internal/home"
	"github.com/gogan-ml/gogan/internal/ipynb"
)

// clone returns the root of this clone, or ends the test where `make setup` was not run.
func clone(t *testing.T) string {
	t.Helper()
	root, ok := home.Repository()
	if !ok {
		t.Fatal("the test does not run in a clone")
	}
	if err := Ready(root); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return root
}

// write writes a notebook with the given code cells and returns its path.
func write(t *testing.T, code ...string) string {
	t.Helper()
	cells := []any{}
	for _, source := range code {
		cells = append(cells, map[string]any{"cell_type": "code", "source": source, "metadata": map[string]any{},
			"outputs": []any{}, "execution_count": nil, "id": "cell-" + string(rune('a'+len(cells)))})
	}
	data, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "cells": cells,
		"metadata": map[string]any{"kernelspec": map[string]any{"name": "gonb", "display_name": "Go (gonb)"}}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "with a space.ipynb")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

const hello = "import \"fmt\"\n%%\nfmt.Println(\"hello\")"

func TestExecute(t *testing.T) {
	root := clone(t)
	path := write(t, hello, "import \"os\"\n%%\nfmt.Println(os.Getenv(\"FROM_TEST\"))")
	var ended []int
	nb, err := Execute(t.Context(), Options{Root: root, Notebook: path, Output: path, Env: []string{"FROM_TEST=it came"},
		Progress: func(e Event) {
			if e.Ended {
				ended = append(ended, e.Cell)
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	if got := nb.Cells[0].Outputs[0].Text + nb.Cells[1].Outputs[0].Text; got != "hello\nit came\n" {
		t.Errorf("the cells wrote %q", got)
	}
	if len(ended) != 2 {
		t.Errorf("cells %v ended, want 0 and 1", ended)
	}
	if kernel := nb.Kernel(); kernel != "gonb" {
		t.Errorf("the executed notebook asks for the kernel %q", kernel)
	}
}

// What failed is named, and the notebook is there up to it. A shell command that fails does not stop GoNB.
func TestFailures(t *testing.T) {
	root := clone(t)
	for name, test := range map[string]struct{ code, want string }{
		"compile error": {"%%\nvar x int = \"no\"", "cannot use \"no\""},
		"exit status":   {"%%\nos.Exit(3)", "exit status 3"},
		"shell":         {"!false", "exit status 1"},
	} {
		t.Run(name, func(t *testing.T) {
			output := filepath.Join(t.TempDir(), "out.ipynb")
			_, err := Execute(t.Context(), Options{Root: root, Notebook: write(t, hello, test.code), Output: output})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "cell 2") {
				t.Errorf("got %v, want an error about cell 2 that says %q", err, test.want)
			}
			nb, err := ipynb.Read(output)
			if err != nil {
				t.Fatal(err)
			}
			if len(nb.Cells[0].Outputs) != 1 || nb.Cells[0].Outputs[0].Text != "hello\n" {
				t.Error("what ran before is lost")
			}
		})
	}
}

func TestEndsWithItsContext(t *testing.T) {
	root := clone(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	path := write(t, "%%\ntime.Sleep(time.Minute)")
	start := time.Now()
	_, err := Execute(ctx, Options{Root: root, Notebook: path, Output: path, Progress: func(Event) {
		time.AfterFunc(time.Second, cancel)
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the cancellation", err)
	}
	if took := time.Since(start); took > 40*time.Second {
		t.Errorf("it took %v to end", took)
	}
}

func TestNotReady(t *testing.T) {
	_, err := Execute(t.Context(), Options{Root: t.TempDir(), Notebook: "none.ipynb", Output: "none.ipynb"})
	if err == nil || !strings.Contains(err.Error(), "make setup") {
		t.Errorf("got %v, want what to do", err)
	}
}

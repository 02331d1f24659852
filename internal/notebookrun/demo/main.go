// Command demo executes a notebook from top to bottom and shows what happens: `make demo` and `make notebook`.
//
//	demo -out DIR NOTEBOOK      leaves in DIR the executed notebook, an HTML of it, its run directories, and the newest
//	                            grid, the curves and the scores of the longest run
//	demo -in-place NOTEBOOK     puts the outputs into the notebook itself
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/home"
	"github.com/gogan-ml/gogan/internal/notebookrun"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

func main() {
	out := flag.String("out", "", "directory for the executed notebook, its HTML and its runs; runs that are there are removed")
	inPlace := flag.Bool("in-place", false, "put the outputs into the notebook itself")
	flag.Parse()
	if flag.NArg() != 1 || *inPlace == (*out != "") {
		fmt.Fprintln(os.Stderr, "usage: demo -out DIR NOTEBOOK or demo -in-place NOTEBOOK")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *inPlace {
		err = keepOutputs(ctx, flag.Arg(0))
	} else {
		err = demo(ctx, flag.Arg(0), *out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo: "+strings.Join(strings.Fields(err.Error()), " "))
		os.Exit(1)
	}
}

// keepOutputs executes a notebook from nothing, with its runs below out/notebook, and keeps the outputs in the file.
func keepOutputs(ctx context.Context, notebook string) error {
	root, ok := home.Repository()
	if !ok {
		return errors.New("not in a clone of gogan")
	}
	runs := filepath.Join(root, "out", "notebook", "runs")
	if err := emptyRuns(runs); err != nil {
		return err
	}
	return execute(ctx, root, notebook, notebook, runs)
}

// emptyRuns makes the directory for new runs. One that is there already would be continued: nothing would be left to
// train.
func emptyRuns(runs string) error {
	if err := os.RemoveAll(runs); err != nil {
		return err
	}
	return os.MkdirAll(runs, 0o755)
}

// execute runs the notebook in its full setting and tells on stderr how far it is.
func execute(ctx context.Context, root, notebook, output, runs string) error {
	view := follow(os.Stderr, runs)
	defer view.stop()
	_, err := notebookrun.Execute(ctx, notebookrun.Options{
		Root: root, Notebook: notebook, Output: output, Env: []string{"GOGAN_SMOKE=", "GOGAN_RUNS=" + runs},
		Progress: view.cell})
	return err
}

// demo executes a notebook with everything that it makes below out.
func demo(ctx context.Context, notebook, out string) error {
	root, ok := home.Repository()
	if !ok {
		return errors.New("not in a clone of gogan")
	}
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	runs := filepath.Join(out, "runs")
	if err := emptyRuns(runs); err != nil {
		return err
	}
	executed := filepath.Join(out, filepath.Base(notebook))
	page := strings.TrimSuffix(executed, ".ipynb") + ".html"
	begin := time.Now()
	fmt.Fprintf(os.Stderr, "executing %s\n", notebook)
	if err := execute(ctx, root, notebook, executed, runs); err != nil {
		return err
	}
	if err := notebookrun.HTML(ctx, root, executed, page); err != nil {
		return err
	}
	pictures, err := draw(runs, out)
	if err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	fmt.Printf("\ndone in %s\n", time.Since(begin).Round(time.Second))
	for _, line := range append([]file{
		{executed, "the executed notebook; `make lab` opens JupyterLab on the notebooks"},
		{page, "the same as a page for a browser"},
		{runs, "the run directories: configs, checkpoints, logs, grids"},
	}, pictures...) {
		if shown, err := filepath.Rel(here, line.path); err == nil {
			line.path = shown
		}
		fmt.Printf("  %-44s %s\n", line.path, line.what)
	}
	return nil
}

// file is a file of the demo, with what it shows.
type file struct{ path, what string }

// draw writes the newest grid, the curves and the scores of the longest run below runs into out.
func draw(runs, out string) (written []file, err error) {
	dirs, err := filepath.Glob(filepath.Join(runs, "*", "config.json"))
	if err != nil {
		return nil, err
	}
	var longest run.Summary
	for _, config := range dirs {
		if s, err := run.Summarize(filepath.Dir(config)); err == nil && s.Img > longest.Img {
			longest = s
		}
	}
	if longest.Dir == "" {
		return nil, nil // a notebook that trains nothing
	}
	d, err := run.Open(longest.Dir)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(longest.Dir)
	samples, err := d.Samples()
	if err != nil {
		return nil, err
	}
	if len(samples) > 0 {
		newest := samples[len(samples)-1]
		data, err := os.ReadFile(newest.Path)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(out, "grid.png")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return nil, err
		}
		written = append(written, file{path, fmt.Sprintf("what %s draws after %s images", name, run.FormatImg(newest.Img))})
	}
	ticks, err := d.Ticks()
	if err != nil {
		return nil, err
	}
	if f, err := figures.Curves(ticks, lossOf(d)); err == nil { // else a run of another kind, without these losses
		curves := file{filepath.Join(out, "curves.png"), "its losses and the outputs of D"}
		if err := save(f, curves.path); err != nil {
			return nil, err
		}
		written = append(written, curves)
	}
	scores, err := d.Scores()
	if err != nil {
		return nil, err
	}
	if f, err := figures.Scores(scores); err == nil { // else a run without scores
		curve := file{filepath.Join(out, "scores.png"), "its scores while it trained"}
		if err := save(f, curve.path); err != nil {
			return nil, err
		}
		written = append(written, curve)
	}
	return written, nil
}

func save(f *figures.Figure, path string) error {
	data, err := f.PNG()
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

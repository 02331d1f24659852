package main

import (
	"context"
	"errors"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Wrong usage can be seen from the command line alone.
func TestWrongUsage(t *testing.T) {
	train := []string{"train", "dcgan", "--data", "fashion-mini", "--run", "r"}
	with := func(args ...string) []string { return append(slices.Clone(train), args...) }
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"trian"}, "did you mean train?"},
		{[]string{"fly"}, "--help"},
		{[]string{"data"}, "fetch, info, list"},
		{[]string{"data", "lst"}, "did you mean list?"},
		{[]string{"help", "fly"}, "unknown command"},
		{[]string{"help", "data", "fly"}, "unknown command"},
		{[]string{"completion", "tcsh"}, "tcsh"},
		{[]string{"--wings"}, "--wings"},
		{[]string{"train"}, "gogan train PRESET"},
		{[]string{"train", "dcgan", "--run", "r"}, `"data"`},
		{[]string{"train", "dcgan", "--data", "fashion-mini"}, "run"},
		{[]string{"train", "dcgun", "--data", "fashion-mini", "--run", "r"}, "there are dcgan, "},
		{[]string{"train", "mlp-gan", "--data", "fashion-mini", "--run", "r"}, "--until 200k"},
		{with("--until", "3x"), "20k"},
		{with("--until", "0"), "20k"},
		{with("--until", "-5"), "20k"},
		{with("--seed", "1", "--seeds", "1-2"), "seeds"},
		{with("--dry-run", "--seeds", "1-2"), "seeds"},
		{with("--seeds", "2-1"), "0-63"},
		{with("--seeds", "1,1"), "seed 1"},
		{with("--snapshot", "1"), "snapshot"},
		{with("--snapshot", "0s"), "snapshot_seconds"},
		{with("--set", "batch"), "field=value"},
		{with("--set", "wings=2"), `no field "wings"; there are`},
		{with("--set", "batch=many"), "batch"},
		{with("--set", "batch=0"), "at least 1"},
		{with("--set", "loss=hing"), "hinge"},
		{with("--set", "networks=mine"), "networks"},
		{with("--set", "crop=big"), "big"},
		{with("--set", "resize=64:cubist"), "cubist"},
		{with("--set", "flip=maybe"), "false, true"},
		{with("--psi", "0.7"), "--psi"},
		{[]string{"runs"}, "DIR"},
		{[]string{"runs", "diff", "a"}, "diff A B"},
		{[]string{"sample", "r", "--out", "o"}, "[seeds over-time]"},
		{[]string{"sample", "r", "--seeds", "0-3"}, "out grid npz gif"},
		{[]string{"sample", "r", "--seeds", "0-3", "--gif", "a.gif"}, "--interpolate or --over-time"},
		{[]string{"sample", "r", "--seeds", "3", "--interpolate", "--gif", "a.gif"}, "--seeds 0-7"},
		{[]string{"sample", "r", "--seeds", "0-3", "--interpolate", "--gif", "a.gif", "--steps", "1"}, "at least 2"},
		{[]string{"sample", "r", "--seeds", "0-3", "--interpolate", "--npz", "a.npz"}, "interpolate npz"},
		{[]string{"sample", "r", "--seeds", "0-3", "--grid", "a.png", "--steps", "3"}, "--interpolate"},
		{[]string{"sample", "r", "--seeds", "0-3", "--grid", "a.png", "--linear"}, "--interpolate"},
		{[]string{"sample", "r", "--seeds", "0-3", "--grid", "a.png", "--delay", "1s"}, "--gif"},
		{[]string{"sample", "r", "--over-time", "--gif", "a.gif", "--delay", "-1s"}, "milliseconds"},
		{[]string{"sample", "r", "--over-time", "--gif", "a.gif", "--seeds", "0-3"}, "over-time seeds"},
		{[]string{"sample", "r", "--over-time", "--gif", "a.gif", "--class", "1"}, "class over-time"},
		{[]string{"sample", "r", "--seeds", "0-3", "--grid", "a.png", "--class", "-2"}, "from 0"},
		{[]string{"sample", "r", "--seeds", "0-99999999999", "--out", "o"}, "more than"},
		{[]string{"data", "fetch", "imagenet"}, "fashion-mnist"},
		{[]string{"weights", "convert", "r", "r.onnx"}, ".safetensors, .pth, .pt or .npz"},
		{[]string{"weights", "convert", "r", "r.npz", "--legacy"}, ".pth and .pt"},
		{[]string{"weights", "convert", "r"}, "weights convert RUN|FILE"},
		{[]string{"weights", "inspect"}, "inspect FILE"},
		{[]string{"weights"}, "inspect"},
		{[]string{"weights", "inspct"}, "did you mean inspect?"},
	} {
		dir := t.TempDir()
		execute(t, dir, test.args...).fails(t, 2, test.want)
		if left := entries(t, dir); len(left) > 0 {
			t.Errorf("%v: wrote %v", test.args, left)
		}
	}
}

// A failure is one line that names what failed, and exit status 1.
func TestFailures(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), []byte("no directory"))
	write(t, filepath.Join(dir, "model.safetensors"), []byte("no model"))
	picture(t, filepath.Join(dir, "mixed", "a.png"), 28, 28)
	picture(t, filepath.Join(dir, "mixed", "b.png"), 40, 30)
	picture(t, filepath.Join(dir, "wide", "a.png"), 40, 30)
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args  []string
		wants []string
	}{
		{[]string{"train", "dcgan", "--data", "nosuch", "--run", "r"}, []string{"nosuch", "fashion-mini"}},
		{[]string{"train", "dcgan", "--data", "empty", "--run", "r"}, []string{"empty"}},
		{[]string{"train", "dcgan", "--data", "mixed", "--run", "r"}, []string{"b.png", "--set resize=", "--set crop="}},
		{[]string{"train", "dcgan", "--data", "wide", "--run", "r"}, []string{"40", "30", "--set resize=30"}},
		{tiny("train", "dcgan", "--run", "file/r", "--until", "8"), []string{"file"}},
		{tiny("train", "dcgan", "--run", unwritable(t), "--until", "8"), []string{"cannot", "gogan-locked"}},
		{[]string{"runs", "nosuch"}, []string{"nosuch"}},
		{[]string{"runs", "empty"}, []string{"empty", "config.json"}},
		{[]string{"runs", "diff", "empty", "empty"}, []string{"empty"}},
		{[]string{"sample", "nosuch", "--seeds", "0", "--out", "o"}, []string{"nosuch"}},
		{[]string{"sample", "empty", "--seeds", "0", "--out", "o"}, []string{"empty"}},
		{[]string{"sample", "model.safetensors", "--seeds", "0", "--out", "o"}, []string{"model.safetensors"}},
		{[]string{"weights", "convert", "empty", "out.safetensors"}, []string{"empty"}},
		{[]string{"weights", "convert", trainedRun(t), "file/out.safetensors"}, []string{"file"}},
		{[]string{"data", "info", "file"}, []string{"file"}},
	} {
		execute(t, dir, test.args...).fails(t, 1, test.wants...)
	}
	want := []string{"empty", "file", "mixed", "model.safetensors", "wide"}
	if got := entries(t, dir); !slices.Equal(got, want) {
		t.Errorf("the failures left %v, want %v", got, want)
	}
}

// Every verb has help with an example, and every example is a command line that the verb takes.
func TestHelp(t *testing.T) {
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Short == "" || cmd.Example == "" {
			t.Errorf("%s has no description or no example", cmd.CommandPath())
		}
		for line := range strings.SplitSeq(cmd.Example, "\n") {
			checkExample(t, cmd, line)
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s has no description", cmd.CommandPath(), f.Name)
			}
		})
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRoot())
	for _, args := range [][]string{nil, {"--help"}, {"train", "--help"}, {"help", "train"}, {"data", "--help"}} {
		r := execute(t, "", args...).ok(t)
		if !strings.Contains(r.stdout, "Examples:") || r.stderr != "" {
			t.Errorf("%v\nwant help with an example on stdout", r)
		}
	}
}

// checkExample parses one line of an example with the flags and the rule about arguments of its verb.
func checkExample(t *testing.T, cmd *cobra.Command, line string) {
	t.Helper()
	_, line, found := strings.Cut(line, "gogan ")
	if !found {
		t.Errorf("%s: the example %q does not call gogan", cmd.CommandPath(), line)
		return
	}
	line, _, _ = strings.Cut(strings.TrimSuffix(line, ")"), " >")
	verb, rest, err := newRoot().Find(strings.Fields(line))
	if err == nil {
		err = verb.ParseFlags(rest)
	}
	if err == nil && verb.Args != nil {
		err = verb.Args(verb, verb.Flags().Args())
	}
	if err != nil {
		t.Errorf("%s: the example %q: %v", cmd.CommandPath(), line, err)
	}
}

// The exit status tells what an error is.
func TestExitStatus(t *testing.T) {
	live := context.Background()
	cancelled, cancel := context.WithCancelCause(live)
	signal := errors.New("interrupt signal received")
	cancel(signal)
	for _, test := range []struct {
		ctx  context.Context
		err  error
		want int
	}{
		{live, nil, 0},
		{live, errors.New("a failure"), 1},
		{live, usage("wrong %s", "flag"), 2},
		{live, context.Canceled, 1},
		{cancelled, signal, 130},
		{cancelled, stopped("stopped"), 130},
		{cancelled, errors.New("the disk is full"), 1},
	} {
		if got := exitStatus(test.ctx, test.err); got != test.want {
			t.Errorf("%v: exit status %d, want %d", test.err, got, test.want)
		}
	}
	if got, want := errorLine(errors.New("first\n\tsecond")), "gogan: first second"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCompletion(t *testing.T) {
	for _, test := range []struct {
		words []string
		want  string
	}{
		{[]string{"tr"}, "train"},
		{[]string{"train", ""}, "mlp-gan"},
		{[]string{"train", "dcgan", "--da"}, "--data"},
		{[]string{"train", "dcgan", "--data", ""}, "fashion-mini"},
		{[]string{"train", "dcgan", "--set", ""}, "generator_optimizer.lr="},
		{[]string{"train", "dcgan", "--set", ""}, "resize="},
		{[]string{"data", "fetch", ""}, "fashion-mnist"},
		{[]string{"data", "info", ""}, "fashion-mini"},
		{[]string{"weights", ""}, "inspect"},
		{[]string{"weights", "convert", "run", "out.pth", "--"}, "--legacy"},
		{[]string{"completion", ""}, "fish"},
		{[]string{"sample", "run", "--"}, "--over-time"},
	} {
		r := execute(t, "", append([]string{"__complete"}, test.words...)...).ok(t)
		found := slices.ContainsFunc(strings.Split(r.stdout, "\n"), func(line string) bool {
			word, _, _ := strings.Cut(line, "\t")
			return word == test.want
		})
		if !found {
			t.Errorf("%v\nwant %q", r, test.want)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		script := execute(t, "", "completion", shell).ok(t).stdout
		if !strings.Contains(script, "__complete") {
			t.Errorf("the script for %s never asks gogan", shell)
		}
		if shell == "bash" {
			check := exec.Command("bash", "-n")
			check.Stdin = strings.NewReader(script)
			if output, err := check.CombinedOutput(); err != nil {
				t.Errorf("bash: %v: %s", err, output)
			}
		}
	}
}

// unwritable returns the path of a directory that this user may not make. What permissions forbid, root may do; the
// file system of the processes takes no directory from anybody.
func unwritable(t *testing.T) string {
	t.Helper()
	if os.Geteuid() == 0 {
		return "/proc/gogan-locked"
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "gogan-locked")
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// picture writes a grey PNG.
func picture(t *testing.T, path string, width, height int) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img := image.NewGray(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = uint8(width + i)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

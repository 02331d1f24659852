package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/home"
	"github.com/gogan-ml/gogan/internal/inceptionweights"
	"github.com/gogan-ml/gogan/metrics"
	"github.com/gogan-ml/gogan/weights"
)

const (
	fidPictures  = 256
	fidTrial     = 32 // pictures of each side that a setting is tried on
	fidSide      = 64 // pixels
	fidRounds    = 2
	fidTolerance = 1e-3 // relative; the roundings of 94 layers
	fidLimit     = 600 * time.Second
	fidVerb      = "-fid"
)

// fidPeer is a program that measures FID, the rule of ours that equals its own, and its settings, of which the fastest
// counts. Compiled by torch.compile it is not tried: the compiler alone takes longer than all else together.
type fidPeer struct {
	name     string
	rule     metrics.Preprocess
	settings []fidSetting
}

type fidSetting struct{ workers, layout, batch string }

var fidPeers = []fidPeer{
	{"pytorch-fid", metrics.PytorchFID, []fidSetting{
		{"2", "contiguous", "50"}, {"0", "contiguous", "50"}, {"0", "channels_last", "50"}, {"0", "channels_last", "16"}}},
	{"torch-fidelity", metrics.TF1, []fidSetting{
		{"4", "contiguous", "64"}, {"0", "contiguous", "64"}, {"0", "channels_last", "64"}, {"0", "channels_last", "16"}}},
}

// measured is what a process prints that measured FID once.
type measured struct {
	Version string  `json:"version"`
	Seconds float64 `json:"seconds"` // from the folders to the distance: network and weights included, the start of the process not
	Value   float64 `json:"value"`
	Peak    float64 `json:"peak"` // bytes of memory
}

// fidRace compares the time from two folders of pictures to their FID, each time in a new process, and prints the peak
// memory of both.
func fidRace(ctx context.Context, p fidPeer) (result, error) {
	python, err := pythonOfPeers()
	if err != nil {
		return result{}, err
	}
	root, ok := home.Repository()
	if !ok {
		return result{}, fmt.Errorf("%w: not in a clone of gogan, which holds the peers' programs", errMissing)
	}
	dir, err := os.MkdirTemp("", "gogan-bench-")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(dir)
	in, err := fidInputs(dir)
	if err != nil {
		return result{}, err
	}
	script := filepath.Join(root, "bench", "peers", "fid.py")
	peer := func(s fidSetting, reals, fakes string) (measured, error) {
		return runMeasured(ctx, python, script, p.name, s.workers, s.layout, s.batch, in.weights, reals, fakes)
	}
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	we := func(reals, fakes string) (measured, error) {
		return runMeasured(ctx, self, fidVerb, string(p.rule), in.weights, reals, fakes)
	}
	if _, err := we(in.trialReals, in.trialFakes); err != nil { // compiles our programs, as the first run of a machine does
		return result{}, err
	}
	best, err := fastestSetting(p.settings, func(s fidSetting) (measured, error) { return peer(s, in.trialReals, in.trialFakes) })
	if err != nil {
		return result{}, fmt.Errorf("%s: %w", p.name, err)
	}
	var ours, theirs []float64
	var ourPeak, theirPeak float64
	version := ""
	for range fidRounds {
		a, err := we(in.reals, in.fakes)
		if err != nil {
			return result{}, err
		}
		b, err := peer(best, in.reals, in.fakes)
		if err != nil {
			return result{}, err
		}
		if !(math.Abs(a.Value-b.Value) <= fidTolerance*math.Abs(b.Value)) {
			return result{}, fmt.Errorf("%s gives %.7g, ours is %.7g: not the same computation", p.name, b.Value, a.Value)
		}
		ours, theirs = append(ours, a.Seconds), append(theirs, b.Seconds)
		ourPeak, theirPeak, version = max(ourPeak, a.Peak), max(theirPeak, b.Peak), b.Version
	}
	const gib = 1 << 30
	version += fmt.Sprintf(", peak memory ours %.2f GiB, peer %.2f GiB", ourPeak/gib, theirPeak/gib)
	return result{median(ours), median(theirs), version}, nil
}

// fastestSetting tries all settings. One that fails is left out; if all do, the last error counts.
func fastestSetting(settings []fidSetting, try func(fidSetting) (measured, error)) (best fidSetting, err error) {
	fastest := math.Inf(1)
	for _, s := range settings {
		m, failed := try(s)
		if failed != nil {
			err = failed
		} else if m.Seconds < fastest {
			best, fastest = s, m.Seconds
		}
	}
	if math.IsInf(fastest, 1) {
		return best, err
	}
	return best, nil
}

// fidFiles are the inputs of both programs.
type fidFiles struct{ weights, reals, fakes, trialReals, trialFakes string }

// fidInputs writes weights by formula and four folders of pictures.
func fidInputs(dir string) (fidFiles, error) {
	in := fidFiles{filepath.Join(dir, "weights.pth"), filepath.Join(dir, "reals"), filepath.Join(dir, "fakes"),
		filepath.Join(dir, "trial-reals"), filepath.Join(dir, "trial-fakes")}
	f, err := os.Create(in.weights)
	if err != nil {
		return in, err
	}
	defer f.Close()
	if err := weights.WriteTorch(f, inceptionweights.Arrays()); err != nil {
		return in, err
	}
	for i, folder := range []string{in.reals, in.fakes, in.trialReals, in.trialFakes} {
		n := fidPictures
		if i >= 2 {
			n = fidTrial
		}
		if err := writePictures(folder, i%2, n); err != nil {
			return in, err
		}
	}
	return in, f.Close()
}

// writePictures writes n pictures by formula: 8x8 blots of colour, enlarged, with grain; those of side 1 are flatter and
// grainier.
func writePictures(folder string, side, n int) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	contrast, grain := float32(100-30*side), float32(8+8*side)
	for i := range n {
		blots := golden.Values(uint32(10_000*(side+1)+i), 8*8*3)
		noise := golden.Values(uint32(50_000*(side+1)+i), fidSide*fidSide*3)
		small := imaging.NewImage8(8, 8, 3)
		for k, u := range blots {
			small.Pix[k] = uint8(128 + contrast*u)
		}
		picture := imaging.Resize(small, fidSide, fidSide, imaging.Bicubic)
		for k, u := range noise {
			picture.Pix[k] = uint8(min(max(float32(picture.Pix[k])+grain*u, 0), 255))
		}
		f, err := os.Create(filepath.Join(folder, fmt.Sprintf("%04d.png", i)))
		if err != nil {
			return err
		}
		if err := imaging.EncodePNG(f, picture.Image(), nil); err != nil {
			f.Close()
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// runMeasured runs a program that prints a line of JSON.
func runMeasured(ctx context.Context, program string, args ...string) (measured, error) {
	output, err := outputOf(exec.CommandContext(ctx, program, args...))
	if err != nil {
		if ctx.Err() != nil { // it was killed: its last words say nothing
			err = ctx.Err()
		}
		return measured{}, err
	}
	var m measured
	if err := json.Unmarshal(output, &m); err != nil {
		return measured{}, fmt.Errorf("%s printed %q", filepath.Base(program), output)
	}
	return m, nil
}

// printFID measures FID once, in this process: args are the rule, the file of the weights, and two folders.
func printFID(ctx context.Context, args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("%s needs RULE WEIGHTS REALS FAKES, got %s", fidVerb, strconv.Quote(fmt.Sprint(args)))
	}
	start := time.Now()
	opt := &metrics.Options{Preprocess: metrics.Preprocess(args[0]), Weights: args[1]}
	var sides [2]*datasets.Set
	for i, folder := range args[2:] {
		set, err := datasets.Open(folder)
		if err != nil {
			return err
		}
		defer set.Close()
		sides[i] = set
	}
	fid, err := metrics.FID(ctx, sides[0], sides[1], opt)
	if err != nil {
		return err
	}
	m := measured{Seconds: time.Since(start).Seconds(), Value: fid.Value}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	m.Peak = float64(usage.Maxrss) * 1024 // in kilobytes on Linux
	return json.NewEncoder(os.Stdout).Encode(m)
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/home"
	"github.com/gogan-ml/gogan/metrics/stats"
)

const (
	frechetFeatures  = 2048 // of the network of FID
	frechetRounds    = 3    // fewer on a machine that is so slow, or so busy, that there is no time for more
	frechetTolerance = 1e-6 // relative; what both programs claim
)

// frechetRace compares the time from two statistics files to their Fréchet distance: ours, and that of pytorch-fid with
// SciPy's square root of a matrix. The time of a process to start and to load its libraries is not counted.
func frechetRace(ctx context.Context, features int) (result, error) {
	python, err := pythonOfPeers()
	if err != nil {
		return result{}, err
	}
	root, ok := home.Repository()
	if !ok {
		return result{}, fmt.Errorf("%w: not in a clone of gogan, which holds the peers' programs", errMissing)
	}
	script := filepath.Join(root, "bench", "peers", "scipy_frechet.py")
	dir, err := os.MkdirTemp("", "gogan-bench-")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(dir)
	files := [2]string{filepath.Join(dir, "real.npz"), filepath.Join(dir, "fake.npz")}
	for i, file := range files {
		if err := writeStatistics(file, uint32(i+1), features); err != nil {
			return result{}, err
		}
	}
	var ours, theirs []float64
	var version string
	for len(ours) < frechetRounds {
		start := time.Now()
		value, err := distanceOfFiles(files)
		if err != nil {
			return result{}, err
		}
		ours = append(ours, time.Since(start).Seconds())
		peer, err := scipyFrechet(ctx, python, script, files)
		if err != nil {
			return result{}, err
		}
		if !(math.Abs(peer.Value-value) <= frechetTolerance*math.Abs(value)) {
			return result{}, fmt.Errorf("the distance is %.10g, ours %.10g: not the same computation", peer.Value, value)
		}
		theirs, version = append(theirs, peer.Seconds), peer.Version
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < 3*time.Since(start) {
			break
		}
	}
	return result{median(ours), median(theirs), version}, nil
}

// writeStatistics writes the statistics of features by formula, with unequal variances and four common factors, of twice
// as many pictures as features: the covariance has full rank.
func writeStatistics(path string, salt uint32, d int) error {
	n := 2 * d
	rows := stats.Rows{N: n, D: d, Data: golden.Values(salt, n*d)}
	common := golden.Values(salt+1000, n*4)
	for i := range n {
		row := rows.Row(i)
		for j := range row {
			row[j] = row[j]/float32(1+j%16) + common[4*i+j%4] + 0.1*float32(salt)
		}
	}
	moments := stats.NewMoments(d)
	if err := moments.Add(rows); err != nil {
		return err
	}
	cov, err := moments.Covariance(1)
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	s := &stats.Stats{N: n, Mean: moments.Mean, Cov: cov, DDoF: 1}
	if err := s.Write(f); err != nil {
		return err
	}
	return f.Close()
}

// distanceOfFiles reads both files at a time and returns their distance.
func distanceOfFiles(files [2]string) (float64, error) {
	var sides [2]*stats.Stats
	var failures [2]error
	done := make(chan bool)
	for i, file := range files {
		go func() {
			sides[i], failures[i] = stats.Read(file)
			done <- true
		}()
	}
	for range files {
		<-done
	}
	if err := errors.Join(failures[:]...); err != nil {
		return 0, err
	}
	r, err := stats.Frechet(sides[0], sides[1], nil)
	return r.Value, err
}

// scipyAnswer is what the peer's program prints.
type scipyAnswer struct {
	Version        string
	Seconds, Value float64
}

// scipyFrechet runs the peer.
func scipyFrechet(ctx context.Context, python, script string, files [2]string) (scipyAnswer, error) {
	output, err := outputOf(exec.CommandContext(ctx, python, script, files[0], files[1]))
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return scipyAnswer{}, err
	}
	var answer scipyAnswer
	if err := json.Unmarshal(output, &answer); err != nil {
		return scipyAnswer{}, fmt.Errorf("the peer printed %q", output)
	}
	return answer, nil
}

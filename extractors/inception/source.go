package inception

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/gogan-ml/gogan/internal/fetch"
	"github.com/gogan-ml/gogan/internal/home"
	"github.com/gogan-ml/gogan/weights"
)

// SHA256 is the checksum of the published weights' file.
const SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"

// The published file, converted from TensorFlow's by the authors of torch-fidelity; pytorch-fid offers the same bytes.
const (
	fileName  = "pt_inception-2015-12-05-6726825d.pth"
	fileBytes = 95_628_359
)

var mirrors = []string{
	"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/" + fileName,
	"https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth",
}

// load reads the weights that opt asks for, with the checksum of their file.
func load(ctx context.Context, opt *Options) (*state, string, error) {
	o := Options{}
	if opt != nil {
		o = *opt
	}
	if o.mirrors == nil {
		o.mirrors, o.sha256 = mirrors, SHA256
	}
	path, sum := o.Weights, ""
	var err error
	if path == "" {
		path, sum, err = o.published(ctx)
	} else {
		sum, err = fileSHA256(path)
	}
	if err != nil {
		return nil, "", err
	}
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	arrays, err := weights.Read(path)
	if err != nil {
		return nil, "", err
	}
	s, err := newState(arrays)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	return s, sum, nil
}

// published returns the published file in the cache, which it downloads if need be.
func (o Options) published(ctx context.Context) (path, sum string, err error) {
	file := fetch.File{Path: home.Join("weights", fileName), URLs: o.mirrors, SHA256: o.sha256, MaxBytes: fileBytes}
	if err := fetch.Get(ctx, file, &fetch.Options{Progress: o.Progress}); err != nil {
		if ctx.Err() != nil {
			return "", "", err
		}
		return "", "", fmt.Errorf("the weights cannot be downloaded: get %s (SHA-256 %s) and name the file with --weights FILE "+
			"(Options.Weights) or put it at %s: %w", o.mirrors[0], o.sha256, file.Path, err)
	}
	return file.Path, o.sha256, nil
}

// fileSHA256 returns the checksum of a file in hex.
func fileSHA256(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

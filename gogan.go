// Package gogan opens trained models of every family by their path.
//
// The families are packages of their own: gan (two players, GAN to WGAN-GP), cyclegan (unpaired translation). Who knows the family uses its Load, which
// returns the type itself; Load here is for programs that are given a path.
package gogan

import (
	"github.com/gogan-ml/gogan/cyclegan"
	"github.com/gogan-ml/gogan/gan"
)

// A Model is a trained model, opened to be used. What it can do depends on its family, which a type switch tells:
//
//	switch m := model.(type) {
//	case *gan.Generator:  // draws pictures from seeds
//	case *cyclegan.Model: // translates pictures
//	}
type Model interface {
	// Close frees the device's memory.
	Close() error
}

var (
	_ Model = (*gan.Generator)(nil)
	_ Model = (*cyclegan.Model)(nil)
)

// Load opens the model of a run directory, of a file that `gogan weights convert` made from one, or of a generator's file
// of another program (see gan.ForeignKinds, cyclegan.ForeignKinds), on the default device (see accel.Default). It returns a
// *gan.Generator or a *cyclegan.Model. The error says what path holds instead.
func Load(path string) (Model, error) {
	if cyclegan.Is(path) {
		return opened(cyclegan.Load(path))
	}
	return opened(gan.Load(path))
}

// LoadBest is Load at the checkpoint with the best score. It is an error if the run has no scores.
func LoadBest(path string) (Model, error) {
	if cyclegan.Is(path) {
		return opened(cyclegan.LoadBest(path))
	}
	return opened(gan.Load(path, gan.BestCheckpoint()))
}

// opened makes no Model of a nil.
func opened[M Model](m M, err error) (Model, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}

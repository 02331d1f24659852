package metrics

import (
	"context"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/extractors/fashioncnn"
	"github.com/gogan-ml/gogan/extractors/inception"
)

const (
	inception2015 = inception.Name
	fashionCNN    = fashioncnn.Name
)

// ExtractorNames returns the networks that Options.Extractor takes, the default first.
func ExtractorNames() []string { return []string{inception2015, fashionCNN} }

// Preprocesses returns the rules of an extractor, its default first; none for an extractor that there is not.
func Preprocesses(extractor string) []Preprocess {
	switch extractor {
	case inception2015:
		return []Preprocess{TF1, PytorchFID, Clean, Torchmetrics}
	case fashionCNN:
		return []Preprocess{fashioncnn.Preprocess}
	}
	return nil
}

// open opens the network of the settings, unless the caller did.
func (s *settings) open(ctx context.Context) (extractors.Extractor, error) {
	if s.Network != nil {
		return unowned{s.Network}, nil
	}
	device := s.Device
	if device == nil {
		var err error
		if device, err = accel.Default(ctx); err != nil {
			return nil, err
		}
	}
	if s.Extractor == fashionCNN {
		return fashioncnn.Open(ctx, device)
	}
	return inception.Open(ctx, device, &inception.Options{Weights: s.Weights, Progress: s.Progress})
}

// unowned is a network whose closing stays with somebody else.
type unowned struct{ extractors.Extractor }

// Close does nothing.
func (unowned) Close() error { return nil }

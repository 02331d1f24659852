package main

import (
	"context"

	"github.com/gogan-ml/gogan/gan"
)

// A study is an experiment on pictures: settings, each trained with several seeds.
type study struct {
	name, about string
	settings    func() []setting
	seeds       int64
	every       int64 // thousand real images between two scores
	// reference is the row that the costs of all are compared with; "": costs are not measured.
	reference string
}

// studies are all of them: losses is behind notebook 05, wgangpFashion and snganFashion behind 06, everyPreset
// behind the table of the README, the others behind 08.
var studies = []study{losses, wgangpFashion, snganFashion, residual, architectures, optimizers, clipping, r1, speed, everyPreset}

func studyExperiments() []Experiment {
	var out []Experiment
	for _, s := range studies {
		out = append(out, s.experiment())
	}
	return out
}

// experiment makes the study one of the list. All rows get their first seed before any gets its second, so that what is
// there after an interruption can be compared.
func (s study) experiment() Experiment {
	return Experiment{Name: s.name, About: s.about, Run: func(ctx context.Context, b Bench) error {
		p, err := openPictures(ctx, b.Small)
		if err != nil {
			return err
		}
		settings := s.settings()
		if s.reference != "" {
			if err := b.costs(ctx, p, settings, s.reference); err != nil {
				return err
			}
		}
		for seed := int64(1); seed <= b.steps(s.seeds, 1); seed++ {
			for _, setting := range settings {
				if err := b.picture(ctx, p, setting, seed, s.every*gan.Kimg); err != nil {
					return err
				}
			}
		}
		return nil
	}}
}

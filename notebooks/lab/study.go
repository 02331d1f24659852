package lab

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/metrics"
	"github.com/gogan-ml/gogan/metrics/stats"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// A Study measures what scores say of spoiled pictures, and writes what it measures to files for the figures.
type Study struct {
	dir    string
	source Source
	scorer *metrics.Scorer
	reals  *metrics.Stats
}

// nearestOf is how many fakes the median distance to the nearest real is of: enough for its second digit.
const nearestOf = 500

// examples is how many pictures of each dose are kept to be shown.
const examples = 4

// NewStudy measures the reals of a source and returns a study with files in dir, which is made if need be. opt says what is
// measured; one of its metrics must be kd, kid or prdc, which keep the features of every picture.
func NewStudy(ctx context.Context, dir string, src Source, opt *metrics.Options) (*Study, error) {
	scorer, err := metrics.Open(ctx, opt)
	if err != nil {
		return nil, err
	}
	s := &Study{dir: dir, source: src, scorer: scorer}
	if s.reals, err = scorer.Measure(ctx, src.Reals); err != nil {
		scorer.Close()
		return nil, err
	}
	return s, nil
}

// Close frees the network.
func (s *Study) Close() error { return s.scorer.Close() }

// Floor measures several draws of untouched pictures: what scores say of pictures that nothing is wrong with, and how much
// that varies. Every other measurement is compared with it.
func (s *Study) Floor(ctx context.Context, draws int) error {
	floor := figures.Doses{Title: "Untouched pictures", Unit: "draw"}
	for draw := range draws {
		src := s.source
		src.Seed += 1 + uint64(draw) // none is that of the distortions
		p, err := src.Untouched()
		if err != nil {
			return err
		}
		dose, err := s.dose(ctx, p, plain(float64(draw+1)))
		if err != nil {
			return err
		}
		floor.Doses = append(floor.Doses, dose)
	}
	return figures.WriteFloor(s.dir, floor)
}

// Measure measures all doses of a distortion and writes them to the file of its name.
func (s *Study) Measure(ctx context.Context, d Distortion) error {
	out := figures.Doses{Title: d.Title, Unit: d.Unit}
	for _, amount := range d.Doses {
		p, err := d.Apply(s.source, amount)
		if err != nil {
			return err
		}
		dose, err := s.dose(ctx, p, d.Label(amount))
		if err != nil {
			return fmt.Errorf("lab: %s of %s: %w", d.Name, d.Label(amount), err)
		}
		out.Doses = append(out.Doses, dose)
	}
	return out.Write(filepath.Join(s.dir, d.Name+".json"))
}

// dose measures pictures.
func (s *Study) dose(ctx context.Context, p *Pictures, label string) (figures.Dose, error) {
	fakes, err := s.scorer.Measure(ctx, p)
	if err != nil {
		return figures.Dose{}, err
	}
	results, err := s.scorer.Compare(s.reals, fakes)
	if err != nil {
		return figures.Dose{}, err
	}
	order := rand.New(rand.NewPCG(s.source.Seed, 0)).Perm(fakes.N)
	some, err := fakes.Choose(order[:min(nearestOf, fakes.N)])
	if err != nil {
		return figures.Dose{}, err
	}
	near, err := stats.Nearest(some.Pool, s.reals.Pool, 1)
	if err != nil {
		return figures.Dose{}, err
	}
	row := imaging.Grid(p.Images[:min(examples, p.Len())], examples, 2)
	return figures.NewDose(label, results, stats.Median(near.First()), row.Image())
}

package metrics

import "context"

// Against measures reals once, if any metric compares with them, and returns a function that scores fakes against them:
// for those who score again and again, while a generator is trained.
func (s *Scorer) Against(ctx context.Context, reals Images) (func(ctx context.Context, fakes Images) ([]Result, error), error) {
	var measured *Stats
	if s.set.needsReals() {
		var err error
		if measured, err = s.Measure(ctx, reals); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context, fakes Images) ([]Result, error) {
		stats, err := s.Measure(ctx, fakes)
		if err != nil {
			return nil, err
		}
		return s.Compare(measured, stats)
	}, nil
}

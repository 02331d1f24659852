package metrics

import (
	"image"
	"slices"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/internal/testbackend"
)

// What people have is Images as it is.
var _, _ Images = (*datasets.Set)(nil), (*gan.Samples)(nil)

// A loaded generator is measured without a file: its samples, drawn when they are read, score as the same pictures do that
// were drawn before.
func TestGenerator(t *testing.T) {
	device := &accel.Device{Backend: testbackend.Go(t)}
	reals, err := datasets.Open("fashion-mini:test", datasets.WithLimit(25))
	if err != nil {
		t.Fatal(err)
	}
	cfg := gan.DCGAN()
	cfg.BaseChannels, cfg.Batch = 2, 4
	dir := t.TempDir()
	run, err := gan.OpenOn(device, dir, cfg, reals)
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	g, err := gan.LoadOn(device, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	drawn, err := g.Sample(t.Context(), gan.Seeds(7, 27))
	if err != nil {
		t.Fatal(err)
	}
	before := Sequence(len(drawn), func(yield func(image.Image, error) bool) {
		for _, img := range drawn {
			if !yield(img, nil) {
				return
			}
		}
	})
	opt := &Options{Network: small(), Metrics: []string{"fd", "prdc"}}
	values := func(fakes Images) (out []float64) {
		t.Helper()
		results, err := Score(t.Context(), reals, fakes, opt)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			out = append(out, r.Value)
		}
		return out
	}
	if got, want := values(g.Samples(20, 7)), values(before); !slices.Equal(got, want) || got[0] <= 0 {
		t.Errorf("samples score %v, the same pictures %v", got, want)
	}
	if other := values(g.Samples(20, 8)); other[0] == values(before)[0] {
		t.Error("other seeds have the same score")
	}
}

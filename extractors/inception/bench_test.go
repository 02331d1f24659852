package inception_test

import (
	"context"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/extractors/inception"
	"github.com/gogan-ml/gogan/internal/inceptionweights"
)

// BenchmarkExtract reports pictures of 64x64 pixels a second, resize included.
func BenchmarkExtract(b *testing.B) {
	n, err := inception.Open(context.Background(), device(b), &inception.Options{Weights: inceptionweights.File(b)})
	if err != nil {
		b.Fatal(err)
	}
	defer n.Close()
	var images []*imaging.Image8
	for i := range 2 * n.Batch() {
		images = append(images, picture(uint32(i+1), 64, 64, 3))
	}
	extract := func() {
		if _, err := n.Extract(context.Background(), images, extractors.PytorchFID, extractors.Pool); err != nil {
			b.Fatal(err)
		}
	}
	extract() // compiles
	for b.Loop() {
		extract()
	}
	b.ReportMetric(float64(len(images)*b.N)/b.Elapsed().Seconds(), "images/s")
}

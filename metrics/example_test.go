package metrics_test

import (
	"context"
	"fmt"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/metrics"
)

// Pictures of anything are compared with the extractor that needs no download. Without options it is FID.
func ExampleFID() {
	ctx := context.Background()
	reals, err := datasets.Open("fashion-mini:test", datasets.WithLimit(64))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := metrics.FID(ctx, reals, reals, &metrics.Options{Extractor: "fashion-cnn"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s %.3f of %d and %d pictures\n", r.Name, r.Value, r.NReal, r.NFake)
	// Output: fd_fashion_cnn 0.000 of 64 and 64 pictures
}

// Reals that are measured once serve many comparisons.
func ExampleScorer() {
	ctx := context.Background()
	reals, err := datasets.Open("fashion-mini:test", datasets.WithLimit(64))
	if err != nil {
		fmt.Println(err)
		return
	}
	scorer, err := metrics.Open(ctx, &metrics.Options{Extractor: "fashion-cnn", Metrics: []string{"fd", "prdc"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer scorer.Close()
	measured, err := scorer.Measure(ctx, reals)
	if err != nil {
		fmt.Println(err)
		return
	}
	results, err := scorer.Compare(measured, measured)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range results {
		fmt.Println(r.Name)
	}
	// Output:
	// fd_fashion_cnn
	// prdc_precision_fashion_cnn
	// prdc_recall_fashion_cnn
	// prdc_density_fashion_cnn
	// prdc_coverage_fashion_cnn
}

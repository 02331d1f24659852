package stats_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gogan-ml/gogan/metrics/stats"
)

// square returns the statistics of the corners of a square around (x, 0).
func square(x float32) *stats.Stats {
	rows := stats.Rows{N: 4, D: 2, Data: []float32{x + 1, 1, x + 1, -1, x - 1, 1, x - 1, -1}}
	moments := stats.NewMoments(rows.D)
	if err := moments.Add(rows); err != nil {
		panic(err)
	}
	cov, err := moments.Covariance(1)
	if err != nil {
		panic(err)
	}
	return &stats.Stats{N: 4, Mean: moments.Mean, Cov: cov, DDoF: 1, Pool: rows, Extractor: "my-network"}
}

// Two sets that differ by their means only: the distance is the square of what those are apart.
func ExampleFrechet() {
	r, err := stats.Frechet(square(0), square(3), nil)
	fmt.Println(r, err)
	// Output: fd_my_network 9 (n_real 4, n_fake 4, my-network, ddof 1) <nil>
}

// Statistics in a file that pytorch-fid and clean-fid read, too.
func ExampleRead() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "square.npz")
	f, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	if err := square(0).Write(f); err != nil {
		panic(err)
	}
	if err := f.Close(); err != nil {
		panic(err)
	}
	s, err := stats.Read(path)
	fmt.Println(s.N, s.Mean, s.Extractor, err)
	// Output: 4 [0 0] my-network <nil>
}

// Two halves of a set, measured apart, give the statistics of the whole.
func ExampleMerge() {
	left, right := square(-2), square(2)
	left.Shards, right.Shards = []stats.Shard{{Index: 1, Of: 2}}, []stats.Shard{{Index: 2, Of: 2}}
	whole, err := stats.Merge(right, left)
	fmt.Println(whole.N, whole.Mean, err)
	_, err = stats.Merge(left)
	fmt.Println(err)
	// Output:
	// 8 [0 0] <nil>
	// stats: merge: missing shards: 2/2
}

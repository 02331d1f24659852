package stats

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gogan-ml/gogan/internal/golden"
)

// shards returns the parts of the first n rows, each measured by itself, and the whole.
func shards(t *testing.T, of int) (parts []*Stats, whole *Stats) {
	t.Helper()
	const n, d = 100, 12
	pool, logits := featuresOf(1, n, d, 2), Rows{n, 3, golden.Values(7, 3*n)}
	part := func(first, end int) *Stats {
		s := kept(t, Rows{end - first, d, pool.Data[first*d : end*d]})
		s.Logits = Rows{end - first, 3, logits.Data[first*3 : end*3]}
		spatial := measured(t, Rows{2 * (end - first), d / 2, s.Pool.Data})
		s.SpatialMean, s.SpatialCov = spatial.Mean, spatial.Cov
		s.Source, s.Version, s.WeightsSHA256, s.WeightsOfficial = "pictures", "1", "6726", true
		s.Time = time.Unix(int64(1000+first), 0)
		return s
	}
	for i := range of {
		s := part(i*n/of, (i+1)*n/of)
		s.Shards = []Shard{{i + 1, of}}
		parts = append(parts, s)
	}
	return parts, part(0, n)
}

// sameMoments fails if two covariances or means differ by more than 1e-12 of the variances.
func sameMoments(t *testing.T, what string, got, want []float64, size float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d numbers, want %d", what, len(got), len(want))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-12*size) {
			t.Errorf("%s: number %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func TestMergeOfShards(t *testing.T) {
	for _, of := range []int{1, 2, 7} {
		t.Run(fmt.Sprint(of), func(t *testing.T) {
			parts, want := shards(t, of)
			parts[0], parts[of-1] = parts[of-1], parts[0] // any order
			got, err := Merge(parts...)
			if err != nil {
				t.Fatal(err)
			}
			sameMoments(t, "mean", got.Mean, want.Mean, 1)
			sameMoments(t, "covariance", got.Cov, want.Cov, 1)
			if got.N != want.N || got.Shards != nil || got.Source != "pictures" || got.Version != "1" || got.WeightsSHA256 != "6726" ||
				!got.WeightsOfficial || got.Preprocess != "tf1" || got.Extractor != inception || got.DDoF != 1 || got.Time.Unix() < 1000+100*int64(of-1)/int64(of) {
				t.Errorf("merged %+v", got)
			}
			for i, v := range want.Pool.Data {
				if got.Pool.N != want.N || got.Pool.Data[i] != v {
					t.Fatalf("rows are not those of the whole in its order: %d of %v", i, got.Pool.N)
				}
			}
			for i, v := range want.Logits.Data {
				if got.Logits.Data[i] != v {
					t.Fatalf("logits are not those of the whole in its order: %d", i)
				}
			}
		})
	}
}

// The spatial features are weighed by pictures, too.
func TestMergeOfSpatialFeatures(t *testing.T) {
	r := featuresOf(1, 90, 6, 0)
	part := func(first, end int) *Stats {
		s := measured(t, Rows{end - first, 6, r.Data[first*6 : end*6]})
		s.SpatialMean, s.SpatialCov = s.Mean, s.Cov
		return s
	}
	got, err := Merge(part(0, 30), part(30, 90))
	if err != nil {
		t.Fatal(err)
	}
	want := part(0, 90)
	sameMoments(t, "spatial mean", got.SpatialMean, want.SpatialMean, 1)
	sameMoments(t, "spatial covariance", got.SpatialCov, want.SpatialCov, 1)
}

// Sets of their own merge into their union; what differs and matters to nobody is joined or dropped.
func TestMergeOfSets(t *testing.T) {
	a, b := kept(t, featuresOf(1, 30, 6, 0)), measured(t, featuresOf(2, 40, 6, 0))
	a.Source, b.Source, a.Version, b.Version = "a", "b", "1", "2"
	got, err := Merge(a, b)
	if err != nil || got.N != 70 || got.Source != "a + b" || got.Version != "" || got.Pool.N != 0 {
		t.Errorf("merged %+v, %v", got, err)
	}
}

func TestMergeErrors(t *testing.T) {
	three, whole := shards(t, 3)
	two, _ := shards(t, 2)
	change := func(f func(s *Stats)) *Stats {
		s := *whole
		f(&s)
		return &s
	}
	for want, parts := range map[string][]*Stats{
		"no statistics are given":                            {},
		"missing shards: 2/3":                                {three[0], three[2]},
		"missing shards: 1/3, 3/3":                           {three[1]},
		"shard 1/3 is there twice":                           {three[0], three[1], three[2], three[0]},
		"and others of 3":                                    {three[0], two[1]},
		"is a whole set and":                                 {whole, three[0]},
		`different extractors, "inception-2015" and "vgg16"`: {whole, change(func(s *Stats) { s.Extractor = "vgg16" })},
		`different weights, "6726" and ""`:                   {whole, change(func(s *Stats) { s.WeightsSHA256 = "" })},
		`different preprocessing, "tf1" and "clean"`:         {whole, change(func(s *Stats) { s.Preprocess = "clean" })},
		"has 0 pictures (0: its file does not say how many":  {whole, change(func(s *Stats) { s.N = 0 })},
		"has 12 and 6 features, another (pictures) 12 and 0": {whole, change(func(s *Stats) { s.SpatialMean = nil })},
		"has a covariance of 0 numbers for 12 features":      {whole, change(func(s *Stats) { s.Cov = nil })},
	} {
		_, err := Merge(parts...)
		if err == nil || !strings.HasPrefix(err.Error(), "stats: merge: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

package stats

import (
	"bytes"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/weights"
)

var update = flag.Bool("update", false, "rewrite testdata/snap")

// complete returns statistics with everything that a file can hold.
func complete(t *testing.T) *Stats {
	t.Helper()
	s := kept(t, featuresOf(1, 20, 8, 0))
	spatial := measured(t, featuresOf(2, 20, 5, 0))
	s.SpatialMean, s.SpatialCov = spatial.Mean, spatial.Cov
	s.Logits = Rows{20, 6, golden.Values(3, 120)}
	s.Source, s.WeightsSHA256, s.WeightsOfficial, s.Version = "pictures", "6726825d", true, "0.2.0"
	s.Shards = []Shard{{2, 3}}
	s.Time = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	return s
}

func write(t *testing.T, s *Stats) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := s.Write(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// save returns the path of a file with the content.
func save(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWriteAndRead(t *testing.T) {
	want := complete(t)
	for i, field := range reflect.VisibleFields(reflect.TypeFor[Stats]()) {
		if field.Name != "Spatial" && reflect.ValueOf(*want).Field(i).IsZero() {
			t.Errorf("field %s is not covered by this test", field.Name)
		}
	}
	got, err := Read(save(t, "s.npz", write(t, want)))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, %v, want %+v", got, err, want)
	}
	least := measured(t, featuresOf(1, 20, 8, 0))
	path := save(t, "least.npz", write(t, least))
	least.Source = path
	if got, err = Read(path); err != nil || !reflect.DeepEqual(got, least) {
		t.Errorf("read %+v, %v, want %+v", got, err, least)
	}
}

// Equal statistics are equal files, now and in later versions; numpy reads this one in testdata/ref/make_stats.py --check.
func TestWriteIsDeterministic(t *testing.T) {
	const snap = "testdata/snap/ours.npz"
	got := write(t, complete(t))
	if *update {
		if err := os.WriteFile(snap, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got, write(t, complete(t))) {
		t.Error("the same statistics twice are two files")
	}
	read := func(content []byte) map[string]weights.Array {
		t.Helper()
		arrays, err := weights.ReadNPZ(save(t, "s.npz", content))
		if err != nil {
			t.Fatal(err)
		}
		return arrays
	}
	want, err := os.ReadFile(snap)
	if err != nil {
		t.Fatal(err)
	}
	a, b := read(got), read(want)
	names := slices.Sorted(maps.Keys(b))
	if !slices.Equal(slices.Sorted(maps.Keys(a)), names) {
		t.Fatalf("the file has other arrays than %v", names)
	}
	for _, name := range names {
		x, y := a[name], b[name]
		if x.DType == weights.F64 { // machines without fused additions round otherwise
			v, _ := x.Float64s()
			w, _ := y.Float64s()
			if !slices.Equal(x.Shape, y.Shape) {
				t.Fatalf("%s has shape %v, want %v", name, x.Shape, y.Shape)
			}
			for i := range w {
				within(t, name, v[i], w[i], 1e-12)
			}
		} else if !reflect.DeepEqual(x, y) {
			t.Errorf("%s differs (run with -update if that is wanted)", name)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	for want, s := range map[string]*Stats{
		"mu has 0 numbers and sigma 0":    {},
		"mu has 2 numbers and sigma 3":    {Mean: make([]float64, 2), Cov: make([]float64, 3)},
		"mu_s has 1 numbers":              {Mean: make([]float64, 1), Cov: make([]float64, 1), SpatialMean: make([]float64, 1)},
		"feats has 3 numbers for 2 rows ": {Mean: make([]float64, 1), Cov: make([]float64, 1), Pool: Rows{2, 1, make([]float32, 3)}},
	} {
		if err := s.Write(&bytes.Buffer{}); err == nil || !strings.HasPrefix(err.Error(), "stats: write: "+want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if err := complete(t).Write(failing{}); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("a writer that fails: %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// Files of other programs, written by their own calls of NumPy in testdata/ref/make_stats.py.
func TestReadOfOtherPrograms(t *testing.T) {
	pool, spatial := measured(t, featuresOf(1, 20, 8, 0)), measured(t, featuresOf(2, 20, 5, 0))
	for _, c := range []struct {
		file      string
		n         int
		spatial   bool
		rows      bool
		tolerance float64 // of numpy's way to sum up, or of float32
	}{{"pytorchfid", 0, false, false, 1e-12}, {"guided", 0, true, false, 1e-12}, {"cleanfid_kid", 20, false, true, 1e-12}, {"float32", 0, false, false, 1e-6}} {
		t.Run(c.file, func(t *testing.T) {
			path := "testdata/ref/" + c.file + ".npz"
			s, err := Read(path)
			if err != nil {
				t.Fatal(err)
			}
			if s.Source != path || s.N != c.n || s.DDoF != 1 || s.Extractor != "" || s.Shards != nil {
				t.Errorf("read %+v", s)
			}
			near := func(what string, got, want []float64) {
				t.Helper()
				if len(got) != len(want) {
					t.Fatalf("%s has %d numbers, want %d", what, len(got), len(want))
				}
				for i := range want {
					if d := got[i] - want[i]; d > c.tolerance || -d > c.tolerance { // all are around 1
						t.Errorf("%s: number %d is %v, want %v", what, i, got[i], want[i])
					}
				}
			}
			near("mean", s.Mean, pool.Mean)
			near("covariance", s.Cov, pool.Cov)
			if c.spatial {
				near("spatial mean", s.SpatialMean, spatial.Mean)
				near("spatial covariance", s.SpatialCov, spatial.Cov)
			}
			if c.rows != (s.Pool.N > 0) || c.rows && !reflect.DeepEqual(s.Pool, featuresOf(1, 20, 8, 0)) {
				t.Errorf("rows are %v", s.Pool)
			}
		})
	}
}

// A file with the width of FID's network is taken for FID's.
func TestReadOfInceptionWidth(t *testing.T) {
	var file bytes.Buffer
	const d = inceptionWidth
	cov := make([]float64, d*d)
	for i := range d {
		cov[i*d+i] = 1
	}
	arrays := map[string]weights.Array{"mu": weights.FromFloat64(make([]float64, d), d), "sigma": weights.FromFloat64(cov, d, d)}
	if err := weights.WriteNPZ(&file, arrays, false); err != nil {
		t.Fatal(err)
	}
	if s, err := Read(save(t, "s.npz", file.Bytes())); err != nil || s.Extractor != inception || s.WeightsSHA256 != "" {
		t.Errorf("read %q, %v", s.Extractor, err)
	}
}

func TestReadErrors(t *testing.T) {
	npz := func(arrays map[string]weights.Array) []byte {
		var file bytes.Buffer
		if err := weights.WriteNPZ(&file, arrays, true); err != nil {
			t.Fatal(err)
		}
		return file.Bytes()
	}
	with := func(change map[string]weights.Array) []byte {
		arrays := map[string]weights.Array{"mu": weights.FromFloat64(constant(2, 1), 2), "sigma": weights.FromFloat64([]float64{1, 0, 0, 1}, 2, 2)}
		for name, a := range change {
			arrays[name] = a
			if a.Shape == nil {
				delete(arrays, name)
			}
		}
		return npz(arrays)
	}
	f64 := func(values []float64, shape ...int) weights.Array { return weights.FromFloat64(values, shape...) }
	ours := func(text string) map[string]weights.Array {
		return map[string]weights.Array{"gogan": weights.FromUint8([]byte(text), len(text))}
	}
	reference := func(name string) []byte {
		content, err := os.ReadFile("testdata/ref/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	var safetensors bytes.Buffer
	if err := weights.WriteSafetensors(&safetensors, map[string]weights.Array{"mu": f64([]float64{1}, 1)}, nil); err != nil {
		t.Fatal(err)
	}
	nan := constant(4, 0)
	nan[3] = nan[3] / nan[3]
	whole := with(nil)
	for want, content := range map[string][]byte{
		"holds pictures (arr_0 [2 4 4 3]), not statistics": reference("images.npz"),
		`array "mu"`: reference("objects.npz"),
		"has no mu and sigma, but other: statistics have both, or feats": npz(map[string]weights.Array{"other": f64([]float64{1}, 1)}),
		"but mu: statistics":                                             with(map[string]weights.Array{"sigma": {}}),
		"mu has shape [2 1], want [D]":                                   with(map[string]weights.Array{"mu": f64(constant(2, 0), 2, 1)}),
		"sigma has shape [3 3], want [2, 2] as mu has 2":                 with(map[string]weights.Array{"sigma": f64(constant(9, 0), 3, 3)}),
		"sigma has shape [4], want [2, 2]":                               with(map[string]weights.Array{"sigma": f64(constant(4, 0), 4)}),
		"mu or sigma has a NaN":                                          with(map[string]weights.Array{"sigma": f64(nan, 2, 2)}),
		"sigma is not symmetric: 0.5 in row 1 column 0, 0.25 in row 0 c": with(map[string]weights.Array{"sigma": f64([]float64{1, 0.25, 0.5, 1}, 2, 2)}),
		"sigma has the variance -1 in row 1":                             with(map[string]weights.Array{"sigma": f64([]float64{1, 0, 0, -1}, 2, 2)}),
		"mu: weights: an array of I64 is no floating-point array":        with(map[string]weights.Array{"mu": weights.FromInt64([]int64{1, 2}, 2)}),
		"has mu_s and no sigma_s":                                        with(map[string]weights.Array{"mu_s": f64(constant(2, 0), 2)}),
		"feats: has shape [2], want [N, D]":                              with(map[string]weights.Array{"feats": f64(constant(2, 0), 2)}),
		"feats has 3 features, mu 2":                                     with(map[string]weights.Array{"feats": f64(constant(3, 0), 1, 3)}),
		"logits: feature 1 of row 1 (counted from 0) is NaN":             with(map[string]weights.Array{"logits": f64(nan, 2, 2)}),
		"feats has n = 1: a covariance with ddof 1 needs 2":              npz(map[string]weights.Array{"feats": f64(constant(3, 0), 1, 3)}),
		"gogan does not say how the statistics were made: it is U8 [4]":  with(ours("text")),
		"gogan says n -1":                                                with(ours(`{"n":-1}`)),
		"gogan says shard 4/3":                                           with(ours(`{"n":1,"shards":[{"index":4,"of":3}]}`)),
		"seems to be a picture, not statistics":                          []byte("\x89PNG\r\n\x1a\n, and more"),
		"seems to be a single NumPy array (npy)":                         []byte("\x93NUMPY\x01\x00, and more"),
		"seems to be a Python pickle":                                    []byte("\x80\x04\x95, and more, and more"),
		"seems to be a safetensors file":                                 safetensors.Bytes(),
		"stats: no statistics: weights: ":                                whole[:len(whole)-9],
		"not an npz archive, or truncated":                               {},
	} {
		path := save(t, "bad.npz", content)
		_, err := Read(path)
		if err == nil || !strings.HasPrefix(err.Error(), "stats: ") || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want one line with %q and the file", err, want)
		}
	}
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "missing.npz")} {
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

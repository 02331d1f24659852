package stats

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/weights"
)

// inceptionWidth is the length of the Inception network's pool features. The programs whose files say nothing of their
// network use that one; a file of another width is of some other network.
const inceptionWidth = 2048

// asymmetry is the largest difference between sigma and its transpose, relative to its largest element, that rounding
// explains; float32 files have some 1e-7.
const asymmetry = 1e-5

// Read reads a statistics file: an npz with mu and sigma, as pytorch-fid, TTUR, clean-fid and StudioGAN write it, with
// mu_s and sigma_s as guided-diffusion's reference batches have beside their pictures (arr_0, which is passed over), with
// clean-fid's feats, or one that Write wrote. Files of other programs do not say how they were made: N is 0, DDoF 1, as
// NumPy's cov has it, and Extractor that of FID if there are 2048 features.
//
// It returns an error of one line with the file and the cause for everything else: no npz, missing or misshapen arrays, a
// sigma that is not symmetric, NaNs and infinities, Python objects.
func Read(path string) (*Stats, error) {
	arrays, err := weights.ReadNPZ(path)
	if err != nil {
		if kind := seems(path); kind != "" {
			return nil, fmt.Errorf("stats: %s seems to be %s, not statistics (an npz with mu and sigma)", path, kind)
		}
		return nil, fmt.Errorf("stats: no statistics: %w", err)
	}
	s, err := decode(arrays)
	if err != nil {
		return nil, fmt.Errorf("stats: %s: %w", path, err)
	}
	if s.Source == "" {
		s.Source = path
	}
	return s, nil
}

// decode makes statistics of the arrays of a file.
func decode(arrays map[string]weights.Array) (*Stats, error) {
	_, hasMean := arrays[keyMean]
	_, hasCov := arrays[keyCov]
	_, hasPool := arrays[keyPool]
	if hasMean != hasCov || !hasMean && !hasPool {
		return nil, contents(arrays)
	}
	s := &Stats{DDoF: 1}
	var err error
	if hasMean {
		if s.Mean, s.Cov, err = readMoments(arrays, keyMean, keyCov); err != nil {
			return nil, err
		}
	}
	if _, ok := arrays[keySpatialMean]; ok {
		if s.SpatialMean, s.SpatialCov, err = readMoments(arrays, keySpatialMean, keySpatialCov); err != nil {
			return nil, err
		}
	}
	for key, rows := range map[string]*Rows{keyPool: &s.Pool, keyLogits: &s.Logits} {
		if a, ok := arrays[key]; ok {
			if *rows, err = readRows(a); err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
		}
	}
	if s.Mean == nil { // clean-fid's KID files
		if err := enough(s.Pool.N, s.DDoF); err != nil {
			return nil, fmt.Errorf("%s has %w", keyPool, err)
		}
		m, err := momentsOf(s.Pool)
		if err != nil {
			return nil, err
		}
		s.N, s.Mean = m.N, m.Mean
		if s.Cov, err = m.Covariance(s.DDoF); err != nil {
			return nil, err
		}
	}
	if a, ok := arrays[keyProvenance]; ok {
		return s, readProvenance(s, a)
	}
	s.N = s.Pool.N
	if len(s.Mean) == inceptionWidth {
		s.Extractor = inception
	}
	return s, s.consistent()
}

// contents says what a file without statistics holds.
func contents(arrays map[string]weights.Array) error {
	for name, a := range arrays {
		if a.DType == weights.U8 && len(a.Shape) == 4 {
			return fmt.Errorf("holds pictures (%s %v), not statistics: score it as a set of pictures", name, a.Shape)
		}
	}
	names := strings.Join(slices.Sorted(maps.Keys(arrays)), ", ")
	if names == "" {
		names = "nothing"
	}
	return fmt.Errorf("has no %s and %s, but %s: statistics have both, or %s", keyMean, keyCov, names, keyPool)
}

// readMoments returns a mean [D] and a covariance [D, D], which it makes symmetric to the last bit.
func readMoments(arrays map[string]weights.Array, meanKey, covKey string) (mean, cov []float64, err error) {
	a := arrays[meanKey]
	if len(a.Shape) != 1 || a.Shape[0] == 0 {
		return nil, nil, fmt.Errorf("%s has shape %v, want [D]", meanKey, a.Shape)
	}
	d := a.Shape[0]
	if mean, err = a.Float64s(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", meanKey, err)
	}
	b, ok := arrays[covKey]
	if !ok {
		return nil, nil, fmt.Errorf("has %s and no %s", meanKey, covKey)
	}
	if !slices.Equal(b.Shape, []int{d, d}) {
		return nil, nil, fmt.Errorf("%s has shape %v, want [%d, %d] as %s has %d", covKey, b.Shape, d, d, meanKey, d)
	}
	if cov, err = b.Float64s(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", covKey, err)
	}
	if !finite(mean) || !finite(cov) {
		return nil, nil, fmt.Errorf("%s or %s has a NaN or an infinity: whatever made it is broken", meanKey, covKey)
	}
	return mean, cov, symmetric(covKey, cov, d)
}

// symmetric replaces a matrix [d, d] by the mean of itself and its transpose. It returns an error if they differ by more
// than rounding, or if a variance is negative.
func symmetric(key string, cov []float64, d int) error {
	largest := 0.0
	for i := range d {
		largest = max(largest, cov[i*d+i])
		if cov[i*d+i] < 0 {
			return fmt.Errorf("%s has the variance %g in row %d: it is no covariance", key, cov[i*d+i], i)
		}
	}
	for i := range d {
		for j := range i {
			v, w := cov[i*d+j], cov[j*d+i]
			if !(math.Abs(v-w) <= asymmetry*largest) {
				return fmt.Errorf("%s is not symmetric: %g in row %d column %d, %g in row %d column %d: it is no covariance", key, v, i, j, w, j, i)
			}
			cov[i*d+j] = (v + w) / 2
			cov[j*d+i] = cov[i*d+j]
		}
	}
	return nil
}

// readRows returns kept rows [N, D].
func readRows(a weights.Array) (Rows, error) {
	if len(a.Shape) != 2 || a.Shape[0] == 0 || a.Shape[1] == 0 {
		return Rows{}, fmt.Errorf("has shape %v, want [N, D]", a.Shape)
	}
	data, err := a.Float32s()
	if err != nil {
		return Rows{}, err
	}
	r := Rows{a.Shape[0], a.Shape[1], data}
	return r, r.check()
}

// readProvenance fills in what the file says of itself.
func readProvenance(s *Stats, a weights.Array) error {
	var p provenance
	if err := json.Unmarshal(a.Data, &p); a.DType != weights.U8 || err != nil {
		return fmt.Errorf("%s does not say how the statistics were made: it is %s %v, want JSON in bytes", keyProvenance, a.DType, a.Shape)
	}
	s.Source, s.N, s.DDoF, s.Extractor, s.WeightsSHA256, s.WeightsOfficial = p.Source, p.N, p.DDoF, p.Extractor, p.WeightsSHA256, p.WeightsOfficial
	s.Preprocess, s.Shards, s.Time, s.Version = p.Preprocess, p.Shards, p.Time, p.Version
	if s.N < 0 || s.DDoF < 0 {
		return fmt.Errorf("%s says n %d, ddof %d: neither can be negative", keyProvenance, s.N, s.DDoF)
	}
	for _, shard := range s.Shards {
		if shard.Of < 1 || shard.Index < 1 || shard.Index > shard.Of {
			return fmt.Errorf("%s says shard %v: shards count from 1/n to n/n", keyProvenance, shard)
		}
	}
	return s.consistent()
}

// consistent returns an error if rows and moments are not of the same pictures.
func (s *Stats) consistent() error {
	if s.Pool.N > 0 && s.Pool.D != len(s.Mean) {
		return fmt.Errorf("%s has %d features, %s %d", keyPool, s.Pool.D, keyMean, len(s.Mean))
	}
	for key, n := range map[string]int{keyPool: s.Pool.N, keyLogits: s.Logits.N} {
		if n > 0 && s.N > 0 && n != s.N {
			return fmt.Errorf("%s has %d rows of %d pictures", key, n, s.N)
		}
	}
	return nil
}

// seems says what kind of file something is that is no npz, "" if it looks like one or cannot be told.
func seems(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return ""
	}
	head := make([]byte, 16)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return ""
	}
	head = head[:n]
	for _, kind := range []struct{ start, name string }{
		{"\x89PNG", "a picture"}, {"\xff\xd8\xff", "a picture"}, {"GIF8", "a picture"},
		{"\x93NUMPY", "a single NumPy array (npy)"}, {"\x80\x02", "a Python pickle"}, {"\x80\x03", "a Python pickle"},
		{"\x80\x04", "a Python pickle"}, {"\x80\x05", "a Python pickle"}, {"\x89HDF", "an HDF5 file"}, {"\x1f\x8b", "a gzip archive"},
	} {
		if bytes.HasPrefix(head, []byte(kind.start)) {
			return kind.name
		}
	}
	if len(head) > 8 && head[8] == '{' {
		return "a safetensors file"
	}
	return ""
}

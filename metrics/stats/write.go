package stats

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/gogan-ml/gogan/weights"
)

// The arrays of a statistics file. mu and sigma are those of pytorch-fid, TTUR and clean-fid, mu_s and sigma_s those of
// guided-diffusion, feats is clean-fid's; other programs pass over the rest.
const (
	keyMean, keyCov               = "mu", "sigma"
	keySpatialMean, keySpatialCov = "mu_s", "sigma_s"
	keyPool                       = "feats"
	keyLogits                     = "logits"
	keyProvenance                 = "gogan"
)

// provenance says how the statistics of a file were made: JSON in an array of bytes, so that a program that loads the
// file as plain arrays is not disturbed.
type provenance struct {
	Source          string    `json:"source,omitempty"`
	N               int       `json:"n"`
	DDoF            int       `json:"ddof"`
	Extractor       string    `json:"extractor,omitempty"`
	WeightsSHA256   string    `json:"weights_sha256,omitempty"`
	WeightsOfficial bool      `json:"weights_official"`
	Preprocess      string    `json:"preprocess,omitempty"`
	Shards          []Shard   `json:"shards,omitempty"`
	Time            time.Time `json:"time,omitzero"`
	Version         string    `json:"version,omitempty"`
}

// Write writes the statistics as an npz file, deflated: mu [D] and sigma [D, D] in float64 as pytorch-fid, TTUR and
// clean-fid have them, mu_s and sigma_s if the spatial features were measured, feats [N, D] and logits [N, C] in float32
// where rows are kept, and "gogan", bytes that say how they were made. Rows of spatial features are not written. Equal
// statistics give equal bytes. It returns an error if mean and covariance are missing or do not fit each other, or if
// w fails.
func (s *Stats) Write(w io.Writer) error {
	arrays := map[string]weights.Array{}
	for _, f := range []struct {
		mean, cov       string
		meanOf, covOf   []float64
		mayBeUnmeasured bool
	}{{keyMean, keyCov, s.Mean, s.Cov, false}, {keySpatialMean, keySpatialCov, s.SpatialMean, s.SpatialCov, true}} {
		d := len(f.meanOf)
		if d == 0 && f.mayBeUnmeasured {
			continue
		}
		if d == 0 || len(f.covOf) != d*d {
			return fmt.Errorf("stats: write: %s has %d numbers and %s %d, want D and D*D", f.mean, d, f.cov, len(f.covOf))
		}
		arrays[f.mean] = weights.FromFloat64(f.meanOf, d)
		arrays[f.cov] = weights.FromFloat64(f.covOf, d, d)
	}
	for key, rows := range map[string]Rows{keyPool: s.Pool, keyLogits: s.Logits} {
		if rows.N == 0 {
			continue
		}
		if len(rows.Data) != rows.N*rows.D {
			return fmt.Errorf("stats: write: %s has %d numbers for %d rows of %d", key, len(rows.Data), rows.N, rows.D)
		}
		arrays[key] = weights.FromFloat32(rows.Data, rows.N, rows.D)
	}
	text, err := json.Marshal(provenance{s.Source, s.N, s.DDoF, s.Extractor, s.WeightsSHA256, s.WeightsOfficial, s.Preprocess,
		s.Shards, s.Time, s.Version})
	if err != nil {
		return fmt.Errorf("stats: write: %w", err)
	}
	arrays[keyProvenance] = weights.FromUint8(text, len(text))
	if err := weights.WriteNPZ(w, arrays, true); err != nil {
		return fmt.Errorf("stats: write: %w", err)
	}
	return nil
}

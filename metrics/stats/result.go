package stats

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/gogan-ml/gogan/internal/jsonfloat"
)

// Result is one score with everything that is needed to compare or to repeat it.
type Result struct {
	Name            string     // "fid", "is", "kid", "precision", ...; the graph of the features decides it
	Value           float64    // the score; NaN if it could not be computed
	Std             float64    // spread of the value; meaningless if StdOf is ""
	StdOf           string     // what Std is the spread of: "splits", "subsets", "seeds", "pictures"; "" if there is none
	CI              [2]float64 // 95 % interval, lower and upper end; both 0 if there is none
	NReal, NFake    int        // images compared
	Extractor       string     // network of the features: "inception-2015", "vgg16", "fashion-cnn"
	WeightsSHA256   string     // of the extractor's weights, in hex
	WeightsOfficial bool       // the weights are the published ones
	Preprocess      string     // resizing rule: "tf1", "pytorch-fid", "clean", "torchmetrics"
	Seed            int64      // of everything drawn: samples, subsets, splits
	DDoF            int        // divisor of covariances is N-DDoF
	Time            time.Time  // when it was measured; zero if unknown
	Img             int64      // length of the run that made the fakes, in real images shown; 0 if there is no run
}

// resultJSON is Result with its JSON names. The keys are always there, but for time and img; std and ci are null
// where the score has none.
type resultJSON struct {
	Name            string              `json:"name"`
	Value           jsonfloat.Float     `json:"value"`
	Std             *jsonfloat.Float    `json:"std"`
	StdOf           string              `json:"std_of"`
	CI              *[2]jsonfloat.Float `json:"ci"`
	NReal           int                 `json:"n_real"`
	NFake           int                 `json:"n_fake"`
	Extractor       string              `json:"extractor"`
	WeightsSHA256   string              `json:"weights_sha256"`
	WeightsOfficial bool                `json:"weights_official"`
	Preprocess      string              `json:"preprocess"`
	Seed            int64               `json:"seed"`
	DDoF            int                 `json:"ddof"`
	Time            time.Time           `json:"time,omitzero"`
	Img             int64               `json:"img,omitzero"`
}

// MarshalJSON writes the names of the command's --json output. Values that JSON numbers cannot express are the
// strings "NaN", "Infinity" and "-Infinity".
func (r Result) MarshalJSON() ([]byte, error) {
	out := resultJSON{
		Name: r.Name, Value: jsonfloat.Float(r.Value), StdOf: r.StdOf, NReal: r.NReal, NFake: r.NFake,
		Extractor: r.Extractor, WeightsSHA256: r.WeightsSHA256, WeightsOfficial: r.WeightsOfficial,
		Preprocess: r.Preprocess, Seed: r.Seed, DDoF: r.DDoF, Time: r.Time, Img: r.Img,
	}
	if r.StdOf != "" {
		out.Std = (*jsonfloat.Float)(&r.Std)
	}
	if r.CI != [2]float64{} {
		out.CI = &[2]jsonfloat.Float{jsonfloat.Float(r.CI[0]), jsonfloat.Float(r.CI[1])}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote. A missing name or value is an error; other keys may be missing, and
// unknown ones are passed over, so that later versions can add some.
func (r *Result) UnmarshalJSON(text []byte) error {
	in := struct {
		Value *jsonfloat.Float `json:"value"`
		*resultJSON
	}{resultJSON: &resultJSON{}}
	if err := json.Unmarshal(text, &in); err != nil {
		return fmt.Errorf("stats: a score cannot be read: %w", err)
	}
	if in.Name == "" || in.Value == nil {
		return fmt.Errorf("stats: a score needs a name and a value")
	}
	*r = Result{
		Name: in.Name, Value: float64(*in.Value), StdOf: in.StdOf, NReal: in.NReal, NFake: in.NFake,
		Extractor: in.Extractor, WeightsSHA256: in.WeightsSHA256, WeightsOfficial: in.WeightsOfficial,
		Preprocess: in.Preprocess, Seed: in.Seed, DDoF: in.DDoF, Time: in.Time, Img: in.Img,
	}
	if in.Std != nil {
		r.Std = float64(*in.Std)
	}
	if in.CI != nil {
		r.CI = [2]float64{float64(in.CI[0]), float64(in.CI[1])}
	}
	return nil
}

// String returns the score as a sentence would quote it:
//
//	FID 12.31, 95 % CI 11.9..12.7 (n_real 10000, n_fake 10000, inception-2015 6726825d, pytorch-fid, ddof 1)
//
// Weights other than the published ones are marked "unofficial".
func (r Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", displayName(r.Name), number(r.Value))
	if r.StdOf != "" {
		fmt.Fprintf(&b, " ± %s over %s", number(r.Std), r.StdOf)
	}
	if r.CI != [2]float64{} {
		fmt.Fprintf(&b, ", 95 %% CI %s..%s", number(r.CI[0]), number(r.CI[1]))
	}
	fmt.Fprintf(&b, " (n_real %d, n_fake %d", r.NReal, r.NFake)
	if r.Extractor != "" {
		fmt.Fprintf(&b, ", %s", r.Extractor)
		if r.WeightsSHA256 != "" {
			fmt.Fprintf(&b, " %.8s", r.WeightsSHA256)
			if !r.WeightsOfficial {
				b.WriteString(" unofficial")
			}
		}
	}
	if r.Preprocess != "" {
		fmt.Fprintf(&b, ", %s", r.Preprocess)
	}
	fmt.Fprintf(&b, ", ddof %d)", r.DDoF)
	return b.String()
}

// number prints four significant digits: scores of two samples agree in fewer.
func number(v float64) string { return fmt.Sprintf("%.4g", v) }

// displayName writes the abbreviations as papers do.
func displayName(name string) string {
	switch name {
	case "fid", "is", "kid":
		return strings.ToUpper(name)
	case "sfid":
		return "sFID"
	}
	return name
}

// IsDistance reports whether the score is a distance between reals and fakes, 0 for equal distributions and better
// when lower: fid, sfid, kid, fd_..., sfd_... and kd_.... All other scores are better when higher.
func (r Result) IsDistance() bool {
	switch r.Name {
	case "fid", "sfid", "kid":
		return true
	}
	for _, prefix := range []string{"fd_", "sfd_", "kd_"} {
		if strings.HasPrefix(r.Name, prefix) {
			return true
		}
	}
	return false
}

// Better reports whether r is a better value than o of the same score. A NaN is never better; any number is better
// than a NaN.
func (r Result) Better(o Result) bool {
	if math.IsNaN(r.Value) || math.IsNaN(o.Value) {
		return !math.IsNaN(r.Value)
	}
	if r.IsDistance() {
		return r.Value < o.Value
	}
	return r.Value > o.Value
}

package metrics

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/extractors/inception"
	"github.com/gogan-ml/gogan/internal/inceptionweights"
	"github.com/gogan-ml/gogan/internal/testbackend"
)

// reference is scores.json, which testdata/ref/make_scores.py made with the programs themselves.
type reference struct {
	N             int                            `json:"n"`
	JPEGs         int                            `json:"jpegs"`
	Splits        int                            `json:"splits"`
	KIDSubsets    int                            `json:"kid_subsets"`
	KIDSubsetSize int                            `json:"kid_subset_size"`
	PytorchFID    struct{ FID float64 }          `json:"pytorch-fid"`
	PytorchJPEG   struct{ FID float64 }          `json:"pytorch-fid-jpeg"`
	CleanFID      struct{ FID float64 }          `json:"clean-fid"`
	Torchmetrics  struct{ FID, KID, IS float64 } `json:"torchmetrics"`
	TorchFidelity struct {
		FID    float64
		IS     float64
		ISStd  float64 `json:"is_std"`
		KID    float64
		KIDStd float64 `json:"kid_std"`
	} `json:"torch-fidelity"`
}

func readReference(t *testing.T) reference {
	t.Helper()
	text, err := os.ReadFile("testdata/ref/scores.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// openZip opens one of the sets of make_scores.py.
func openZip(t *testing.T, name string, n int) *datasets.Set {
	t.Helper()
	set, err := datasets.Open("testdata/ref/" + name + ".zip")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { set.Close() })
	if set.Len() != n {
		t.Fatalf("%s has %d pictures, want %d", name, set.Len(), n)
	}
	return set
}

// The whole way from files to scores gives what the programs print. They take the square root of a product of two
// singular matrices of 2048 x 2048, which SciPy warns of, where gogan takes singular values of 16 x 16: FID agrees to
// some 3e-5. The features agree to rounding, and with them IS (here 1.014, of which only the decimals say anything) and
// KID.
func TestPrograms(t *testing.T) {
	ref := readReference(t)
	network, err := inception.Open(t.Context(), &accel.Device{Backend: testbackend.XLA(t)},
		&inception.Options{Weights: inceptionweights.File(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer network.Close()
	score := func(reals, fakes Images, opt Options) map[string]Result {
		t.Helper()
		opt.Network = network
		results, err := Score(t.Context(), reals, fakes, &opt)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]Result{}
		for _, r := range results {
			out[r.Name] = r
		}
		return out
	}
	relative := func(what string, got, want, tolerance float64) {
		t.Helper()
		t.Logf("%s: got %.9g, the program %.9g", what, got, want)
		near(t, what, got/want, 1, tolerance)
	}
	reals, fakes := openZip(t, "reals", ref.N), openZip(t, "fakes", ref.N)

	got := score(reals, fakes, Options{Preprocess: PytorchFID})
	relative("pytorch-fid", got["fid"].Value, ref.PytorchFID.FID, 1e-4)

	got = score(openZip(t, "reals-jpeg", ref.JPEGs), openZip(t, "fakes-jpeg", ref.JPEGs), Options{Preprocess: PytorchFID})
	relative("pytorch-fid of JPEGs", got["fid"].Value, ref.PytorchJPEG.FID, 1e-4)

	got = score(reals, fakes, Options{Metrics: []string{"fid", "is", "kid"}, ISSplits: ref.Splits, KIDSubsets: ref.KIDSubsets,
		KIDSubsetSize: ref.KIDSubsetSize})
	relative("torch-fidelity FID", got["fid"].Value, ref.TorchFidelity.FID, 1e-4)
	relative("torch-fidelity IS", got["is"].Value, ref.TorchFidelity.IS, 1e-5)
	near(t, "torch-fidelity IS std", got["is"].Std, ref.TorchFidelity.ISStd, 1e-5)
	near(t, "torch-fidelity KID", got["kid"].Value, ref.TorchFidelity.KID, 1e-5)
	near(t, "torch-fidelity KID std", got["kid"].Std, ref.TorchFidelity.KIDStd, 1e-5)

	got = score(reals, fakes, Options{Preprocess: Clean})
	relative("clean-fid", got["fid"].Value, ref.CleanFID.FID, 1e-4)

	got = score(reals, fakes, Options{Preprocess: Torchmetrics, Metrics: []string{"fid", "is", "kid"}, ISSplits: 1, KIDSubsets: 1,
		KIDSubsetSize: ref.N})
	relative("torchmetrics FID", got["fid"].Value, ref.Torchmetrics.FID, 1e-4)
	relative("torchmetrics IS", got["is"].Value, ref.Torchmetrics.IS, 1e-5)
	near(t, "torchmetrics KID", got["kid"].Value, ref.Torchmetrics.KID, 1e-5)
}

package metrics

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/metrics/stats"
)

// nil and the zero value are the defaults that the comments of Options name.
func TestDefaults(t *testing.T) {
	for _, opt := range []*Options{nil, {}} {
		s, err := opt.resolve()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(s.Metrics, []string{"fid"}) || s.Extractor != "inception-2015" || s.Preprocess != "tf1" || s.Unreadable != Fail {
			t.Errorf("%+v", s.Options)
		}
		want := stats.Options{DDoF: 1, Seed: 2020, ISSplits: 10, KIDSubsets: 100, KIDSubsetSize: 1000, K: 5, Bootstrap: 50}
		if !reflect.DeepEqual(s.stats, want) {
			t.Errorf("%+v, want %+v", s.stats, want)
		}
	}
	s, err := (&Options{Extractor: "fashion-cnn", DDoF: Zero, Seed: Zero, ISSplits: 2, KIDSubsets: 3, KIDSubsetSize: 4, K: 6,
		Bootstrap: 7}).resolve()
	if err != nil {
		t.Fatal(err)
	}
	if want := (stats.Options{ISSplits: 2, KIDSubsets: 3, KIDSubsetSize: 4, K: 6, Bootstrap: 7}); !reflect.DeepEqual(s.stats, want) {
		t.Errorf("%+v, want %+v", s.stats, want)
	}
	if !slices.Equal(s.Metrics, []string{"fd"}) || s.Preprocess != Preprocesses("fashion-cnn")[0] {
		t.Errorf("%+v", s.Options)
	}
}

func TestWrongOptions(t *testing.T) {
	for _, test := range []struct {
		opt  Options
		want []string
	}{
		{Options{Metrics: []string{"fod"}}, []string{`"fod"`, "fid, is, kid, sfid, prdc"}},
		{Options{Metrics: []string{"fid"}, Extractor: "fashion-cnn"}, []string{"fid", "inception-2015 alone", "ask for fd"}},
		{Options{Metrics: []string{"is"}, Extractor: "fashion-cnn"}, []string{"ask for classifier_score"}},
		{Options{Metrics: []string{"sfid"}, Extractor: "fashion-cnn"}, []string{"sfid", "fd, classifier_score, kd, prdc"}},
		{Options{Metrics: []string{"fd"}}, []string{"fd", "ask for fid"}},
		{Options{Metrics: []string{"kd"}}, []string{"ask for kid"}},
		{Options{Metrics: []string{"precision"}}, []string{"vgg16", "prdc"}},
		{Options{Metrics: []string{"fid", "kid", "fid"}}, []string{"fid is named twice"}},
		{Options{Extractor: "vgg16"}, []string{"vgg16", "inception-2015, fashion-cnn"}},
		{Options{Extractor: "inception"}, []string{`"inception"`, "inception-2015, fashion-cnn"}},
		{Options{Preprocess: "tf2"}, []string{`"tf2"`, "tf1, pytorch-fid, clean, torchmetrics"}},
		{Options{Preprocess: TF1, Extractor: "fashion-cnn"}, []string{`"tf1"`, "fashion-cnn"}},
		{Options{Weights: "w.pth", Extractor: "fashion-cnn"}, []string{"weights", "fashion-cnn"}},
		{Options{DDoF: -2}, []string{"DDoF is -2"}},
		{Options{ISSplits: -1}, []string{"ISSplits is -1"}},
		{Options{KIDSubsets: -1}, []string{"KIDSubsets"}},
		{Options{KIDSubsetSize: 1}, []string{"KIDSubsetSize is 1", "2"}},
		{Options{K: -1}, []string{"K is -1"}},
		{Options{Bootstrap: -2}, []string{"Bootstrap is -2"}},
		{Options{Bootstrap: 1}, []string{"Bootstrap is 1", "tens"}},
		{Options{Seed: -2}, []string{"seed -2", "4294967295"}},
		{Options{Seed: 1 << 32}, []string{"seed 4294967296"}},
		{Options{Unreadable: 7}, []string{"policy 7"}},
		{Options{Metrics: []string{"x"}, K: -3, Preprocess: "y"}, []string{`"x"`, "K is -3", `"y"`}},
	} {
		checkError(t, test.opt.Validate(), test.want...)
		if _, err := Open(t.Context(), &test.opt); err == nil {
			t.Errorf("%+v opens", test.opt)
		}
	}
}

func TestParseName(t *testing.T) {
	for name, want := range map[string][2]string{
		"fid": {"fid", "inception-2015"}, "sfid": {"sfid", "inception-2015"}, "fd_fashion_cnn": {"fd", "fashion-cnn"},
		"classifier_score_fashion_cnn": {"classifier_score", "fashion-cnn"}, "kd_fashion_cnn": {"kd", "fashion-cnn"},
		"prdc_recall": {"prdc", "inception-2015"}, "prdc_density_fashion_cnn": {"prdc", "fashion-cnn"},
	} {
		metric, extractor, err := ParseName(name)
		if err != nil || metric != want[0] || extractor != want[1] {
			t.Errorf("%s: got %s of %s (%v), want %v", name, metric, extractor, err, want)
		}
	}
	for _, name := range []string{"fd", "fid_fashion_cnn", "precision", "prdc", ""} {
		_, _, err := ParseName(name)
		checkError(t, err, "fid", "fd_fashion_cnn")
	}
}

// Every warning has the number that it is about.
func TestWarnings(t *testing.T) {
	inception := func(official bool) *network {
		n := small()
		n.name, n.official, n.rules = "inception-2015", official, []Preprocess{TF1}
		return n
	}
	for _, test := range []struct {
		opt          Options
		reals, fakes Images
		want         []string // in order; "" for none
	}{
		{Options{Network: small()}, pictures{n: 9}, pictures{n: 9}, nil},
		{Options{Network: small()}, pictures{n: 9}, pictures{n: 7}, []string{"7 fakes for 8 features"}},
		{Options{Network: inception(true)}, pictures{n: 8}, pictures{n: 30}, []string{"8 reals for 8 features", "30 fakes: "}},
		{Options{Network: inception(true), Metrics: []string{"is"}}, nil, pictures{n: 30}, []string{"30 fakes: an Inception Score"}},
		{Options{Network: inception(true), Metrics: []string{"kid"}, KIDSubsetSize: 5}, pictures{n: 30}, pictures{n: 30}, nil},
		{Options{Network: inception(false), Metrics: []string{"kid"}, KIDSubsetSize: 5}, pictures{n: 30}, pictures{n: 30}, []string{"01234567"}},
		{Options{Network: small()}, pictures{n: 9}, pictures{n: 9, rgb: true}, []string{"the reals are 6x6 grey, the fakes 6x6 RGB"}},
		{Options{Network: small()}, pictures{n: 9}, mixed(9), []string{"the reals are 6x6 grey, the fakes of several sizes, grey"}},
		{Options{Network: small()}, mixed(9), mixed(9), nil},
	} {
		var got []string
		test.opt.Warn = func(text string) { got = append(got, text) }
		if _, err := Score(t.Context(), test.reals, test.fakes, &test.opt); err != nil {
			t.Fatal(err)
		}
		if len(got) != len(test.want) {
			t.Errorf("got the warnings %q, want %q", got, test.want)
			continue
		}
		for i, want := range test.want {
			if !strings.Contains(got[i], want) {
				t.Errorf("got the warning %q, want %q", got[i], want)
			}
		}
	}
}

// Statistics that do not say how they were made are compared with a warning.
func TestUnknownProvenance(t *testing.T) {
	var got []string
	n := small()
	n.name = "inception-2015"
	scorer, err := Open(t.Context(), &Options{Network: n, Warn: func(text string) { got = append(got, text) }})
	if err != nil {
		t.Fatal(err)
	}
	fakes, err := scorer.Measure(t.Context(), pictures{n: 20})
	if err != nil {
		t.Fatal(err)
	}
	foreign := &Stats{Mean: fakes.Mean, Cov: fakes.Cov, DDoF: 1, Extractor: "inception-2015"}
	got = nil
	results, err := scorer.Compare(foreign, fakes)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "FID with its own statistics", results[0].Value, 0, 1e-9)
	if len(got) == 0 || !strings.Contains(got[0], "statistics of the reals do not say") {
		t.Errorf("warnings %q", got)
	}
	_, err = scorer.Compare(nil, fakes)
	checkError(t, err, "reals")
	_, err = scorer.Compare(foreign, nil)
	checkError(t, err, "fakes")
}

package stats

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// full has every field set to something else than its zero.
var full = Result{
	Name: "fid", Value: 12.3125, Std: 0.25, StdOf: "seeds", CI: [2]float64{11.9, 12.7}, NReal: 10000, NFake: 5000,
	Extractor: "inception-2015", WeightsSHA256: "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
	WeightsOfficial: true, Preprocess: "pytorch-fid", Seed: 2020, DDoF: 1,
	Time: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Img: 200000,
}

func TestResultJSON(t *testing.T) {
	text, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"name":"fid","value":12.3125,"std":0.25,"std_of":"seeds","ci":[11.9,12.7],"n_real":10000,"n_fake":5000,` +
		`"extractor":"inception-2015","weights_sha256":"6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",` +
		`"weights_official":true,"preprocess":"pytorch-fid","seed":2020,"ddof":1,"time":"2026-11-23T10:00:00Z","img":200000}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	for i, field := range reflect.VisibleFields(reflect.TypeFor[Result]()) {
		if reflect.ValueOf(full).Field(i).IsZero() {
			t.Errorf("field %s is not covered by this test", field.Name)
		}
	}
	var back Result
	if err := json.Unmarshal(text, &back); err != nil || back != full {
		t.Errorf("read back %+v, %v, want %+v", back, err, full)
	}
}

func TestResultJSONWithout(t *testing.T) {
	r := Result{Name: "is", Value: math.NaN(), Std: 3, NReal: 1, NFake: 2}
	text, err := json.Marshal(r)
	want := `{"name":"is","value":"NaN","std":null,"std_of":"","ci":null,"n_real":1,"n_fake":2,"extractor":"",` +
		`"weights_sha256":"","weights_official":false,"preprocess":"","seed":0,"ddof":0}`
	if err != nil || string(text) != want {
		t.Errorf("got  %s, %v\nwant %s", text, err, want)
	}
	var back Result
	if err := json.Unmarshal(text, &back); err != nil || !math.IsNaN(back.Value) || back.Std != 0 || !back.Time.IsZero() {
		t.Errorf("read back %+v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"name":"kid","value":0.5,"ci":["-Infinity",1],"from_the_future":[1]}`), &back); err != nil ||
		back.Value != 0.5 || !math.IsInf(back.CI[0], -1) || back.CI[1] != 1 {
		t.Errorf("read %+v, %v", back, err)
	}
	for _, text := range []string{`{"name":"kid"}`, `{"value":1}`, `{"name":"kid","value":"low"}`, `[]`} {
		if err := json.Unmarshal([]byte(text), &back); err == nil || !strings.HasPrefix(err.Error(), "stats: a score") {
			t.Errorf("%s: got %v, want an error", text, err)
		}
	}
}

func TestBetter(t *testing.T) {
	for _, name := range []string{"fid", "sfid", "kid", "fd_fashion_cnn", "sfd_vgg16", "kd_vgg16"} {
		if low, high := (Result{Name: name, Value: -1}), (Result{Name: name, Value: 2}); !low.Better(high) || high.Better(low) || low.Better(low) {
			t.Errorf("%s: lower must be better", name)
		}
	}
	for _, name := range []string{"is", "precision", "prdc_recall", "classifier_score_fashion_cnn"} {
		if low, high := (Result{Name: name, Value: -1}), (Result{Name: name, Value: 2}); low.Better(high) || !high.Better(low) || low.Better(low) {
			t.Errorf("%s: higher must be better", name)
		}
	}
	nan, one := Result{Name: "fid", Value: math.NaN()}, Result{Name: "fid", Value: 1}
	if nan.Better(one) || nan.Better(nan) || !one.Better(nan) {
		t.Error("a NaN is better than a number")
	}
}

func ExampleResult_String() {
	fmt.Println(full)
	fmt.Println(Result{Name: "fid", Value: 12.3125, CI: [2]float64{11.9, 12.7}, NReal: 10000, NFake: 5000,
		Extractor: "inception-2015", WeightsSHA256: "0123456789", Preprocess: "tf1", DDoF: 1})
	fmt.Println(Result{Name: "kd_fashion_cnn", Value: -0.00012, NReal: 10, NFake: 20})
	// Output:
	// FID 12.31 ± 0.25 over seeds, 95 % CI 11.9..12.7 (n_real 10000, n_fake 5000, inception-2015 6726825d, pytorch-fid, ddof 1)
	// FID 12.31, 95 % CI 11.9..12.7 (n_real 10000, n_fake 5000, inception-2015 01234567 unofficial, tf1, ddof 1)
	// kd_fashion_cnn -0.00012 (n_real 10, n_fake 20, ddof 0)
}

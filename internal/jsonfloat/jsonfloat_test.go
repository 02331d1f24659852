package jsonfloat

import (
	"encoding/json"
	"math"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	for _, test := range []struct {
		value float64
		text  string
	}{
		{0, "0"}, {math.Copysign(0, -1), "-0"}, {0.1, "0.1"}, {-1e300, "-1e+300"}, {5e-324, "5e-324"},
		{math.NaN(), `"NaN"`}, {math.Inf(1), `"Infinity"`}, {math.Inf(-1), `"-Infinity"`},
	} {
		text, err := json.Marshal(Float(test.value))
		if err != nil || string(text) != test.text {
			t.Errorf("%v: wrote %s, %v, want %s", test.value, text, err, test.text)
		}
		var back Float
		err = json.Unmarshal(text, &back)
		same := math.Float64bits(float64(back)) == math.Float64bits(test.value) || math.IsNaN(float64(back)) && math.IsNaN(test.value)
		if err != nil || !same {
			t.Errorf("%v: read back %v, %v", test.value, back, err)
		}
	}
	for _, text := range []string{"true", `"nan?"`, "[1]", "1e999"} {
		var f Float
		if err := json.Unmarshal([]byte(text), &f); err == nil {
			t.Errorf("%s: read %v, want an error", text, f)
		}
	}
	if err := new(Float).UnmarshalJSON([]byte("null")); err == nil {
		t.Error("null: no error")
	}
}

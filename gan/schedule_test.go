package gan

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// From 10 to 30 kimg, so that 15, 20 and 25 kimg are a quarter, half and three quarters of the way.
func TestScheduleFactor(t *testing.T) {
	for _, test := range []struct {
		kind  string
		rate  float64
		wants [6]float64 // at 0, 10, 15, 20, 30 and 99 kimg
	}{
		{"", 0.5, [6]float64{1, 1, 1, 1, 1, 1}},
		{"constant", 0.5, [6]float64{1, 1, 1, 1, 1, 1}},
		{"linear", 0, [6]float64{1, 1, 0.75, 0.5, 0, 0}},
		{"linear", 0.2, [6]float64{1, 1, 0.8, 0.6, 0.2, 0.2}},
		{"cosine", 0, [6]float64{1, 1, (1 + math.Sqrt(0.5)) / 2, 0.5, 0, 0}},
		{"cosine", 0.2, [6]float64{1, 1, 0.2 + 0.8*(1+math.Sqrt(0.5))/2, 0.6, 0.2, 0.2}},
		{"exponential", 0.0625, [6]float64{1, 1, 0.5, 0.25, 0.0625, 0.0625}},
	} {
		s := Schedule{Kind: test.kind, FromKimg: 10, ToKimg: 30, Rate: test.rate}
		if err := s.Validate(); err != nil {
			t.Error(err)
		}
		for i, img := range []int64{0, 10000, 15000, 20000, 30000, 99000} {
			near(t, test.kind, s.Factor(img), test.wants[i], 1e-12)
		}
	}
	near(t, "the zero value", Schedule{}.Factor(5), 1, 0)
}

func TestScheduleValidate(t *testing.T) {
	for want, s := range map[string]Schedule{
		"kind is":         {Kind: "step"},
		"from_kimg is -1": {Kind: "linear", FromKimg: -1, ToKimg: 1},
		"to_kimg is 2":    {Kind: "cosine", FromKimg: 2, ToKimg: 2},
		"rate is -1":      {Kind: "linear", ToKimg: 1, Rate: -1},
		"never reaches":   {Kind: "exponential", ToKimg: 1},
	} {
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want an error with %q", s, err, want)
		}
	}
}

func TestScheduleJSON(t *testing.T) {
	const text = `{"kind":"linear","from_kimg":1,"to_kimg":2.5,"rate":0.1}`
	got, err := json.Marshal(Schedule{"linear", 1, 2.5, 0.1})
	if err != nil || string(got) != text {
		t.Errorf("got %s, %v, want %s", got, err, text)
	}
}

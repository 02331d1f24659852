package gan

import (
	"fmt"
	"math"
)

// Schedule is a factor that falls, or rises, with the real images shown: of a learning rate, for example. With
//
//	t = (img - FromKimg·1000) / (ToKimg·1000 - FromKimg·1000), held in [0, 1]
//
// it is 1 up to FromKimg, then goes to Rate, which it has at ToKimg and keeps:
//
//	constant      1
//	linear        1 - (1 - Rate)·t
//	cosine        Rate + (1 - Rate)·(1 + cos(π·t))/2
//	exponential   Rate^t
//
// WGAN-GP and SNGAN fall linearly to 0. A factor of 0.95 for each of 100 epochs is exponential with Rate 0.95^100.
// Cosine: Loshchilov and Hutter 2017, equation 5 without restarts, https://arxiv.org/abs/1608.03983.
type Schedule struct {
	// Kind is "constant", "linear", "cosine" or "exponential"; "": constant.
	Kind string `json:"kind"`
	// FromKimg and ToKimg are where the change begins and ends, in thousands of real images.
	FromKimg float64 `json:"from_kimg"`
	ToKimg   float64 `json:"to_kimg"`
	// Rate is the factor at the end, 0 or more.
	Rate float64 `json:"rate"`
}

// Validate returns an error that names the field that makes no sense.
func (s Schedule) Validate() error {
	switch s.Kind {
	case "", "constant":
		return nil
	case "linear", "cosine", "exponential":
	default:
		return fmt.Errorf("kind is %q, want constant, linear, cosine or exponential", s.Kind)
	}
	switch {
	case !(s.FromKimg >= 0):
		return fmt.Errorf("from_kimg is %g, want 0 or more", s.FromKimg)
	case !(s.ToKimg > s.FromKimg) || math.IsInf(s.ToKimg, 0):
		return fmt.Errorf("to_kimg is %g, want more than from_kimg, %g", s.ToKimg, s.FromKimg)
	case !(s.Rate >= 0) || math.IsInf(s.Rate, 0):
		return fmt.Errorf("rate is %g, want 0 or more", s.Rate)
	case s.Kind == "exponential" && s.Rate == 0:
		return fmt.Errorf("rate is 0, which an exponential schedule never reaches; want a number above 0")
	}
	return nil
}

// Factor returns the factor after img real images.
func (s Schedule) Factor(img int64) float64 {
	from, to := s.FromKimg*float64(Kimg), s.ToKimg*float64(Kimg)
	t := min(1, max(0, (float64(img)-from)/(to-from)))
	switch s.Kind {
	case "linear":
		return 1 - (1-s.Rate)*t
	case "cosine":
		return s.Rate + (1-s.Rate)*(1+math.Cos(math.Pi*t))/2
	case "exponential":
		return math.Pow(s.Rate, t)
	}
	return 1
}

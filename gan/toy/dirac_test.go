package toy

import (
	"fmt"
	"math"
	"math/cmplx"
	"strconv"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/weights"
)

func train(t *testing.T, d Dirac, critic int) []Point {
	t.Helper()
	start, by := PaperDescent(critic)
	points, err := d.Train(start, by)
	if err != nil {
		t.Fatal(err)
	}
	if len(points) != by.Steps+1 {
		t.Fatalf("%d states, want %d", len(points), by.Steps+1)
	}
	return points
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %.17g, want %.17g ± %.2g", what, got, want, tolerance)
	}
}

// Radii after 500 steps, computed in float64 by a program of its own that shares no code with this one. The tolerance is
// what was printed: half a unit of the last digit. Those after 100 simultaneous steps agree to 1e-4.
func TestDiracRadii(t *testing.T) {
	for _, row := range []struct {
		d               Dirac
		sim100          float64
		sim, alt1, alt5 string
	}{
		{DiracGAN(), 1.9626, "3.0969", "1.4210", "1.8453"},
		{DiracNSGAN(), 0.74147, "0.64021", "0.28392", "0.13888"},
		{DiracWGAN(1), 1.2724, "1.0022", "1.0241", "0.91688"},
		{DiracWGANGP(0.7, 1), 1.7993, "1.8018", "1.2211", "0.7163"},
		{DiracR1(0.3), 0.098989, "2.643e-06", "2.301e-07", "9.2e-34"},
		{DiracR1(1), 3.7913e-4, "9.53e-22", "7.48e-17", "5.1e-12"},
		{DiracNSR1(0.3), 0.076609, "2.212e-06", "1.499e-07", "4.0e-34"},
	} {
		near(t, row.d.Name+" after 100 steps", train(t, row.d, 0)[100].Radius(), row.sim100, 1e-4*row.sim100)
		for critic, printed := range map[int]string{0: row.sim, 1: row.alt1, 5: row.alt5} {
			want, tolerance := readPrinted(t, printed)
			near(t, fmt.Sprintf("%s, %d steps of D, after 500", row.d.Name, critic), train(t, row.d, critic)[500].Radius(), want, tolerance)
		}
	}
}

// readPrinted returns a printed number and half a unit of its last digit.
func readPrinted(t *testing.T, text string) (value, half float64) {
	t.Helper()
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	digits, exponent, _ := strings.Cut(text, "e")
	_, decimals, _ := strings.Cut(digits, ".")
	e := 0
	if exponent != "" {
		if e, err = strconv.Atoi(exponent); err != nil {
			t.Fatal(err)
		}
	}
	return value, 0.5001 * math.Pow10(e-len(decimals))
}

// TestDiracIsTheAuthors compares states with those of the authors' notebook code; see make_dirac.py.
func TestDiracIsTheAuthors(t *testing.T) {
	ref := reference(t)
	methods := map[string]Dirac{"gan": DiracGAN(), "nsgan": DiracNSGAN(), "wgan": DiracWGAN(1), "wgangp": DiracWGANGP(0.7, 1),
		"r1": DiracR1(0.3), "r1critical": DiracR1(1), "consensus": DiracConsensus(1), "nsr1": DiracNSR1(0.3)}
	for name, d := range methods {
		for mode, critic := range map[string]int{"sim": 0, "alt1": 1, "alt5": 5} {
			points, want := train(t, d, critic), ref[name+"."+mode]
			for i, step := range ref["steps"] {
				got, what := points[int(step)], fmt.Sprintf("%s.%s at %g", name, mode, step)
				tolerance := 1e-9 * math.Hypot(want[2*i], want[2*i+1]) // rounding of 500 steps, of the radius
				near(t, what+": θ", got.Theta, want[2*i], tolerance)
				near(t, what+": ψ", got.Psi, want[2*i+1], tolerance)
			}
		}
	}
}

// The authors' instance noise is drawn: their mean over 40 seeds is within five standard errors of the
// integral's; the field itself agrees with SciPy's integrals.
func TestDiracInstanceNoise(t *testing.T) {
	ref, d := reference(t), DiracInstanceNoise(0.7)
	at, want := ref["instnoise.points"], ref["instnoise.field"]
	for i := 0; i < len(at); i += 2 {
		v := d.Field(Point{at[i], at[i+1]})
		near(t, fmt.Sprintf("θ' at %v", at[i:i+2]), v.Theta, want[i], 1e-11)
		near(t, fmt.Sprintf("ψ' at %v", at[i:i+2]), v.Psi, want[i+1], 1e-11)
	}
	for mode, critic := range map[string]int{"sim": 0, "alt1": 1, "alt5": 5} {
		points, mean, sd := train(t, d, critic), ref["instnoise."+mode], ref["instnoise."+mode+".sd"]
		for i, step := range ref["steps"] {
			for k, got := range []float64{points[int(step)].Theta, points[int(step)].Psi} {
				near(t, fmt.Sprintf("%s at %g, number %d", mode, step, k), got, mean[2*i+k], 5*sd[2*i+k]/math.Sqrt(40))
			}
		}
	}
}

func reference(t *testing.T) map[string][]float64 {
	t.Helper()
	arrays, err := weights.ReadNPZ("testdata/ref/dirac.npz")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]float64{}
	for name, a := range arrays {
		if out[name], err = a.Float64s(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// The field of the minimax game is at a right angle to the state and f'(ψθ) times as long: a simultaneous step multiplies
// the radius by sqrt(1 + h² f'(ψθ)²), whatever the state, which is sqrt(1 + h²/4) at the equilibrium.
func TestDiracGANDrifts(t *testing.T) {
	points := train(t, DiracGAN(), 0)
	for i, p := range points[:500] {
		s := 1 / (1 + math.Exp(p.Psi*p.Theta))
		near(t, fmt.Sprintf("the factor of step %d", i+1), points[i+1].Radius()/p.Radius(), math.Sqrt(1+0.04*s*s), 1e-14)
	}
	close, err := DiracGAN().Train(Point{1e-6, 0}, Descent{H: 0.2, Steps: 1})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "the factor at the equilibrium", close[1].Radius()/close[0].Radius(), math.Sqrt(1+0.01), 1e-12)
}

// Eigenvalues by hand, with f'(0) = 1/2 and f″(0) = -1/4. R1: -γ/2 ± sqrt(γ²/4 - 1/4). Instance noise: both means in ψ'
// have the derivative E x² f″(0) = -σ²/4 by ψ, so it is R1 with γ = σ²/2. Consensus: -γ/4 ± i/2.
func TestDiracEigenvalues(t *testing.T) {
	r1 := func(gamma float64) [2]complex128 {
		root := cmplx.Sqrt(complex(gamma*gamma/4-0.25, 0))
		return [2]complex128{complex(-gamma/2, 0) + root, complex(-gamma/2, 0) - root}
	}
	for _, test := range []struct {
		d    Dirac
		want [2]complex128
	}{
		{DiracGAN(), r1(0)}, {DiracNSGAN(), r1(0)}, {DiracWGAN(1), [2]complex128{1i, -1i}},
		{DiracR1(0.3), r1(0.3)}, {DiracR1(1), r1(1)}, {DiracR1(2), r1(2)}, {DiracNSR1(0.3), r1(0.3)},
		{DiracInstanceNoise(0.7), r1(0.49 / 2)}, {DiracConsensus(1), [2]complex128{-0.25 + 0.5i, -0.25 - 0.5i}},
	} {
		got, err := test.d.Eigenvalues()
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			// 1e-9 of the Jacobian; its root where the eigenvalues meet.
			if cmplx.Abs(got[i]-test.want[i]) > 3e-5 || test.d.Name != DiracR1(1).Name && cmplx.Abs(got[i]-test.want[i]) > 1e-8 {
				t.Errorf("%s: eigenvalue %v, want %v", test.d.Name, got[i], test.want[i])
			}
		}
	}
	if _, err := DiracWGANGP(0.7, 1).Eigenvalues(); err == nil {
		t.Error("the field of WGAN-GP jumps at the equilibrium and has no eigenvalues there")
	}
}

func TestDiracRefusesNonsense(t *testing.T) {
	for _, by := range []Descent{{H: 0, Steps: 1}, {H: math.NaN(), Steps: 1}, {H: 1, Steps: -1}, {H: 1, Critic: -1}} {
		if _, err := DiracGAN().Train(Point{1, 1}, by); err == nil {
			t.Errorf("%+v was accepted", by)
		}
	}
}

func TestDiracsAreNamed(t *testing.T) {
	names := map[string]bool{}
	for _, d := range Diracs() {
		names[d.Name] = true
	}
	if len(names) != 9 {
		t.Errorf("%d different names, want the notebook's 9", len(names))
	}
}

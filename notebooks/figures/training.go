package figures

import (
	"fmt"
	"math"

	"github.com/gogan-ml/gogan/gan/run"
)

// equilibrium holds what a loss is where D cannot tell reals from fakes, and whether D's logged outputs are
// probabilities.
type equilibrium struct {
	d, g        []Guide
	probability bool
}

// equilibria by the name of the loss in config.json. For the game of Goodfellow et al. 2014
// (https://arxiv.org/abs/1406.2661) D = 1/2 everywhere: its loss -log D(x) - log(1 - D(G(z))) is 2 ln 2 (section 4.1,
// theorem 1: V = -log 4), G's non-saturating -log D(G(z)) is ln 2. For least squares with labels 0 and 1 D is 1/2, its
// loss 1/2 (1/4 + 1/4), G's 1/2 · 1/4. The hinge loss of a D that is 0 everywhere is 2; G's has no fixed value.
// Relativistic losses are ln 2 for each comparison of equal outputs.
var equilibria = map[string]equilibrium{
	"non-saturating":       {[]Guide{{"2 ln 2", 2 * math.Ln2, 1}}, []Guide{{"ln 2", math.Ln2, 2}}, true},
	"minimax":              {[]Guide{{"2 ln 2", 2 * math.Ln2, 1}}, []Guide{{"-ln 2", -math.Ln2, 2}}, true},
	"saddle":               {[]Guide{{"2 ln 2", 2 * math.Ln2, 1}}, []Guide{{"-2 ln 2", -2 * math.Ln2, 2}}, true},
	"least-squares":        {[]Guide{{"1/4", 0.25, 1}}, []Guide{{"1/8", 0.125, 2}}, false},
	"hinge":                {[]Guide{{"2", 2, 1}}, nil, false},
	"relativistic-average": {[]Guide{{"2 ln 2", 2 * math.Ln2, 1}}, []Guide{{"2 ln 2", 2 * math.Ln2, 2}}, false},
	"relativistic-pairing": {[]Guide{{"ln 2", math.Ln2, 1}}, []Guide{{"ln 2", math.Ln2, 2}}, false},
}

// Equilibrium returns the values of D's and G's loss where D cannot tell reals from fakes, by the name of the loss in
// config.json; ok tells which of them exist.
func Equilibrium(loss string) (d, g float64, okD, okG bool) {
	e := equilibria[loss]
	if len(e.d) > 0 {
		d, okD = e.d[0].Y, true
	}
	if len(e.g) > 0 {
		g, okG = e.g[0].Y, true
	}
	return d, g, okD, okG
}

// Curves draws a training from its log: on the left the losses of D and G with their values at equilibrium, on the right
// the mean of D(x) and D(G(z)), or of a critic their difference. loss is its name in config.json; an unknown one gives no
// guides. Of a VAE it draws the loss and its two parts. It returns an error if the log has no loss.
func Curves(ticks []run.Tick, loss string) (*Figure, error) {
	if elbo := pick(ticks, "loss_elbo", ""); len(elbo) > 0 {
		return curvesOfVAE(ticks, elbo)
	}
	e := equilibria[loss]
	losses := pick(ticks, "loss_d", "D", "loss_g", "G")
	if len(losses) == 0 {
		return nil, fmt.Errorf("figures: the log of %d lines has neither loss_d nor loss_g", len(ticks))
	}
	left, err := linePanel(Axes{Title: "Loss", X: "thousand real images shown"}, losses, append(e.d[:len(e.d):len(e.d)], e.g...))
	if err != nil {
		return nil, err
	}
	left.X.Min = 0
	figure := &Figure{panels: []*panel{left}, width: fullWidth}
	outputs := pick(ticks, "d_real", "D(x)", "d_fake", "D(G(z))")
	axes := Axes{Title: "Mean output of D", X: "thousand real images shown"}
	if len(outputs) == 0 {
		// A critic's output has no zero and no scale: only the difference means something.
		outputs = pick(ticks, "critic_gap", "E[D(x)] - E[D(G(z))]")
		axes.Title = "Reals above fakes, by the critic"
	}
	if len(outputs) == 0 {
		return figure, nil
	}
	var guides []Guide
	if e.probability {
		axes.Title = "Mean probability of being real"
		axes.YMin, axes.YMax = 0, 1
		guides = []Guide{{Name: "1/2", Y: 0.5}}
	}
	right, err := linePanel(axes, outputs, guides)
	if err != nil {
		return nil, err
	}
	right.X.Min = 0
	figure.panels = append(figure.panels, right)
	return figure, nil
}

// curvesOfVAE draws what a VAE minimises, and both parts of it, which have scales of their own.
func curvesOfVAE(ticks []run.Tick, loss []Series) (*Figure, error) {
	figure := &Figure{width: fullWidth}
	for _, part := range []struct {
		title  string
		series []Series
	}{{"Loss, nats per picture", loss}, {"Reconstruction, nats", pick(ticks, "reconstruction", "")}, {"KL(q(z|x) || p(z)), nats", pick(ticks, "kl", "")}} {
		p, err := linePanel(Axes{Title: part.title, X: "thousand real images"}, part.series, nil)
		if err != nil {
			return nil, err
		}
		p.X.Min = 0
		figure.panels = append(figure.panels, p)
	}
	return figure, nil
}

// pick makes a smooth series of each value of the log that is there. what holds pairs of key and name.
func pick(ticks []run.Tick, what ...string) []Series {
	var out []Series
	for i := 0; i < len(what); i += 2 {
		s := Series{Name: what[i+1], Smooth: true}
		for _, t := range ticks {
			if value, ok := t.Values[what[i]]; ok {
				s.X = append(s.X, float64(t.Img)/float64(run.Kimg))
				s.Y = append(s.Y, value)
			}
		}
		if len(s.X) > 0 {
			out = append(out, s)
		}
	}
	return out
}

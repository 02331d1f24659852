package run

import (
	"encoding/json"
	"fmt"
	"math"
)

// The kinds of findings.
const (
	ModeCollapse = "mode-collapse"
	Oscillation  = "oscillation"
	DWon         = "discriminator-won"
	Inversion    = "inversion"
)

// A Finding is something in a log that bodes ill for the training, said in plain words.
type Finding struct {
	Kind string `json:"kind"` // ModeCollapse, Oscillation, DWon or Inversion
	Text string `json:"text"` // one line: what is seen, since when, and what may help
	Img  int64  `json:"img"`  // real images shown when it began
}

// Game is what [Diagnose] must know of a run, as its config.json names it.
type Game struct {
	// Loss is the name of the loss. What is looked for depends on it.
	Loss string `json:"loss"`
	// LabelSmoothing is the share taken off the target of the reals: how sure of them a D that has won becomes.
	LabelSmoothing float64 `json:"label_smoothing"`
}

// The thresholds lie between what was seen in trainings that went well and in such that were spoilt by a learning rate up
// to 100 times too high or too low; testdata/logs holds both, with the commands.
const (
	// sustainedImg and sustainedTicks are how long a state must last. In good trainings D was far ahead for the first 4k
	// img at most, while G still made noise.
	sustainedImg   = 5000
	sustainedTicks = 5
	// collapsedBelow is the spread of the fakes, as a share of that of the reals, below which they look alike, and
	// fallenBelow the same as a share of the highest that there was: a G that has not learned yet makes nearly one image,
	// too (0.07 to 0.13 with small initial weights). Good DCGANs had 0.7 to 1 at the end; where all images became the
	// same, 0.02 and less.
	collapsedBelow = 0.25
	fallenBelow    = 0.5
	// surely: a D that has won gives fakes a probability below it and reals one above 1 less it. In good trainings fakes
	// had 0.2 and more, in lost ones less than 0.01.
	surely = 0.02
	// helpless is the non-saturating loss of a G whose typical fake has a probability of e^-5 = 0.7 %; with it D has won
	// if it is rather sure, as one with dropout is when it has. In good trainings it was 2.2 at most.
	helpless     = 5.0
	ratherSurely = 0.1
	// wonBelow is the loss of a D that has won, as a share of the loss of one that knows nothing, where outputs are no
	// probabilities. In good trainings it was above 0.048, in lost ones below 0.026 after 10k img.
	wonBelow = 0.03
)

// ignorant is the loss of a D whose output is the same for reals and fakes, by the name of the loss. The Wasserstein
// distance is not in the list, and so never found to oscillate or to be won: a critic ahead of G is what it asks for, and
// its loss has no scale and no lower bound. Of a loss that is not published nothing is known either.
var ignorant = map[string]float64{
	"minimax": 2 * math.Ln2, "saddle": 2 * math.Ln2, "non-saturating": 2 * math.Ln2,
	"least-squares": 0.25, "hinge": 2, "relativistic-average": 2 * math.Ln2, "relativistic-pairing": math.Ln2,
}

// probability tells the losses for which d_real and d_fake are probabilities.
var probability = map[string]bool{"minimax": true, "saddle": true, "non-saturating": true}

// Diagnose looks for four ways in which trainings fail, as they stand at the end of the log; what was overcome is not
// told. It needs loss_d, for probabilities d_real and d_fake, spread_real and spread_fake, and for translations
// correlation_x and correlation_y, and passes over what is not there. The findings are signs, not proofs: look at the
// samples.
//
//   - ModeCollapse: the fakes of a batch hardly differ from each other any more.
//   - DWon: D tells reals from fakes without fail, and G learns nothing more; logits: D(x) → 1 and D(G(z)) → 0, else a
//     loss of D near 0.
//   - Oscillation: the loss of D swings and does not calm down.
//   - Inversion: a translation makes negatives, light of what is dark, and its way back undoes it.
func Diagnose(ticks []Tick, game Game) []Finding {
	var out []Finding
	for _, find := range []func([]Tick, Game) *Finding{modeCollapse, dWon, oscillation, inversion} {
		if f := find(ticks, game); f != nil {
			out = append(out, *f)
		}
	}
	return out
}

// since walks back from the end of the log while a state holds, and returns the tick where it began, or nil if it has
// not lasted. Ticks in which known is false say nothing.
func since(ticks []Tick, state func(Tick) (holds, known bool)) *Tick {
	var first *Tick
	count := 0
	for i := len(ticks) - 1; i >= 0; i-- {
		holds, known := state(ticks[i])
		if !known {
			continue
		}
		if !holds {
			break
		}
		first, count = &ticks[i], count+1
	}
	if first == nil || count < sustainedTicks || ticks[len(ticks)-1].Img-first.Img < sustainedImg {
		return nil
	}
	return first
}

// spreadShare is the spread of the fakes as a share of that of the reals.
func spreadShare(t Tick) (share float64, known bool) {
	fake, hasFake := t.Values["spread_fake"]
	real, hasReal := t.Values["spread_real"]
	if !hasFake || !hasReal || real <= 0 {
		return 0, false
	}
	return fake / real, true
}

func modeCollapse(ticks []Tick, _ Game) *Finding {
	highest := 0.0
	for _, t := range ticks {
		share, _ := spreadShare(t)
		highest = max(highest, share)
	}
	first := since(ticks, func(t Tick) (holds, known bool) {
		share, known := spreadShare(t)
		return share < min(collapsedBelow, fallenBelow*highest), known
	})
	if first == nil {
		return nil
	}
	share, _ := spreadShare(*newest(ticks, "spread_fake"))
	return &Finding{ModeCollapse, fmt.Sprintf("mode collapse: since %s img the images of G are nearly all alike: they differ by %.2g %% of what reals do, "+
		"and did by %.2g %%; a smaller learning rate of G, a gradient penalty or packing may help",
		FormatImg(first.Img), 100*share, 100*highest), first.Img}
}

// sinceWhen says when a state began.
func sinceWhen(ticks []Tick, first *Tick) string {
	if first == &ticks[0] {
		return "from the start"
	}
	return "since " + FormatImg(first.Img) + " img"
}

func dWon(ticks []Tick, game Game) *Finding {
	if _, known := ignorant[game.Loss]; !known {
		return nil
	}
	const help = "; G learns little from it: a smaller learning rate of D, instance noise, label smoothing or r1_gamma may help"
	if probability[game.Loss] {
		first := since(ticks, func(t Tick) (holds, known bool) {
			real, hasReal := t.Values["d_real"]
			fake, hasFake := t.Values["d_fake"]
			real /= 1 - game.LabelSmoothing
			sure := real > 1-surely && fake < surely
			lost := game.Loss == "non-saturating" && t.Values["loss_g"] > helpless && real > 1-ratherSurely && fake < ratherSurely
			return sure || lost, hasReal && hasFake
		})
		if first == nil {
			return nil
		}
		values := newest(ticks, "d_real").Values
		return &Finding{DWon, fmt.Sprintf("D has won: %s it is sure of reals (D(x) = %.3f) and of fakes (D(G(z)) = %.3f)",
			sinceWhen(ticks, first), values["d_real"], values["d_fake"]) + help, first.Img}
	}
	first := since(ticks, func(t Tick) (holds, known bool) {
		loss, known := t.Values["loss_d"]
		return loss < wonBelow*ignorant[game.Loss], known
	})
	if first == nil {
		return nil
	}
	return &Finding{DWon, fmt.Sprintf("D has won: %s its loss is near 0 (%.2g; %.2g if it could not tell reals from fakes)",
		sinceWhen(ticks, first), newest(ticks, "loss_d").Values["loss_d"], ignorant[game.Loss]) + help, first.Img}
}

// newest is the last tick that has a value; there must be one.
func newest(ticks []Tick, name string) *Tick {
	for i := len(ticks) - 1; ; i-- {
		if _, found := ticks[i].Values[name]; found {
			return &ticks[i]
		}
	}
}

// game reads what Diagnose must know from the config.
func (d *Dir) game() (Game, error) {
	text, err := d.ConfigJSON()
	if err != nil {
		return Game{}, err
	}
	var g Game
	// A config of another family may use the names for other things: then nothing is known of its loss.
	if json.Unmarshal(text, &g) != nil {
		return Game{}, nil
	}
	return g, nil
}

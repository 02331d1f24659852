package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// A Player owns the variables under its scopes and one optimizer state.
type Player struct {
	// Name is unique in a run, for example "generator".
	Name string
	// Scopes are the roots of the player's variables: "encoder" and "generator" of a VAE, "generator/G" and "generator/F" of
	// CycleGAN; nil: Name.
	Scopes []string
	// Optimizer is the rule of all phases of the player; a phase can correct it.
	Optimizer Optimizer
	// LR gives the learning rate after img real images as a factor of Optimizer.LR; nil: always 1.
	LR func(img int64) float64
}

// A Phase is one kind of step: it minimises one loss over the variables of one player.
type Phase struct {
	// Name is unique in a run; it is part of the stream of random numbers.
	Name string
	// Player is the one whose variables the phase changes; all others only take part. (Running averages of a batch
	// norm move wherever it is used, as in PyTorch.)
	Player string
	// Loss returns a scalar.
	Loss func(s *Step) *Node
	// Fresh phases take a new batch and add it to img.
	Fresh bool
	// Reals says that the phase looks at the batch; without it nothing is copied to the device.
	Reals bool
	// Every is the interval in cycles; 0 and 1 mean every cycle. The phase runs in the cycles that it divides, also
	// in cycle 0.
	Every int64
	// Repeat is how often the phase updates its player in a cycle, each time with a fresh batch if Fresh; nil: once.
	// An optimizer that accumulates takes several steps for each update.
	Repeat func(cycle int64) int
	// BatchMultiple makes the phase draw this many times the batch of latents and classes; 0 and 1 mean the batch itself.
	BatchMultiple int
	// LRScale and BetaPower correct the optimizer of a lazy phase: lr·LRScale, β^BetaPower; 0 means 1.
	LRScale, BetaPower float64
	// Unroll lets Loss look ahead at the updates of another player; nil: it does not.
	Unroll *Unroll
	// Active says whether the phase runs after img real images; nil: always.
	Active func(img int64) bool
}

func (p Player) scopes() []string {
	if p.Scopes == nil {
		return []string{p.Name}
	}
	return p.Scopes
}

func (p *Phase) runs(cycle, img int64) int {
	if p.Every > 1 && cycle%p.Every != 0 || p.Active != nil && !p.Active(img) {
		return 0
	}
	if p.Repeat != nil {
		return p.Repeat(cycle)
	}
	return 1
}

func (p *Phase) optimizer(player Player) Optimizer {
	power, scale := p.BetaPower, p.LRScale
	if power == 0 {
		power = 1
	}
	if scale == 0 {
		scale = 1
	}
	return player.Optimizer.withPower(power, scale)
}

// A Controller changes variables of its own or of players inside the graph of a phase, after the phase's update:
// moving averages, a running estimate.
type Controller interface {
	// After adds to the graph of a phase. It is called for every phase and returns at once for those it has no
	// part in.
	After(s *Step)
	// Scalars returns what After needs from the host, by name, after img real images have been shown. The names
	// must not depend on img.
	Scalars(img int64) map[string]float64
	// Init sets the first values that depend on those of players, once, when a run starts from nothing.
	Init(vars Variables) error
}

// A Batch is what one step is shown. Y is nil but for two domains, Labels nil without classes.
type Batch struct {
	X, Y   *tensors.Tensor // float32 [batch, height, width, channels] in [-1, 1]
	Labels *tensors.Tensor // int32 [batch]
}

// A Source gives the batch of n images that follows the first seen ones. It is a pure function of its arguments and
// safe for concurrent calls: the trainer prepares the next batch while a step runs.
type Source interface {
	Next(seen int64, n int) (Batch, error)
}

// A Spec is all that the trainer knows of a paper: the players, and the list of phases that a cycle repeats.
type Spec struct {
	// Seed decides everything that is drawn: initial values, latents, order of the data.
	Seed int64
	// Batch is the number of images of a fresh step.
	Batch int
	// Latents draws the latents of a step; nil when no phase uses them.
	Latents *Latents
	// Classes is the number of classes that the networks take, 0: none. A class is drawn for every latent.
	Classes int
	// Players and Phases are in the order in which they act.
	Players []Player
	Phases  []Phase
	// Controllers act after each update, in this order.
	Controllers []Controller
	// Source gives the images.
	Source Source
}

func (s *Spec) player(name string) Player {
	for _, p := range s.Players {
		if p.Name == name {
			return p
		}
	}
	return Player{}
}

package gan

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// A pair is two networks of which a script of testdata/ref has computed values and steps, on inputs and weights by
// formula.
type pair struct {
	name                 string // prefix of the names in ref
	ref                  map[string]weights.Array
	g, d                 Network
	batch, latents, size int
	sound                bool    // size is the length of sounds
	labels, zLabels      []int32 // of the reals and of the latents; nil: no classes
	saltD                uint32  // of D's first variable; G's is 1
	stride               int     // between the values of images that are stored
	scale                float32 // of the weights; 0: 0.2
	loss                 Loss
	onlyD                bool                                                // no gradients of G are stored
	penalty              func(d func(x *Node) *Node, real, fake *Node) *Node // added to D's loss; nil: none
}

// play is a pair in one graph.
type play struct {
	*pair
	scope         *model.Scope
	g             *Graph
	z, x          *Node
	label, zLabel *Node
}

func (p *pair) in(scope *model.Scope, g *Graph, training bool) *play {
	scope.SetTraining(g, training)
	constant := func(salt uint32, dims ...int) *Node {
		n := 1
		for _, d := range dims {
			n *= d
		}
		return ConstTensor(g, tensors.FromFlatDataAndDimensions(golden.Values(salt, n), dims...))
	}
	out := &play{pair: p, scope: scope, g: g, z: constant(100, p.batch, p.latents),
		x: constant(101, p.batch, p.size, p.size, 3)}
	if p.sound {
		out.x = constant(101, p.batch, 1, p.size, 1)
	}
	if p.labels != nil {
		out.label, out.zLabel = Const(g, p.labels), Const(g, p.zLabels)
	}
	return out
}

func (p *play) fakes() *Node {
	return p.pair.g(p.scope.At(GeneratorPlayer).ResetVisited(), withLabels(p.z, p.zLabel)...)
}

func (p *play) judge(x, label *Node) *Node {
	return p.d(p.scope.At(DiscriminatorPlayer).ResetVisited(), withLabels(x, label)...)
}

// gradients returns those of a loss for the trained variables of a player, in the order of their paths.
func (p *play) gradients(player string, loss *Node) []*Node {
	var wrt []*Node
	for _, v := range sortedVariables(p.scope.Store(), player) {
		if v.Trainable {
			wrt = append(wrt, v.NodeValue(p.g))
		}
	}
	return Gradient(loss, wrt...)
}

func sortedVariables(store *model.Store, player string) []*model.Variable {
	return slices.SortedFunc(store.Scope("/"+player).IterVariables(), func(a, b *model.Variable) int {
		return strings.Compare(a.Path(), b.Path())
	})
}

var normScale = regexp.MustCompile(`(bn\d?|ln)/weight$`)

// newStore creates the variables and fills them: scale·u, scales of norms 1 + scale·u, vectors of the power iteration u;
// the salt of u counts the sorted paths of a network.
func (p *pair) newStore(t *testing.T) *model.Store {
	t.Helper()
	store := model.NewStore()
	exec, err := model.NewExec(testbackend.Go(t), store, func(scope *model.Scope, g *Graph) *Node {
		play := p.in(scope, g, true)
		return play.judge(play.fakes(), play.zLabel)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	if _, err := exec.Compile(); err != nil {
		t.Fatal(err)
	}
	for player, salt := range map[string]uint32{GeneratorPlayer: 1, DiscriminatorPlayer: p.saltD} {
		for _, v := range sortedVariables(store, player) {
			if strings.Contains(v.Path(), "running_") {
				continue
			}
			scale := p.scale
			if scale == 0 {
				scale = 0.2
			}
			if strings.HasSuffix(v.Path(), "/u") {
				scale = 1
			}
			values := golden.Scaled(salt, v.Shape().Size(), scale)
			if normScale.MatchString(v.Path()) {
				for i := range values {
					values[i]++
				}
			}
			if err := v.SetValue(tensors.FromFlatDataAndDimensions(values, v.Shape().Dimensions...)); err != nil {
				t.Fatal(err)
			}
			salt++
		}
	}
	return store
}

// execute runs a function of the pair once and returns the values of its outputs.
func (p *pair) execute(t *testing.T, backend compute.Backend, store *model.Store, training bool, f func(p *play) []*Node) [][]float64 {
	t.Helper()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, g *Graph) []*Node { return f(p.in(scope, g, training)) })
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	out, err := exec.Call()
	if err != nil {
		t.Fatal(err)
	}
	values := make([][]float64, len(out))
	for i, v := range out {
		if err := tensors.ConstFlatData(v, func(flat []float32) {
			for _, x := range flat {
				values[i] = append(values[i], float64(x))
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	return values
}

// sampled are the values of images that are stored.
func (p *pair) sampled(images []float64) []float64 {
	var out []float64
	for i := 0; i < len(images); i += p.stride {
		out = append(out, images[i])
	}
	return out
}

// compare fails unless got is within tolerance of the largest absolute value, or within floor.
func (p *pair) compare(t *testing.T, key string, got []float64, tolerance, floor float64) {
	t.Helper()
	a, found := p.ref[p.name+"."+key]
	if !found {
		t.Errorf("the reference has no %s.%s", p.name, key)
		return
	}
	want := floats(t, a)
	if len(got) != len(want) {
		t.Errorf("%s has %d values, want %d", key, len(got), len(want))
		return
	}
	worst := 0.0
	for i := range want {
		worst = max(worst, math.Abs(got[i]-want[i]))
	}
	if !(worst <= max(tolerance*largest(want), floor)) {
		t.Errorf("%s: off by %.3g, largest value %.3g", key, worst, largest(want))
	}
}

func largest(values []float64) float64 {
	out := 0.0
	for _, v := range values {
		out = max(out, math.Abs(v))
	}
	return out
}

// compareForward compares G(z) and D(x) while training, and G(z) with the running averages that this left.
func (p *pair) compareForward(t *testing.T, backend compute.Backend) {
	t.Helper()
	store := p.newStore(t)
	out := p.execute(t, backend, store, true, func(p *play) []*Node { return []*Node{p.fakes(), p.judge(p.x, p.label)} })
	p.compare(t, "img", p.sampled(out[0]), 1e-4, 0) // the contract for whole networks
	p.compare(t, "y", out[1], 1e-4, 0)
	out = p.execute(t, backend, store, false, func(p *play) []*Node { return []*Node{p.fakes()} })
	p.compare(t, "img_eval", p.sampled(out[0]), 1e-4, 0)
}

// compareSteps compares the losses, the gradients and what moves by itself of a step of D and of one of G, and D(x) in
// evaluation mode after D's.
func (p *pair) compareSteps(t *testing.T, backend compute.Backend) {
	t.Helper()
	store := p.newStore(t)
	out := p.execute(t, backend, store, true, func(p *play) []*Node {
		fake := StopGradient(p.fakes())
		loss := p.loss.D(p.judge(p.x, p.label), p.judge(fake, p.zLabel))
		nodes := []*Node{loss}
		if p.penalty != nil {
			penalty := p.penalty(func(x *Node) *Node { return p.judge(x, p.label) }, p.x, fake)
			nodes = []*Node{loss, penalty}
			loss = Add(loss, penalty)
		}
		return append(nodes, p.gradients(DiscriminatorPlayer, loss)...)
	})
	p.compare(t, "loss_d", out[0], 1e-4, 0) // the contracts for losses and gradients of a step
	if p.penalty != nil {
		p.compare(t, "penalty", out[1], 1e-4, 0)
		out = out[1:]
	}
	p.compareStep(t, "d", DiscriminatorPlayer, store, out[1:])
	out = p.execute(t, backend, store, false, func(p *play) []*Node { return []*Node{p.judge(p.x, p.label)} })
	p.compare(t, "y_eval", out[0], 1e-4, 0)

	store = p.newStore(t)
	out = p.execute(t, backend, store, true, func(p *play) []*Node {
		loss := p.loss.G(nil, p.judge(p.fakes(), p.zLabel))
		return append([]*Node{loss}, p.gradients(GeneratorPlayer, loss)...)
	})
	p.compare(t, "loss_g", out[0], 1e-4, 0)
	if !p.onlyD {
		p.compareStep(t, "g", GeneratorPlayer, store, out[1:])
	}
}

func (p *pair) compareStep(t *testing.T, phase, player string, store *model.Store, gradients [][]float64) {
	t.Helper()
	// Where the true gradient is zero (a bias before a norm), the rounding of a sum over all positions is left: up to 2e-6
	// of the largest gradient where pure Go adds up one by one, 3e-7 on XLA.
	floor := 0.0
	for _, g := range gradients {
		floor = max(floor, 4e-6*largest(g))
	}
	for _, v := range sortedVariables(store, player) {
		key := phase + strings.Replace(v.Path(), "/"+player+"/", ".", 1)
		if !v.Trainable {
			p.compare(t, key, flatValues(t, v), 1e-5, 0) // averages and vectors are single forward values
			continue
		}
		p.compare(t, key, gradients[0], 1e-4, floor)
		gradients = gradients[1:]
	}
}

func flatValues(t *testing.T, v *model.Variable) []float64 {
	t.Helper()
	var out []float64
	if err := tensors.ConstFlatData(v.MustValue(), func(flat []float32) {
		for _, x := range flat {
			out = append(out, float64(x))
		}
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// compareCounts compares the numbers of trained values.
func (p *pair) compareCounts(t *testing.T, g, d int) {
	t.Helper()
	store := p.newStore(t)
	for player, want := range map[string]int{GeneratorPlayer: g, DiscriminatorPlayer: d} {
		if got := (Variables{store}).Count(player); got != int64(want) {
			t.Errorf("%d px, %d labels: the %s has %d parameters, want %d", p.size, len(p.labels), player, got, want)
		}
	}
}

package gan

import (
	"context"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/gomlx/compute/dtypes"
)

// classed is data of k classes: picture i is all of one grey, which tells its class.
type classed struct{ k int }

func (d classed) Name() string                              { return "classed" }
func (d classed) ImageShape() (height, width, channels int) { return 4, 4, 1 }
func (d classed) ClassNames() []string                      { return make([]string, d.k) }

func (d classed) Batch(_, seen int64, n int) (images, labels *tensors.Tensor, err error) {
	x, y := make([]float32, n*16), make([]int32, n)
	for i := range n {
		y[i] = int32((seen + int64(i)) % int64(d.k))
		for j := range 16 {
			x[i*16+j] = 2*float32(y[i])/float32(d.k-1) - 1
		}
	}
	return tensors.FromFlatDataAndDimensions(x, n, 4, 4, 1), tensors.FromFlatDataAndDimensions(y, n), nil
}

// conditionalConfig has networks of one layer on the input and the class.
func conditionalConfig(k int) Config {
	join := func(inputs []*graph.Node) *graph.Node {
		batch := inputs[0].Shape().Dim(0)
		return graph.Concatenate([]*graph.Node{graph.Reshape(inputs[0], batch, -1), graph.OneHot(inputs[1], k, dtypes.Float32)}, -1)
	}
	cfg := MLPGAN()
	cfg.Conditional, cfg.Batch, cfg.Latents.Dim = true, 8, 2
	cfg.Generator = func(scope *model.Scope, inputs ...*graph.Node) *graph.Node {
		x := blocks.Dense(scope.In("dense"), join(inputs), 16)
		return graph.Tanh(graph.Reshape(x, -1, 4, 4, 1))
	}
	cfg.Discriminator = func(scope *model.Scope, inputs ...*graph.Node) *graph.Node {
		x := blocks.LeakyReLU(blocks.Dense(scope.In("000-dense"), join(inputs), 32), 0.2)
		return blocks.Dense(scope.In("001-dense"), x, 1)
	}
	return cfg
}

// The classes are as bright as can be told apart: a generator that is handed the class learns to obey it.
func TestConditional(t *testing.T) {
	dir := t.TempDir()
	cfg := conditionalConfig(2)
	cfg.GeneratorOptimizer.LR, cfg.DiscriminatorOptimizer.LR = 0.01, 0.01
	r, err := OpenOn(&accel.Device{Backend: testbackend.Go(t)}, dir, cfg, classed{2})
	if err != nil {
		t.Fatal(err)
	}
	train(t, r, 4000)
	r.Close()
	g, err := LoadOn(&accel.Device{Backend: testbackend.Go(t)}, dir, WithGenerator(cfg.Generator))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for class := range 2 {
		images, err := g.Sample(context.Background(), Seeds(0, 8), Class(class))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range images {
			if v := m.(*image.Gray).GrayAt(1, 1).Y; (v > 127) != (class == 1) {
				t.Errorf("class %d: grey %d", class, v)
			}
		}
	}
	bySeed, err := g.Sample(context.Background(), []int64{-1, 0, 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false, true} {
		if v := bySeed[i].(*image.Gray).GrayAt(1, 1).Y; (v > 127) != want {
			t.Errorf("seed %d shows grey %d, want the class of the seed", i-1, v)
		}
	}
	if _, err := g.Sample(context.Background(), Seeds(0, 1), Class(2)); err == nil || !strings.Contains(err.Error(), "0 to 1") {
		t.Errorf("class 2 of 2: %v", err)
	}
}

func TestConditionalRefuses(t *testing.T) {
	if _, _, err := conditionalConfig(2).resolve(noise{4, 1}); err == nil || !strings.Contains(err.Error(), "no classes") {
		t.Errorf("data without classes: %v", err)
	}
	cfg := DCGAN()
	cfg.Conditional = true
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "take no classes") {
		t.Errorf("DCGAN with classes: %v", err)
	}
	if _, err := (source{data: classed{3}, height: 4, width: 4, channels: 1, classes: 2}).Next(0, 4); err == nil || !strings.Contains(err.Error(), "label 2") {
		t.Errorf("a label out of range: %v", err)
	}
}

// Samples 2i and 2i+1 meet in pack i, each in its own channels.
func TestPack(t *testing.T) {
	got := callGraph(t, func(in []*graph.Node) []*graph.Node {
		x := graph.Reshape(in[0], 4, 1, 2, 2)
		return []*graph.Node{pack(x, 2), pack(x, 1)}
	}, []float32{0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 33})
	if want := []float32{0, 1, 10, 11, 2, 3, 12, 13, 20, 21, 30, 31, 22, 23, 32, 33}; !slices.Equal(got[0], want) {
		t.Errorf("packs of 2: got %v, want %v", got[0], want)
	}
	if want := []float32{0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 33}; !slices.Equal(got[1], want) {
		t.Errorf("packs of 1: got %v, want %v", got[1], want)
	}
}

// Reals become x/128 - 1 + U(0, 1/128): of the level 255 nothing lies outside [255/128-1, 1).
func TestDequantize(t *testing.T) {
	cfg := tiny()
	cfg.Dequantize = true
	var low, high, mean *graph.Node
	spec := scalarSpec(Phase{Name: "D", Player: "d", Fresh: true, Reals: true})
	spec.Source, spec.Batch = constantSource(1), 64
	loss := spec.Phases[0].Loss
	spec.Phases[0].Loss = func(s *Step) *graph.Node {
		x := game{Config: cfg}.reals(s)
		low, high, mean = graph.ReduceAllMin(x), graph.ReduceAllMax(x), graph.ReduceAllMean(x)
		s.Report("low", low)
		s.Report("high", high)
		s.Report("mean", mean)
		return loss(s)
	}
	report, err := newSpecTrainer(t, testbackend.Go(t), spec).Step(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	values, err := report.Values()
	if err != nil {
		t.Fatal(err)
	}
	const from = 255.0/128 - 1
	if values["low"] < from-1e-6 || values["high"] > from+1.0/128+1e-6 {
		t.Errorf("values lie in [%g, %g], want [%g, %g]", values["low"], values["high"], from, from+1.0/128)
	}
	// The mean of 1024 uniform values has a standard deviation of 1/128/sqrt(12·1024); 5 of them.
	near(t, "mean", values["mean"], from+0.5/128, 5*7e-5)
}

// constantSource gives pictures 4x4 of one value.
type constantSource float32

func (c constantSource) Next(_ int64, n int) (Batch, error) {
	x := make([]float32, n*16)
	for i := range x {
		x[i] = float32(c)
	}
	return Batch{X: tensors.FromFlatDataAndDimensions(x, n, 4, 4, 1)}, nil
}

// The lists of phases of the papers, by the first letters of their steps.
func TestGamesOrder(t *testing.T) {
	wgan := tiny()
	wgan.CriticBursts, wgan.NCritic = true, 5
	sngan := tiny()
	sngan.GeneratorFirst, sngan.NCritic = true, 2
	lazy := tiny()
	lazy.DiscriminatorNorm, lazy.R1Gamma, lazy.R1Every = "none", 1, 2
	for _, test := range []struct {
		name, want string
		cfg        Config
	}{
		{"first burst of WGAN", strings.Repeat("D", 100) + "G" + "D", wgan},
		{"SNGAN", "GDDGDDG", sngan},
		{"lazy R1", "DrGDGDrG", lazy},
	} {
		p := game{Config: test.cfg}
		var got string
		for cycle := int64(0); len(got) < len(test.want); cycle++ {
			for _, phase := range p.phases() {
				letter := phase.Name[:1]
				if phase.Name == "Dreg" {
					letter = "r"
				}
				got += strings.Repeat(letter, phase.runs(cycle, 0))
			}
		}
		if got = got[:len(test.want)]; got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	for cycle, want := range map[int64]int{0: 100, 24: 100, 25: 5, 499: 5, 500: 100, 501: 5, 1000: 100} {
		if got := (game{Config: wgan}).repeat(cycle); got != want {
			t.Errorf("WGAN, cycle %d: %d steps of D, want %d", cycle, got, want)
		}
	}
}

// Every k-th step with k times the penalty is, per step, the penalty of every step; the optimizer is corrected by k/(k+1)
// (StyleGAN2, appendix B: 16 steps give 16/17).
func TestLazyR1(t *testing.T) {
	cfg := tiny()
	cfg.DiscriminatorNorm, cfg.R1Gamma, cfg.R1Every = "none", 3, 16
	phases := game{Config: cfg}.phases()
	for _, phase := range phases[:2] {
		near(t, phase.Name+" lr", phase.LRScale, 16.0/17, 1e-12)
		near(t, phase.Name+" beta", phase.BetaPower, 16.0/17, 1e-12)
	}
	always := cfg
	always.R1Every = 1
	if got, want := firstReport(t, cfg, "Dreg", "r1"), firstReport(t, always, "D", "r1"); got == 0 || got != want {
		t.Errorf("the logged penalty is %g when lazy and %g in every step", got, want)
	}
}

// firstReport is the value that a phase reports in its first step.
func firstReport(t *testing.T, cfg Config, phase, name string) float64 {
	t.Helper()
	trainer := newTestTrainer(t, testbackend.Go(t), cfg, noise{32, 1})
	for {
		p, err := trainer.next()
		if err != nil {
			t.Fatal(err)
		}
		if p.phase.Name != phase {
			trainer.phase++ // skips the step, so that D is as it was initialised
			continue
		}
		if err := trainer.takeBatch(p); err != nil {
			t.Fatal(err)
		}
		report, err := p.run(1)
		if err != nil {
			t.Fatal(err)
		}
		values, err := report.Values()
		if err != nil {
			t.Fatal(err)
		}
		return values[name]
	}
}

// A critic's mean output means nothing; a logit's sigmoid is a probability.
func TestReportedOutputs(t *testing.T) {
	for _, test := range []struct {
		kind Output
		want map[string]float64
	}{
		{Logit, map[string]float64{"d_real": 0.8807970779778823, "d_fake": 0.5}}, // 1/(1+e^-2)
		{Value, map[string]float64{"d_real": 2, "d_fake": 0}},
		{Critic, map[string]float64{"critic_gap": 2}},
	} {
		var reports map[string]*graph.Node
		values := callGraph(t, func(in []*graph.Node) []*graph.Node {
			s := &Step{reports: map[string]*graph.Node{}}
			reportOutputs(s, test.kind, in[0], in[1])
			reports = s.reports
			out := make([]*graph.Node, 0, len(reports))
			for _, name := range sortedKeys(reports) {
				out = append(out, reports[name])
			}
			return out
		}, []float32{2}, []float32{0})
		if !slices.Equal(sortedKeys(reports), sortedKeys(test.want)) {
			t.Errorf("%s: reported %v", test.kind, sortedKeys(reports))
			continue
		}
		for i, name := range sortedKeys(test.want) {
			near(t, string(test.kind)+" "+name, float64(values[i][0]), test.want[name], 1e-6)
		}
	}
}

// What D is charged for is the loss and every penalty, each logged by itself.
func TestVerdict(t *testing.T) {
	cfg := tiny()
	cfg.DiscriminatorNorm = "none"
	plain := firstReport(t, cfg, "D", "loss_d")
	cfg.GP, cfg.Drift, cfg.R1Gamma = GP{Lambda: 10, Target: 1}, 0.5, 2
	for _, name := range []string{"gp", "drift", "r1"} {
		if got := firstReport(t, cfg, "D", name); !(got > 0) {
			t.Errorf("%s is %g, want it above 0", name, got)
		}
	}
	if got := firstReport(t, cfg, "D", "loss_d"); got != plain {
		t.Errorf("loss_d is %g with penalties and %g without: penalties are logged apart", got, plain)
	}
}

// The whole loss of the linear critic d(x) = Σ x, by hand, for a real of sum 3 and a fake of sum 0: Wasserstein 0 - 3, the
// gradient's norm √2 is penalised by 10(√2-1)², drift by 3²/2, R1 by 2/2·2.
func TestVerdictOfALinearCritic(t *testing.T) {
	cfg := Config{Loss: Wasserstein, Pack: 1, GP: GP{Lambda: 10, Target: 1}, Drift: 0.5, R1Gamma: 2, R1Every: 1}
	d := func(_ *model.Scope, inputs ...*graph.Node) *graph.Node { return graph.ReduceSum(inputs[0], 1, 2, 3) }
	got := callGraph(t, func(in []*graph.Node) []*graph.Node {
		x := graph.Reshape(in[0], 1, 1, 2, 1)
		s := &Step{root: model.NewStore().RootScope(), rng: graph.Const(x.Graph(), []uint64{1, 2, 3})}
		return []*graph.Node{game{Config: cfg, d: d}.verdict(s, x, graph.ZerosLike(x)).total()}
	}, []float32{1, 2})
	near(t, "total", float64(got[0][0]), -3+10*(math.Sqrt2-1)*(math.Sqrt2-1)+4.5+2, 1e-5)
}

// The noise falls linearly from the start to nothing.
func TestInstanceNoiseFalls(t *testing.T) {
	cfg := tiny()
	cfg.InstanceNoise, cfg.InstanceNoiseKimg = 0.2, 10
	for img, want := range map[int64]float64{0: 0.2, 5000: 0.1, 10000: 0, 20000: 0} {
		near(t, fmt.Sprintf("sigma after %d images", img), cfg.instanceNoise(img), want, 1e-12)
	}
	noisy := firstReport(t, cfg, "D", "loss_d")
	cfg.InstanceNoise = 0
	if plain := firstReport(t, cfg, "D", "loss_d"); plain == noisy {
		t.Errorf("loss_d is %g with noise and without", plain)
	}
}

// Every field that changes what D sees or is told changes its first loss.
func TestFieldsReachTheLoss(t *testing.T) {
	plain := firstReport(t, tiny(), "D", "loss_d")
	for name, change := range map[string]func(*Config){
		"label_smoothing": func(c *Config) { c.LabelSmoothing = 0.1 },
		"diff_augment":    func(c *Config) { c.DiffAugment = "translation,cutout" },
		"pack":            func(c *Config) { c.Pack = 2 },
		"dequantize":      func(c *Config) { c.Dequantize = true },
		"loss":            func(c *Config) { c.Loss = Hinge },
	} {
		cfg := tiny()
		change(&cfg)
		if err := cfg.Validate(); err != nil {
			t.Fatal(err)
		}
		if got := firstReport(t, cfg, "D", "loss_d"); got == plain {
			t.Errorf("%s leaves loss_d at %g", name, got)
		}
	}
}

// A player can own several scopes: both networks of an autoencoder have one optimizer.
func TestPlayerOfTwoScopes(t *testing.T) {
	spec := Spec{Batch: 2, Source: noiseSource{},
		Players: []Player{{Name: "both", Scopes: []string{"a", "b"}, Optimizer: SGD(0.1, 0)}, {Name: "c", Optimizer: SGD(0.1, 0)}},
		Phases: []Phase{{Name: "P", Player: "both", Fresh: true, Loss: func(s *Step) *graph.Node {
			sum := graph.Scalar(s.Graph, dtypes.Float32, 0)
			for _, scope := range []string{"a", "b", "c"} {
				w := s.Scope(scope).VariableWithValue("w", []float32{1}).NodeValue(s.Graph)
				sum = graph.Add(sum, graph.ReduceAllSum(graph.Square(w)))
			}
			return sum
		}}}}
	trainer := newSpecTrainer(t, testbackend.Go(t), spec)
	before := snapshot(t, trainer)
	steps(t, trainer, 1)
	after := snapshot(t, trainer)
	for _, test := range []struct {
		scope string
		want  int
	}{{"a", 1}, {"b", 1}, {"c", 0}} {
		if got := changed(before, after, test.scope); len(got) != test.want {
			t.Errorf("changed under %s: %v, want %d", test.scope, got, test.want)
		}
	}
}

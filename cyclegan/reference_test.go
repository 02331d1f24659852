package cyclegan

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// The step of make_cyclegan.py: dimensions of a batch, and the distance of the values of a gradient that it stores.
var (
	stepBatch  = []int{2, 16, 20, 3}
	stepStride = 7
)

// originalSteps are the cases of make_cyclegan.py. The original multiplies each loss of its log by a weight.
var originalSteps = map[string]struct {
	salt   uint32 // is added to those of the weights
	change func(*Config)
}{
	"lsgan":   {0, func(c *Config) { c.PoolSize = 2 }},
	"vanilla": {200, func(c *Config) { c.Loss, c.LambdaIdentity, c.PoolSize = Vanilla, 0, 0 }},
	"batch":   {300, func(c *Config) { c.Norm, c.PoolSize = BatchNorm, 0 }}, // losses only
	// The original trains this critic without a penalty.
	"wgan-gp": {200, func(c *Config) { c.Loss, c.GP.Lambda, c.LambdaIdentity, c.PoolSize = WGANGP, 0, 0.25, 0 }},
}

// TestStepEqualsTheOriginal compares losses and gradients of one step of both phases with the original's
// optimize_parameters: the gradients are the first moments of Adam, of which each is half of the first gradient.
func TestStepEqualsTheOriginal(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/step.npz")
	if err != nil {
		t.Fatal(err)
	}
	for name := range originalSteps {
		t.Run(name, func(t *testing.T) { compareStep(t, testbackend.Go(t), ref, name) })
	}
	t.Run("lsgan on XLA", func(t *testing.T) { compareStep(t, testbackend.XLA(t), ref, "lsgan") })
}

func compareStep(t *testing.T, backend compute.Backend, ref map[string]weights.Array, name string) {
	t.Helper()
	cfg := CycleGAN128()
	cfg.BaseChannels, cfg.DiscriminatorChannels, cfg.DiscriminatorLayers = 2, 2, 2
	cfg.LambdaY, cfg.Batch, cfg.LoadSize, cfg.CropSize = 5, stepBatch[0], 0, 0
	test := originalSteps[name]
	test.change(&cfg)
	trainer, reports := originalStep(t, backend, cfg, test.salt)
	for theirs, ours := range map[string]struct {
		name   string
		weight float64
	}{
		"D_A": {"loss_dy", 1}, "D_B": {"loss_dx", 1}, "G_A": {"adversarial_g", 1}, "G_B": {"adversarial_f", 1},
		"cycle_A": {"cycle_x", 10}, "cycle_B": {"cycle_y", 5},
		"idt_A": {"identity_y", 5 * cfg.LambdaIdentity}, "idt_B": {"identity_x", 10 * cfg.LambdaIdentity},
	} {
		got, found := reports[ours.name]
		if found == (ours.weight == 0) {
			t.Errorf("%s is reported: %t, with weight %g", ours.name, found, ours.weight)
			continue
		}
		near(t, ours.name, []float64{got * ours.weight}, floats(t, ref, name+"."+theirs), 1e-4, 0) // the contract for losses
	}
	if cfg.Norm == InstanceNorm {
		compareGradients(t, trainer, ref, name)
	}
}

// originalStep makes the step of make_cyclegan.py and returns what it reported.
func originalStep(t *testing.T, backend compute.Backend, cfg Config, salt uint32) (*gan.Trainer, map[string]float64) {
	t.Helper()
	x, y := fixed{picture(100, stepBatch...)}, fixed{picture(101, stepBatch...)}
	cfg, _, err := cfg.resolve(x, y)
	if err != nil {
		t.Fatal(err)
	}
	p := cfg.game()
	drawn := [][]float32{{0.9, 0.2}, {0.3, 0.9}, {0.1, 0.8}, {0.2, 0.7}} // coins and picks of the pools of X, then of Y
	calls := 0
	p.uniform = func(s *gan.Step, dimensions ...int) *Node {
		calls++
		return Const(s.Graph, drawn[(calls-1)%len(drawn)])
	}
	trainer, err := gan.NewTrainer(backend, p.spec(x, y))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(trainer.Close)
	for i, scope := range []string{ScopeF, ScopeG, ScopeDX, ScopeDY} {
		fillUnder(t, trainer, scope, uint32(1000*(i+1))+salt)
	}
	if cfg.PoolSize > 0 {
		for i, domain := range []string{"X", "Y"} {
			set(t, trainer, "/pool/"+domain+"/pictures", picture(uint32(102+i), stepBatch...))
			set(t, trainer, "/pool/"+domain+"/count", tensors.FromValue(float32(cfg.PoolSize)))
		}
	}
	reports := map[string]float64{}
	for range 2 {
		r, err := trainer.Step(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		values, err := r.Values()
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(reports, values)
	}
	return trainer, reports
}

// compareGradients compares those of all networks.
func compareGradients(t *testing.T, trainer *gan.Trainer, ref map[string]weights.Array, name string) {
	t.Helper()
	moments := map[string]*tensors.Tensor{}
	for path, m := range trainer.Variables().Under("optimizer") {
		moments[path] = m
	}
	compared := 0
	for _, scope := range []string{ScopeF, ScopeG, ScopeDX, ScopeDY} {
		want := floats(t, ref, name+"."+scope)
		dims := dimensions(trainer, scope)
		for _, path := range slices.Sorted(maps.Keys(dims)) {
			// A bias before an instance norm is not trained, and of its true gradient of zero only rounding is stored.
			gradient := make([]float64, size(dims[path]))
			if m, found := moments["/optimizer"+path+"/m"]; found {
				gradient, compared = flat(t, m), compared+1
			}
			var some []float64
			for i, v := range gradient {
				if len(gradient) <= stepStride || i%stepStride == 0 {
					some = append(some, 2*v)
				}
			}
			near(t, path, some, want[:len(some)], 1e-4, 1e-6) // the contracts for gradients, and for those that are zero
			want = want[len(some):]
		}
		if len(want) > 0 {
			t.Errorf("%s: %d values of gradients are left over", scope, len(want))
		}
	}
	if 2*compared != len(moments) {
		t.Errorf("%d gradients were compared, there are %d moments", compared, len(moments))
	}
}

// dimensions are those of the trained variables of a network.
func dimensions(trainer *gan.Trainer, scope string) map[string][]int {
	out := map[string][]int{}
	for path, value := range trainer.Variables().Under(scope) {
		if !strings.Contains(path, "running_") {
			out[path] = value.Shape().Dimensions
		}
	}
	return out
}

// fixed is data whose batches are always the same.
type fixed struct{ x *tensors.Tensor }

func (fixed) Name() string { return "fixed" }

func (fixed) Len() int { return 100 }

func (f fixed) ImageShape() (height, width, channels int) {
	d := f.x.Shape().Dimensions
	return d[1], d[2], d[3]
}

func (f fixed) Batch(_, _ int64, _ int) (images, labels *tensors.Tensor, err error) {
	images, err = f.x.LocalClone()
	return images, nil, err
}

// fillUnder gives the trained variables of a network the values of make_cyclegan.py.
func fillUnder(t *testing.T, trainer *gan.Trainer, scope string, salt uint32) {
	t.Helper()
	dims := dimensions(trainer, scope)
	for _, path := range slices.Sorted(maps.Keys(dims)) {
		set(t, trainer, path, tensors.FromFlatDataAndDimensions(formula(salt, path, dims[path]), dims[path]...))
		salt++
	}
}

func set(t *testing.T, trainer *gan.Trainer, path string, value *tensors.Tensor) {
	t.Helper()
	if err := trainer.Variables().Set(path, value); err != nil {
		t.Fatal(err)
	}
}

// TestPoolEqualsTheOriginal gives a pool numbered pictures: those that are shown and left are the original's.
func TestPoolEqualsTheOriginal(t *testing.T) {
	const size, batch, pictures = 5, 3, 60
	ref, err := weights.ReadNPZ("testdata/ref/step.npz")
	if err != nil {
		t.Fatal(err)
	}
	drawn := func(salt uint32, first int) []float32 {
		values := golden.Values(salt, pictures)[first : first+batch]
		for i := range values {
			values[i] = (values[i] + 1) / 2
		}
		return values
	}
	store := model.NewStore()
	exec, err := model.NewExec(testbackend.Go(t), store, func(scope *model.Scope, fakes, coin, pick *Node) *Node {
		scope.SetTraining(fakes.Graph(), true)
		p := newPool(scope.At("pool"), size, []int{batch, 1, 1, 1})
		p.update(fakes, coin, pick)
		return p.shown.NodeValue(fakes.Graph())
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	var shown []float64
	for first := 0; first < pictures; first += batch {
		numbers := make([]float32, batch)
		for i := range numbers {
			numbers[i] = float32(first + i)
		}
		out, err := exec.Call(tensors.FromFlatDataAndDimensions(numbers, batch, 1, 1, 1), drawn(110, first), drawn(111, first))
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, flat(t, out[0])...)
	}
	if want := floats(t, ref, "pool.shown"); !slices.Equal(shown, want) {
		t.Errorf("shown are\n%v, want\n%v", shown, want)
	}
	if left, want := flat(t, store.GetVariable("/pool/pictures").MustValue()), floats(t, ref, "pool.left"); !slices.Equal(left, want) {
		t.Errorf("left are %v, want %v", left, want)
	}
}

package gan

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// program is the graph of a phase: what goes in, what is minimised, what comes out.
//
// Inputs in this order: X, Y, Labels (where the phase looks at reals and the data has them), Z, ZLabels (where the run draws
// them), scalars, random state.
type program struct {
	t         *Trainer
	phase     *Phase
	optimizer Optimizer
	inputs    []shapes.Shape
	hasY      bool     // the data has a second domain
	hasLabels bool     // the data has classes
	scalars   []string // names of the values of the scalar input, sorted
	reports   []string // names of the values of the output, sorted
	exec      *model.Exec
}

// optimizerScope is where the moments of all players live.
const optimizerScope = "optimizer"

// errTraced ends a graph function once all variables exist, before XLA would compile.
var errTraced = errors.New("gan: traced")

func newProgram(t *Trainer, phase *Phase, first Batch) (*program, error) {
	player := t.spec.player(phase.Player)
	if player.Name == "" {
		return nil, fmt.Errorf("gan: phase %s belongs to player %q, which is not in the spec", phase.Name, phase.Player)
	}
	if u := phase.Unroll; u != nil && (t.spec.player(u.Player).Name == "" || u.Steps < 0) {
		return nil, fmt.Errorf("gan: phase %s looks %d updates of player %q ahead: want a player of the spec and 0 or more",
			phase.Name, u.Steps, u.Player)
	}
	p := &program{t: t, phase: phase, optimizer: phase.optimizer(player),
		hasY: first.Y != nil, hasLabels: first.Labels != nil}
	if err := p.optimizer.Validate(); err != nil {
		return nil, fmt.Errorf("gan: optimizer of phase %s: %w", phase.Name, err)
	}
	p.scalars = sortedKeys(p.scalarValues(1))
	for _, v := range p.batchInputs(first) {
		p.inputs = append(p.inputs, v.Shape())
	}
	if l := t.spec.Latents; l != nil {
		p.inputs = append(p.inputs, shapes.Make(dtypes.Float32, p.latentBatch(), l.Dim))
	}
	if t.spec.Classes > 0 {
		p.inputs = append(p.inputs, shapes.Make(dtypes.Int32, p.latentBatch()))
	}
	p.inputs = append(p.inputs, shapes.Make(dtypes.Float32, len(p.scalars)), RNGStateShape)
	exec, err := model.NewExec(t.backend, t.store, func(scope *model.Scope, inputs []*Node) []*Node {
		return p.build(scope, inputs)
	})
	if err != nil {
		return nil, err
	}
	p.exec = exec.WithName(phase.Name)
	return p, nil
}

func (p *program) latentBatch() int { return p.t.spec.Batch * max(1, p.phase.BatchMultiple) }

func (p *program) batchInputs(b Batch) []*tensors.Tensor {
	var inputs []*tensors.Tensor
	if p.phase.Reals {
		for _, v := range []*tensors.Tensor{b.X, b.Y, b.Labels} {
			if v != nil {
				inputs = append(inputs, v)
			}
		}
	}
	return inputs
}

// scalarValues are what optimizer and controllers need from the host for update number n of the player.
func (p *program) scalarValues(n int64) map[string]float64 {
	img := p.t.img
	o := p.optimizer
	if factor := p.t.spec.player(p.phase.Player).LR; factor != nil {
		o.LR *= factor(img)
	}
	values := o.scalars(n)
	maps.Copy(values, o.accumulateScalars(p.t.repeat))
	if u := p.phase.Unroll; u != nil {
		maps.Copy(values, p.t.unrolledScalars(*u))
	}
	for _, c := range p.t.spec.Controllers {
		maps.Copy(values, c.Scalars(img))
	}
	return values
}

// trace builds the graph without compiling it, which creates the phase's variables. Every run creates them in the
// same order, new or resumed: the order decides the text of the compiled programs.
func (p *program) trace() error {
	if err := trace(p.t.backend, p.t.store, p.build, p.inputs...); err != nil {
		return fmt.Errorf("gan: phase %s cannot be built: %w", p.phase.Name, err)
	}
	return nil
}

// trace builds a graph for inputs of the given shapes, which creates its variables, and stops before it would be compiled.
func trace(backend compute.Backend, store *model.Store, f func(*model.Scope, []*Node) []*Node, inputs ...shapes.Shape) error {
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, inputs []*Node) []*Node {
		f(scope, inputs)
		panic(errTraced)
	})
	if err != nil {
		return err
	}
	defer exec.Finalize()
	err = exceptions.TryCatch[error](func() {
		if _, err := exec.Compile(inputs...); err != nil {
			panic(err)
		}
	})
	if errors.Is(err, errTraced) {
		return nil
	}
	return errors.New(firstLine(err))
}

// build is the graph function of the phase.
func (p *program) build(root *model.Scope, inputs []*Node) []*Node {
	g := inputs[0].Graph()
	root.SetTraining(g, true)
	s := p.step(root, inputs)
	loss := p.phase.Loss(s)
	if !loss.IsScalar() {
		exceptions.Panicf("gan: the loss of phase %s must be a scalar, got %s", p.phase.Name, loss.Shape())
	}
	vars, values := s.trained(p.t.spec.player(p.phase.Player))
	p.update(s, vars, Gradient(loss, values...))
	p.reports = sortedKeys(s.reports)
	if len(p.reports) == 0 {
		return []*Node{ConvertDType(StopGradient(loss), dtypes.Float32)}
	}
	out := make([]*Node, len(p.reports))
	for i, name := range p.reports {
		out[i] = ConvertDType(s.reports[name], dtypes.Float32)
	}
	return []*Node{Stack(out, 0)}
}

// update adds the optimizer and the controllers to the graph.
func (p *program) update(s *Step, vars []*model.Variable, gradients []*Node) {
	moments := s.root.At(optimizerScope)
	apply := func() {
		p.optimizer.update(moments, vars, gradients, s.Scalar(scalarStep), s.Scalar(scalarBias))
		for _, c := range p.t.spec.Controllers {
			c.After(s)
		}
	}
	if p.optimizer.steps() == 1 {
		apply()
		return
	}
	gradients = p.optimizer.accumulate(moments, vars, gradients, s.Scalar(scalarFirst))
	keepIf(s.root, s.Scalar(scalarLast), apply)
}

// steps is the number of steps of the phase in the current cycle.
func (p *program) steps() int { return p.phase.runs(p.t.cycle, p.t.img) * p.optimizer.steps() }

// step names the inputs.
func (p *program) step(root *model.Scope, inputs []*Node) *Step {
	s := &Step{Phase: p.phase, Graph: inputs[0].Graph(), root: root, scalars: map[string]*Node{}, reports: map[string]*Node{}}
	if u := p.phase.Unroll; u != nil {
		s.unrolled = p.t.spec.player(u.Player)
	}
	take := func() *Node {
		n := inputs[0]
		inputs = inputs[1:]
		return n
	}
	if p.phase.Reals {
		s.X = take()
		if p.hasY {
			s.Y = take()
		}
		if p.hasLabels {
			s.Labels = take()
		}
	}
	if p.t.spec.Latents != nil {
		s.Z = take()
	}
	if p.t.spec.Classes > 0 {
		s.ZLabels = take()
	}
	scalars := take()
	for i, name := range p.scalars {
		s.scalars[name] = Reshape(Slice(scalars, AxisElem(i)))
	}
	s.rng = take()
	return s
}

// run executes update number n of the player.
func (p *program) run(n int64) (*Report, error) {
	t := p.t
	position := []int64{t.spec.Seed, t.img, t.cycle, int64(t.phase), int64(t.repeat)}
	var args []any
	for _, v := range p.batchInputs(t.batch) {
		args = append(args, v)
	}
	if l := t.spec.Latents; l != nil {
		z := make([]float32, p.latentBatch()*l.Dim)
		l.draw(stream("train "+p.phase.Name, position...), z)
		args = append(args, tensors.FromFlatDataAndDimensions(z, p.latentBatch(), l.Dim))
	}
	if k := t.spec.Classes; k > 0 {
		args = append(args, drawClasses(stream("class "+p.phase.Name, position...), p.latentBatch(), k))
	}
	values := p.scalarValues(n)
	scalars := make([]float32, len(p.scalars))
	for i, name := range p.scalars {
		scalars[i] = float32(values[name])
	}
	args = append(args, tensors.FromFlatDataAndDimensions(scalars, len(scalars)), rngState("graph "+p.phase.Name, position...))
	out, err := p.exec.Call(args...)
	if err != nil {
		return nil, errors.New(firstLine(err))
	}
	return &Report{names: p.reports, values: out[0]}, nil
}

func (p *program) close() { p.exec.Finalize() }

// firstLine is the message of a graph error without the stack that follows it.
func firstLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}

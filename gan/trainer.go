package gan

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// A Trainer runs the phases of a Spec. Its state between two steps is all variables, the number of images shown, and
// the position in the list of phases; everything else is a function of these.
//
// A Trainer is not safe for concurrent use.
type Trainer struct {
	backend  compute.Backend
	spec     Spec
	store    *model.Store
	programs []*program
	source   *prefetcher

	img, cycle    int64
	phase, repeat int
	updates       map[string]int64
	batch         Batch
	batchAt       int64 // images seen before batch; -1: none was taken yet
}

// NewTrainer builds all variables of the spec with their first values. Nothing is compiled before the first step.
// It returns an error when a network cannot be built for the shapes of the data.
func NewTrainer(backend compute.Backend, spec Spec) (*Trainer, error) {
	t := &Trainer{backend: backend, spec: spec, store: model.NewStore(), source: &prefetcher{source: spec.Source},
		updates: map[string]int64{}, batchAt: -1}
	// GoMLX reads a seed of 0 as "none"; its own initialisers, which a network of one's own may use, follow this one.
	t.store.SetParam("/"+model.ParamInitialSeed, spec.Seed+1)
	if err := t.store.SetRNGStateFromSeed(spec.Seed); err != nil {
		return nil, err
	}
	first, err := t.source.Next(0, spec.Batch)
	if err != nil {
		return nil, err
	}
	for i := range spec.Phases {
		p, err := newProgram(t, &spec.Phases[i], first)
		if err != nil {
			return nil, err
		}
		t.programs = append(t.programs, p)
	}
	for _, p := range t.programs {
		if err := p.trace(); err != nil {
			return nil, err
		}
	}
	if err := t.store.InitializeVariables(backend, nil); err != nil {
		return nil, fmt.Errorf("gan: cannot initialise the variables: %w", err)
	}
	for _, c := range spec.Controllers {
		if err := c.Init(t.Variables()); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Variables returns the state of the networks, optimizers and controllers.
func (t *Trainer) Variables() Variables { return Variables{t.store} }

// Img returns the number of real images shown so far.
func (t *Trainer) Img() int64 { return t.img }

// AtCycleStart reports whether every phase of the last cycle has run.
func (t *Trainer) AtCycleStart() bool { return t.phase == 0 && t.repeat == 0 }

// next moves the position to the step that runs next.
func (t *Trainer) next() (*program, error) {
	for idle := 0; idle <= 2*len(t.programs); {
		if t.phase == len(t.programs) {
			t.cycle, t.phase, t.repeat = t.cycle+1, 0, 0
		}
		p := t.programs[t.phase]
		if t.repeat < p.steps() {
			return p, nil
		}
		if t.repeat == 0 {
			idle++
		}
		t.phase, t.repeat = t.phase+1, 0
	}
	return nil, errors.New("gan: no phase is active: every phase of the spec is switched off")
}

// Done reports whether the next step would take a fresh batch at or beyond until images.
func (t *Trainer) Done(until int64) (bool, error) {
	if t.img < until {
		return false, nil
	}
	p, err := t.next()
	return err == nil && p.phase.Fresh, err
}

// Step runs one step of the phase whose turn it is and returns the scalars that it reported, still on the device.
func (t *Trainer) Step(ctx context.Context) (*Report, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := t.next()
	if err != nil {
		return nil, err
	}
	if err := t.takeBatch(p); err != nil {
		return nil, err
	}
	player := p.phase.Player
	report, err := p.run(t.updates[player] + 1)
	if err != nil {
		return nil, fmt.Errorf("gan: phase %s at %s: %w", p.phase.Name, run.FormatImg(t.img), err)
	}
	if p.phase.Fresh {
		t.img += int64(t.spec.Batch)
	}
	t.repeat++
	if t.repeat%p.optimizer.steps() == 0 {
		t.updates[player]++
	}
	if t.repeat >= p.steps() {
		t.phase, t.repeat = t.phase+1, 0
		if t.phase == len(t.programs) {
			t.cycle, t.phase = t.cycle+1, 0
		}
	}
	return report, nil
}

// takeBatch makes t.batch the one that the phase is shown: if it is not fresh, the steps of an update see as many of
// the last batches, oldest first.
func (t *Trainer) takeBatch(p *program) error {
	if !p.phase.Fresh && !p.phase.Reals {
		return nil
	}
	at := t.img
	if !p.phase.Fresh {
		back := p.optimizer.steps() - t.repeat%p.optimizer.steps()
		at = max(0, t.img-int64(back*t.spec.Batch))
	}
	if at == t.batchAt {
		return nil
	}
	batch, err := t.source.Next(at, t.spec.Batch)
	if err != nil {
		return err
	}
	t.batch, t.batchAt = batch, at
	return nil
}

// State copies the state to the host, to be saved. It must not be called while a step runs.
func (t *Trainer) State() (run.State, map[string]weights.Array, error) {
	arrays, err := t.Variables().arrays()
	st := run.State{Img: t.img, Cycle: t.cycle, Phase: t.phase, Repeat: t.repeat, Updates: maps.Clone(t.updates),
		Seed: t.spec.Seed}
	return st, arrays, err
}

// Restore goes on from a saved state. It returns an error that names the first variable which is not the same, or
// the seed if that differs.
func (t *Trainer) Restore(st run.State, arrays map[string]weights.Array) error {
	if st.Seed != t.spec.Seed {
		return fmt.Errorf("gan: the checkpoint was made with seed %d, this run has seed %d", st.Seed, t.spec.Seed)
	}
	if st.Phase < 0 || st.Phase > len(t.programs) || st.Repeat < 0 || st.Img < 0 || st.Cycle < 0 {
		return fmt.Errorf("gan: the checkpoint's position (img %d, cycle %d, phase %d, repeat %d) makes no sense for %d phases",
			st.Img, st.Cycle, st.Phase, st.Repeat, len(t.programs))
	}
	if err := t.Variables().setArrays(t.backend, arrays); err != nil {
		return err
	}
	t.img, t.cycle, t.phase, t.repeat = st.Img, st.Cycle, st.Phase, st.Repeat
	t.updates, t.batchAt = maps.Clone(st.Updates), -1
	if t.updates == nil {
		t.updates = map[string]int64{}
	}
	return nil
}

// Close frees the compiled programs and the variables.
func (t *Trainer) Close() {
	for _, p := range t.programs {
		p.close()
	}
	t.store.Finalize()
}

// A Report holds the scalars of one step. Reading them waits for the device, so they are read once a tick.
type Report struct {
	names  []string
	values *tensors.Tensor
}

// Values reads the scalars.
func (r *Report) Values() (map[string]float64, error) {
	out := make(map[string]float64, len(r.names))
	if len(r.names) == 0 {
		return out, nil
	}
	flat, err := tensors.CopyFlatData[float32](r.values)
	if err != nil {
		return nil, err
	}
	for i, name := range r.names {
		out[name] = float64(flat[i])
	}
	return out, nil
}

// notFiniteValue returns the name of a value that is not a number, or "".
func notFiniteValue(values map[string]float64) string {
	for _, name := range sortedKeys(values) {
		if v := values[name]; math.IsNaN(v) || math.IsInf(v, 0) {
			return name
		}
	}
	return ""
}

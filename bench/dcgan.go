package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/weights"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// DCGAN at 64 pixels, 3 channels, width 64, z of length 100, as gan.DCGAN.
const (
	imageSize, channels, width, latentDim = 64, 3, 64, 100
	batches                               = 4 // different batches of reals and latents; then they repeat
)

// setting is one size of the DCGAN step: one update of D, one of G.
type setting struct {
	name  string
	batch int
	gamma float64 // of R1 in every step; D then has no batch norm, which would mix the samples
}

var settings = []setting{
	{name: "dcgan64-b32", batch: 32},
	{name: "dcgan64-b8", batch: 8},
	{name: "dcgan64-b32-r1", batch: 32, gamma: 10},
}

// losses of one step of each player.
type losses struct{ d, g float64 }

// ours is gogan's trainer on shared data.
type ours struct {
	device  *accel.Device
	trainer *gan.Trainer
	data    sharedData
}

// sharedData is what both programs are shown: reals [batches, batch, 64, 64, 3] in [-1, 1] and latents
// [batches, 2, batch, 100], the first for D's step, the second for G's.
type sharedData struct {
	batch          int
	reals, latents []float32
}

func newSharedData(batch int) sharedData {
	rng := rand.New(rand.NewPCG(1, uint64(batch)))
	s := sharedData{batch: batch,
		reals:   make([]float32, batches*batch*imageSize*imageSize*channels),
		latents: make([]float32, batches*2*batch*latentDim),
	}
	for i := range s.reals {
		s.reals[i] = 2*rng.Float32() - 1
	}
	for i := range s.latents {
		s.latents[i] = float32(rng.NormFloat64())
	}
	return s
}

// Next implements gan.Source. The latents travel as the second domain, which DCGAN has no other use for: so both
// programs get the same.
func (s sharedData) Next(seen int64, n int) (gan.Batch, error) {
	i := int(seen/int64(n)) % batches
	x, z := len(s.reals)/batches, len(s.latents)/batches
	return gan.Batch{
		X: tensors.FromFlatDataAndDimensions(s.reals[i*x:(i+1)*x], n, imageSize, imageSize, channels),
		Y: tensors.FromFlatDataAndDimensions(s.latents[i*z:(i+1)*z], 2, n, latentDim),
	}, nil
}

// spec is gan.DCGAN's phase list with latents from the data.
func (s setting) spec(data sharedData) gan.Spec {
	config := gan.DCGAN()
	norm := config.DiscriminatorNorm
	if s.gamma > 0 {
		norm = "none"
	}
	g, d := gan.DCGANGenerator(imageSize, channels, width), gan.DCGANDiscriminator(imageSize, width, norm)
	fakes := func(st *gan.Step, phase int) *Node {
		z := Reshape(Slice(st.Y, AxisElem(phase)), s.batch, latentDim)
		return st.Network(gan.GeneratorPlayer, g, z)
	}
	judge := func(st *gan.Step, x *Node) *Node { return st.Network(gan.DiscriminatorPlayer, d, x) }
	lossD := func(st *gan.Step) *Node {
		loss := config.Loss.D(judge(st, st.X), judge(st, StopGradient(fakes(st, 0))))
		if s.gamma > 0 {
			loss = Add(loss, gan.R1(func(x *Node) *Node { return judge(st, x) }, st.X, s.gamma))
		}
		st.Report("loss", loss)
		return loss
	}
	lossG := func(st *gan.Step) *Node {
		loss := config.Loss.G(nil, judge(st, fakes(st, 1)))
		st.Report("loss", loss)
		return loss
	}
	return gan.Spec{
		Batch: s.batch, Source: data, Seed: 1,
		Players: []gan.Player{
			{Name: gan.GeneratorPlayer, Optimizer: config.GeneratorOptimizer},
			{Name: gan.DiscriminatorPlayer, Optimizer: config.DiscriminatorOptimizer},
		},
		Phases: []gan.Phase{
			{Name: "D", Player: gan.DiscriminatorPlayer, Fresh: true, Reals: true, Loss: lossD},
			{Name: "G", Player: gan.GeneratorPlayer, Reals: true, Loss: lossG},
		},
	}
}

func (s setting) open(ctx context.Context) (*ours, error) {
	device, err := accel.Open(ctx, nil)
	if err != nil {
		return nil, err
	}
	data := newSharedData(s.batch)
	trainer, err := gan.NewTrainer(device.Backend, s.spec(data))
	if err != nil {
		device.Close()
		return nil, err
	}
	return &ours{device, trainer, data}, nil
}

func (o *ours) close() {
	o.trainer.Close()
	o.device.Close()
}

// export writes weights and data for a peer.
func (o *ours) export(path string) error {
	_, arrays, err := o.trainer.State()
	if err != nil {
		return err
	}
	n := o.data.batch
	arrays["reals"] = weights.FromFloat32(o.data.reals, batches, n, imageSize, imageSize, channels)
	arrays["latents"] = weights.FromFloat32(o.data.latents, batches, 2, n, latentDim)
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := weights.WriteSafetensors(f, arrays, nil); err != nil {
		return err
	}
	return f.Close()
}

// steps implements contestant.
func (o *ours) steps(ctx context.Context, n int) (float64, []losses, error) {
	start := time.Now()
	history := make([]losses, n)
	for i := range history {
		for _, loss := range []*float64{&history[i].d, &history[i].g} {
			report, err := o.trainer.Step(ctx)
			if err != nil {
				return 0, nil, err
			}
			values, err := report.Values()
			if err != nil {
				return 0, nil, err
			}
			value, ok := values["loss"]
			if !ok {
				return 0, nil, fmt.Errorf("a step reported %v, no loss", values)
			}
			*loss = value
		}
	}
	return time.Since(start).Seconds(), history, nil
}

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/weights"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

const (
	channels = 3
	batches  = 4 // different batches of reals and latents; then they repeat
)

// setting is a training step: one update of D, one of G, both with the same number of images.
type setting struct {
	name    string
	variant string // what the peers' programs are told beside their setting
	peers   []peerProgram

	batch, imageSize, latentDim      int
	g, d                             gan.Network
	generatorAdam, discriminatorAdam gan.Optimizer
	loss                             gan.Loss
	penalty                          func(d func(x *Node) *Node, real, fake, alpha *Node) *Node // added to the loss of D; nil: none
}

var settings = []setting{
	dcgan("dcgan64-b32", 32, 0), dcgan("dcgan64-b8", 8, 0), dcgan("dcgan64-b32-r1", 32, 10), sngan(), wganGP(),
}

// losses of one step of each player.
type losses struct{ d, g float64 }

// ours is gogan's trainer on shared data.
type ours struct {
	device  *accel.Device
	trainer *gan.Trainer
	data    sharedData
}

// sharedData is what both programs are shown: reals [batches, batch, size, size, 3] in [-1, 1], latents
// [batches, 2, batch, dim], the first for D's step, the second for G's, and alphas [batches, batch] in [0, 1), which mix
// reals and fakes for a gradient penalty.
type sharedData struct {
	batch, size, dim       int
	reals, latents, alphas []float32
}

func newSharedData(batch, size, dim int) sharedData {
	rng := rand.New(rand.NewPCG(1, uint64(batch)))
	s := sharedData{batch: batch, size: size, dim: dim,
		reals:   make([]float32, batches*batch*size*size*channels),
		latents: make([]float32, batches*2*batch*dim),
		alphas:  make([]float32, batches*batch),
	}
	for i := range s.reals {
		s.reals[i] = 2*rng.Float32() - 1
	}
	for i := range s.latents {
		s.latents[i] = float32(rng.NormFloat64())
	}
	for i := range s.alphas {
		s.alphas[i] = rng.Float32()
	}
	return s
}

// Next implements gan.Source. The latents, and behind them the alphas, travel as the second domain, which these networks
// have no other use for: so both programs get the same.
func (s sharedData) Next(seen int64, n int) (gan.Batch, error) {
	i := int(seen/int64(n)) % batches
	x, z := len(s.reals)/batches, len(s.latents)/batches
	y := slices.Concat(s.latents[i*z:(i+1)*z], s.alphas[i*n:(i+1)*n])
	return gan.Batch{
		X: tensors.FromFlatDataAndDimensions(s.reals[i*x:(i+1)*x], n, s.size, s.size, channels),
		Y: tensors.FromFlatDataAndDimensions(y, n, 2*s.dim+1),
	}, nil
}

// spec is the phase list of a GAN with latents from the data.
func (s setting) spec(data sharedData) gan.Spec {
	draws := func(st *gan.Step, from, count int, dims ...int) *Node {
		return Reshape(Slice(Reshape(st.Y, -1), AxisRange(from, from+count)), dims...)
	}
	z := s.batch * s.latentDim
	fakes := func(st *gan.Step, phase int) *Node {
		return st.Network(gan.GeneratorPlayer, s.g, draws(st, phase*z, z, s.batch, s.latentDim))
	}
	judge := func(st *gan.Step, x *Node) *Node { return st.Network(gan.DiscriminatorPlayer, s.d, x) }
	lossD := func(st *gan.Step) *Node {
		fake := StopGradient(fakes(st, 0))
		loss := s.loss.D(judge(st, st.X), judge(st, fake))
		if s.penalty != nil {
			alpha := draws(st, 2*z, s.batch, s.batch)
			loss = Add(loss, s.penalty(func(x *Node) *Node { return judge(st, x) }, st.X, fake, alpha))
		}
		st.Report("loss", loss)
		return loss
	}
	lossG := func(st *gan.Step) *Node {
		loss := s.loss.G(nil, judge(st, fakes(st, 1)))
		st.Report("loss", loss)
		return loss
	}
	return gan.Spec{
		Batch: s.batch, Source: data, Seed: 1,
		Players: []gan.Player{
			{Name: gan.GeneratorPlayer, Optimizer: s.generatorAdam},
			{Name: gan.DiscriminatorPlayer, Optimizer: s.discriminatorAdam},
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
	data := newSharedData(s.batch, s.imageSize, s.latentDim)
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
	arrays["reals"] = weights.FromFloat32(o.data.reals, batches, n, o.data.size, o.data.size, channels)
	arrays["latents"] = weights.FromFloat32(o.data.latents, batches, 2, n, o.data.dim)
	arrays["alphas"] = weights.FromFloat32(o.data.alphas, batches, n)
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

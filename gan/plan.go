package gan

import (
	"context"
	"time"

	"github.com/gogan-ml/gogan/accel"
)

// A Plan is what a run would be: what `gogan train --dry-run` prints.
type Plan struct {
	// Config is the resolved config.
	Config Config `json:"config"`
	Estimate
}

// An Estimate is what can be told of a run before it begins, for every family of models alike.
type Estimate struct {
	// Params is the number of trained values of each network; Published that of the paper, where it prints one.
	Params    map[string]int64 `json:"params"`
	Published map[string]int64 `json:"published_params,omitempty"`
	// MemoryBytes is the size of all variables, optimizer state included; the programs need more on top.
	MemoryBytes int64 `json:"memory_bytes"`
	// ImgPerSec was measured over three cycles after the one that compiles.
	ImgPerSec float64 `json:"img_per_sec"`
	// Until is the length asked for and ETASeconds what it would take at this speed.
	Until      int64   `json:"until"`
	ETASeconds float64 `json:"eta_seconds"`
	// Device is where it was measured; Notes are lines worth knowing.
	Device string   `json:"device"`
	Notes  []string `json:"notes,omitempty"`
}

// plannedCycles are timed after one that is not.
const plannedCycles = 3

// DryRun builds a run without a directory, measures a few cycles and writes nothing.
func DryRun(ctx context.Context, cfg Config, data Data, until int64) (Plan, error) {
	if err := cfg.Validate(); err != nil {
		return Plan{}, err
	}
	cfg, note, err := cfg.resolve(data)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Config: cfg}
	if p.Estimate, err = Rehearse(ctx, cfg.spec(data), until, note); err != nil {
		return p, err
	}
	p.Published = published(cfg)
	return p, nil
}

// Rehearse measures a few cycles of a spec on the default device. The notes that are not empty come first in its own.
func Rehearse(ctx context.Context, spec Spec, until int64, notes ...string) (Estimate, error) {
	device, err := accel.Default(ctx)
	if err != nil {
		return Estimate{}, err
	}
	t, err := NewTrainer(device.Backend, spec)
	if err != nil {
		return Estimate{}, err
	}
	defer t.Close()
	e := Estimate{Until: until, Device: device.Name(), MemoryBytes: t.Variables().bytes(), Params: map[string]int64{}}
	for _, player := range spec.Players {
		for _, scope := range player.scopes() {
			e.Params[scope] = t.Variables().Count(scope)
		}
	}
	for _, text := range append(notes, device.Notice()) {
		if text != "" {
			e.Notes = append(e.Notes, text)
		}
	}
	if err := cycles(ctx, t, 1); err != nil {
		return e, err
	}
	begin, from := time.Now(), t.Img()
	if err := cycles(ctx, t, plannedCycles); err != nil {
		return e, err
	}
	e.ImgPerSec = float64(t.Img()-from) / time.Since(begin).Seconds()
	e.ETASeconds = float64(until) / e.ImgPerSec
	return e, nil
}

// cycles runs n whole cycles and waits for the last step.
func cycles(ctx context.Context, t *Trainer, n int64) error {
	var last *Report
	for end := t.cycle + n; t.cycle < end; {
		r, err := t.Step(ctx)
		if err != nil {
			return err
		}
		last = r
	}
	_, err := last.Values()
	return err
}

// published returns the parameter counts that papers or their code give for these very networks.
func published(c Config) map[string]int64 {
	if c.Networks != "preset" || c.Conditional || c.Pack != 1 {
		return nil
	}
	is := func(method, architecture string, size, channels, g, d, dim int) bool {
		return c.Method == method && c.Architecture == architecture && c.ImageSize == size && c.Channels == channels &&
			c.BaseChannels == g && c.discriminatorChannels() == d && c.Latents.Dim == dim
	}
	switch {
	case is(MethodGAN, "dcgan", 64, 3, 64, 64, 100) && c.DiscriminatorNorm == "batch":
		return map[string]int64{GeneratorPlayer: 3576704, DiscriminatorPlayer: 2765568}
	case is(MethodGAN, "resnet-sngan", 32, 3, 256, 128, 128):
		return map[string]int64{GeneratorPlayer: 4276739, DiscriminatorPlayer: 1053824}
	case is(MethodVAE, "mlp-vae", 28, 1, 400, 400, 20):
		return map[string]int64{EncoderScope: 330040, GeneratorPlayer: 322784}
	case is(MethodVAE, "conv-vae", 64, 3, 32, 32, 128):
		return map[string]int64{EncoderScope: 2095104, GeneratorPlayer: 1842531}
	}
	if c.Architecture == "wavegan" && c.ImageSize == 16384 && c.BaseChannels == 64 && c.discriminatorChannels() == 64 && c.Latents.Dim == 100 {
		return map[string]int64{GeneratorPlayer: 19065345, DiscriminatorPlayer: 17427969}
	}
	return nil
}

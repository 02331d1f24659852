package cyclegan

import (
	"context"

	"github.com/gogan-ml/gogan/gan"
)

// A Plan is what a run would be: what `gogan train --dry-run` prints. Lengths are in pairs.
type Plan struct {
	// Config is the resolved config.
	Config Config `json:"config"`
	gan.Estimate
}

// DryRun builds a run without a directory, measures a few cycles and writes nothing.
func DryRun(ctx context.Context, cfg Config, x, y gan.Data, until int64) (Plan, error) {
	if err := cfg.Validate(); err != nil {
		return Plan{}, err
	}
	cfg, note, err := cfg.resolve(x, y)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Config: cfg}
	if p.Estimate, err = gan.Rehearse(ctx, cfg.game().spec(x, y), until, note); err != nil {
		return p, err
	}
	p.Published = cfg.published()
	return p, nil
}

// published returns the parameter counts that the reference code prints for these very networks.
func (c Config) published() map[string]int64 {
	if c.Channels != 3 || c.Norm != InstanceNorm || c.Upsampling != Transposed {
		return nil
	}
	out := map[string]int64{}
	if g := c.publishedGenerator(); g > 0 {
		out[ScopeG], out[ScopeF] = g, g
	}
	if c.DiscriminatorChannels == 64 && c.DiscriminatorLayers == 3 {
		out[ScopeDX], out[ScopeDY] = 2764737, 2764737
	}
	return out
}

func (c Config) publishedGenerator() int64 {
	switch {
	case c.BaseChannels != 64:
	case c.Architecture == ArchitectureResNet && c.NBlocks == 6:
		return 7837699
	case c.Architecture == ArchitectureResNet && c.NBlocks == 9:
		return 11378179
	case c.Architecture == ArchitectureUNet && c.NDowns == 7:
		return 41825667
	}
	return 0
}

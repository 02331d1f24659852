package cyclegan

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/internal/testbackend"
)

// TestPresets: each is valid, found by its name, and the same after a trip through JSON.
func TestPresets(t *testing.T) {
	if want := []string{"cyclegan-128", "cyclegan-256", "cyclegan-64-small"}; !slices.Equal(PresetNames(), want) {
		t.Errorf("the presets are %v, want %v", PresetNames(), want)
	}
	for _, name := range PresetNames() {
		cfg, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := cfg.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		data, err := json.Marshal(cfg)
		if err != nil {
			t.Fatal(err)
		}
		var again Config
		if err := json.Unmarshal(data, &again); err != nil || !reflect.DeepEqual(cfg, again) {
			t.Errorf("%s comes back as %+v (%v)", name, again, err)
		}
	}
	if _, err := Preset("cyclegan"); err == nil || !strings.Contains(err.Error(), "cyclegan-128") {
		t.Errorf("an unknown preset: %v", err)
	}
}

// TestValidate: each field that makes no sense is named.
func TestValidate(t *testing.T) {
	for field, value := range map[string]string{
		"architecture": "vgg", "n_blocks": "-1", "base_channels": "0", "discriminator_channels": "0", "discriminator_layers": "-1",
		"norm": "layer", "upsampling": "bilinear", "loss": "hinge", "gp.lambda": "-1", "lambda_g": "-1", "lambda_y": "-2",
		"lambda_identity": "-1", "pool_size": "-1", "batch": "0", "image_size": "30", "channels": "2", "load_size": "-1",
		"crop_size": "300", "generator_optimizer.lr": "0", "discriminator_optimizer.beta1": "1", "generator_optimizer.accumulate": "2",
		"decay_epochs": "-1", "schedule.kind": "steps", "grid_kimg": "0", "snapshot_seconds": "0",
	} {
		cfg := CycleGAN256()
		if err := cfg.Set(field, value); err != nil {
			t.Fatal(err)
		}
		_, last, nested := strings.Cut(field, ".")
		if !nested {
			last = field
		}
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), last) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s=%s: %v", field, value, err)
		}
	}
	for words, change := range map[string]func(*Config){
		"n_downs is 4":           func(c *Config) { c.Architecture, c.NDowns = ArchitectureUNet, 4 },
		"n_downs is 70":          func(c *Config) { c.Architecture, c.NDowns = ArchitectureUNet, 70 },
		"unet has only":          func(c *Config) { c.Architecture, c.Upsampling = ArchitectureUNet, Resize },
		"a multiple of 256":      func(c *Config) { c.Architecture, c.ImageSize = ArchitectureUNet, 128 },
		"wgan-gp with norm":      func(c *Config) { c.Loss, c.Norm = WGANGP, BatchNorm },
		"nothing would be":       func(c *Config) { c.LambdaG, c.LambdaF, c.LambdaX, c.LambdaY = 0, 0, 0, 0 },
		"more than image_size":   func(c *Config) { c.ImageSize = 128 },
		"lambda_identity are [1": func(c *Config) { c.LambdaIdentity = math.NaN() },
	} {
		cfg := CycleGAN256()
		change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v, want an error that says %q", err, words)
		}
	}
}

// TestResolve: sizes, channels and the schedule come from the data.
func TestResolve(t *testing.T) {
	cfg := tiny()
	cfg.ConstantEpochs, cfg.DecayEpochs = 100, 50
	got, note, err := cfg.resolve(noise{"x", 1000, 28, 28, 1}, noise{"y", 1500, 29, 16, 3})
	if err != nil {
		t.Fatal(err)
	}
	if got.Height != 32 || got.Width != 28 || got.Channels != 3 || note != "pictures of 29x28 are padded with black to 32x28" {
		t.Errorf("%dx%dx%d, %q", got.Height, got.Width, got.Channels, note)
	}
	for img, want := range map[int64]float64{0: 1, 150_000: 1, 187_500: 0.5, 225_000: 0, 300_000: 0} {
		if f := got.Schedule.Factor(img); f != want {
			t.Errorf("the learning rate after %d pairs is %g of the full one, want %g", img, f, want)
		}
	}
	cfg.ImageSize = 40
	if got, _, err := cfg.resolve(domainX, domainY); err != nil || got.Height != 40 || got.Width != 40 {
		t.Errorf("with image_size 40: %dx%d, %v", got.Height, got.Width, err)
	}
	cfg = tiny()
	cfg.Architecture, cfg.NDowns = ArchitectureUNet, 5
	if got, note, err := cfg.resolve(domainX, domainY); err != nil || got.Height != 32 || got.Width != 32 || note == "" {
		t.Errorf("U-Net: %dx%d, %q, %v", got.Height, got.Width, note, err)
	}
	if n := CycleGAN256().PaperImg(1067, 1334); n != 266800 {
		t.Errorf("200 epochs of 1067 and 1334 pictures are %d pairs", n)
	}
}

// unsized is data that does not know how many pictures it has.
type unsized struct{ gan.Data }

func (unsized) ImageShape() (height, width, channels int) { return 12, 16, 1 }

// TestResolveErrors: what does not fit is named before anything is written.
func TestResolveErrors(t *testing.T) {
	for words, test := range map[string]struct {
		change func(*Config)
		x      gan.Data
	}{
		"crop_size is 8":        {func(c *Config) { c.CropSize = 8 }, domainX},
		"image_size is 8":       {func(c *Config) { c.ImageSize = 8 }, domainX},
		"channels is 1":         {func(c *Config) { c.Channels = 1 }, noise{"x", 9, 12, 16, 3}},
		"no method Len":         {func(c *Config) { c.DecayEpochs = 1 }, unsized{domainX}},
		"too small for":         {func(c *Config) { c.DiscriminatorLayers = 3 }, domainX},
		"loss is \"own\", want": {func(c *Config) { c.Loss = "own" }, domainX},
	} {
		cfg := tiny()
		test.change(&cfg)
		_, err := OpenOn(&accel.Device{Backend: testbackend.Go(t)}, t.TempDir(), cfg, test.x, domainY)
		if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want an error that says %q", err, words)
		}
	}
}

// TestDryRun: the plan has the networks one by one, with the counts of the reference code where they are the same.
func TestDryRun(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	cfg := tiny()
	p, err := DryRun(t.Context(), cfg, domainX, domainY, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Params) != 4 || p.Params[ScopeG] != p.Params[ScopeF] || p.Params[ScopeDX] == 0 || p.Published != nil ||
		!(p.ImgPerSec > 0) || !(p.ETASeconds > 0) || p.MemoryBytes == 0 {
		t.Errorf("got %+v", p)
	}
	full := CycleGAN256()
	full.Channels = 3
	if got := full.published(); got[ScopeF] != 11378179 || got[ScopeDY] != 2764737 {
		t.Errorf("published are %v", got)
	}
}

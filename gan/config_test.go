package gan

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gomlx/gomlx/core/tensors"
)

func TestPresetsAreValid(t *testing.T) {
	for _, name := range PresetNames() {
		cfg, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := cfg.Validate(); err != nil || cfg.Preset != name {
			t.Errorf("%s: %q, %v", name, cfg.Preset, err)
		}
		data, err := json.Marshal(cfg)
		if err != nil {
			t.Fatal(err)
		}
		var read Config
		if err := json.Unmarshal(data, &read); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(read)
		if err != nil || string(again) != string(data) || read.Loss.D == nil {
			t.Errorf("%s is not the same after it was written and read: %s, %s", name, data, again)
		}
	}
	if _, err := Preset("dcgam"); err == nil || !strings.Contains(err.Error(), strings.Join(PresetNames(), ", ")) {
		t.Errorf("got %v, want an error that lists the presets", err)
	}
}

func TestValidateListsAllFaults(t *testing.T) {
	cfg := DCGAN()
	cfg.ImageSize, cfg.Batch, cfg.Latents.Distribution, cfg.GeneratorOptimizer.LR, cfg.Loss = 50, 0, "cauchy", -1, Loss{Name: "mine"}
	cfg.R1Gamma = 10
	err := cfg.Validate()
	for _, want := range []string{"image_size is 50", "batch is 0", "cauchy", "generator_optimizer: lr is -1", `loss "mine"`, "r1_gamma"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a text with %q", err, want)
		}
	}
}

func TestSet(t *testing.T) {
	cfg := DCGAN()
	for field, value := range map[string]string{
		"base_channels": "8", "generator_optimizer.lr": "1e-3", "loss": "hinge", "latents.distribution": "uniform", "ema_kimg": "2.5",
	} {
		if err := cfg.Set(field, value); err != nil {
			t.Errorf("%s=%s: %v", field, value, err)
		}
	}
	if cfg.BaseChannels != 8 || cfg.GeneratorOptimizer.LR != 1e-3 || cfg.Loss.Name != "hinge" || cfg.Loss.D == nil ||
		cfg.Latents.Distribution != "uniform" || cfg.EMAKimg != 2.5 || cfg.DiscriminatorOptimizer.LR != 2e-4 {
		t.Errorf("got %+v", cfg)
	}
	before := cfg
	for field, value := range map[string]string{
		"base_chanels": "8", "base_channels": "eight", "batch": "1.5", "latents": "3", "generator_optimizer.rate": "1", "batch.size": "2",
	} {
		if err := cfg.Set(field, value); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s=%s: got %v, want one line", field, value, err)
		}
	}
	before.Loss, cfg.Loss = Loss{}, Loss{} // functions cannot be compared
	if !reflect.DeepEqual(before, cfg) {
		t.Errorf("a refused field changed the config: %+v", cfg)
	}
}

func TestResolve(t *testing.T) {
	for _, test := range []struct {
		name           string
		data           noise
		change         func(*Config)
		size, channels int
		note, fault    string
	}{
		{"28 stays 28", noise{28, 1}, nil, 28, 1, "", ""},
		{"30 is padded", noise{30, 3}, nil, 32, 3, "padded with black to 32 px", ""},
		{"asked for more", noise{28, 1}, func(c *Config) { c.ImageSize, c.Channels = 64, 3 }, 64, 3, "padded", ""},
		{"too large", noise{100, 3}, nil, 0, 0, "", "[28 32 64]"},
		{"smaller than the data", noise{64, 3}, func(c *Config) { c.ImageSize = 32 }, 0, 0, "", "image_size is 32"},
		{"fewer channels", noise{32, 3}, func(c *Config) { c.Channels = 1 }, 0, 0, "", "channels is 1"},
		{"any size for an MLP", noise{13, 1}, func(c *Config) { *c = MLPGAN() }, 13, 1, "", ""},
	} {
		cfg := DCGAN()
		if test.change != nil {
			test.change(&cfg)
		}
		got, note, err := cfg.resolve(test.data)
		switch {
		case test.fault != "":
			if err == nil || !strings.Contains(err.Error(), test.fault) {
				t.Errorf("%s: got %v, want an error with %q", test.name, err, test.fault)
			}
		case err != nil || got.ImageSize != test.size || got.Channels != test.channels || !strings.Contains(note, test.note) ||
			(test.note == "") != (note == ""):
			t.Errorf("%s: got %d px, %d channels, %q, %v", test.name, got.ImageSize, got.Channels, note, err)
		}
	}
}

// A 2x2 grey image in the middle of 4x4 RGB: black around, the same value in all channels.
func TestFit(t *testing.T) {
	out, err := fit(tensors.FromFlatDataAndDimensions([]float32{1, 2, 3, 4}, 1, 2, 2, 1), 4, 4, 3)
	if err != nil {
		t.Fatal(err)
	}
	got, err := tensors.CopyFlatData[float32](out)
	if err != nil {
		t.Fatal(err)
	}
	for y := range 4 {
		for x := range 4 {
			want := float32(-1)
			if y >= 1 && y < 3 && x >= 1 && x < 3 {
				want = float32(2*(y-1) + x)
			}
			for c := range 3 {
				if v := got[(y*4+x)*3+c]; v != want {
					t.Errorf("pixel (%d, %d) channel %d is %g, want %g", y, x, c, v, want)
				}
			}
		}
	}
}

func TestPaperImg(t *testing.T) {
	if got := DCGAN().PaperImg(1000); got != 25000 {
		t.Errorf("25 epochs of 1,000 images are %d", got)
	}
	if got := MLPGAN().PaperImg(1000); got != 0 {
		t.Errorf("the first paper gives no length, got %d", got)
	}
}

// Every published loss trains both players of every preset without a value that is not finite.
func TestLossesTrain(t *testing.T) {
	for _, name := range LossNames() {
		loss, err := LossByName(name)
		if err != nil {
			t.Fatal(err)
		}
		cfg := tiny()
		cfg.Loss = loss
		trainer := newTestTrainer(t, testbackend.Go(t), cfg, noise{28, 1})
		for range 4 {
			report, err := trainer.Step(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			values, err := report.Values()
			if err != nil || notFiniteValue(values) != "" || len(values) == 0 {
				t.Errorf("%s: %v, %v", name, values, err)
			}
		}
	}
}

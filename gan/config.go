package gan

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/blocks"
)

// Kimg is a thousand real images shown: the unit in which the length of a training is counted.
const Kimg int64 = 1000

// Config is everything that decides a run besides the data. Start from a preset (DCGAN, MLPGAN) and change your copy;
// the zero value of a field that is marked so means "take it from the data".
type Config struct {
	// Preset is the name of the paper's row that the config started from.
	Preset string `json:"preset"`
	// Architecture is the family of the preset's networks, "dcgan" or "mlp".
	Architecture string `json:"architecture"`
	// ImageSize is height and width in pixels; 0: the nearest size that the networks support, not below the data's.
	// Smaller images are padded with black.
	ImageSize int `json:"image_size"`
	// Channels is 1 (grey) or 3 (RGB); 0: the data's. Grey becomes RGB by replication.
	Channels int `json:"channels"`
	// Latents are the generator's input z.
	Latents Latents `json:"latents"`
	// BaseChannels is the width of the networks: ngf and ndf of DCGAN, the number of hidden units of an MLP.
	BaseChannels int `json:"base_channels"`
	// DiscriminatorNorm is "batch" or "none". A gradient penalty wants "none": batch norm mixes the samples.
	DiscriminatorNorm string `json:"discriminator_norm"`
	// Loss is the game that the players play.
	Loss Loss `json:"loss"`
	// NCritic is the number of steps of D for one of G, each with a fresh batch.
	NCritic int `json:"n_critic"`
	// Batch is the number of real images of a step.
	Batch int `json:"batch"`
	// GeneratorOptimizer and DiscriminatorOptimizer are the update rules of the two players.
	GeneratorOptimizer     Optimizer `json:"generator_optimizer"`
	DiscriminatorOptimizer Optimizer `json:"discriminator_optimizer"`
	// R1Gamma is the weight gamma of the R1 penalty in every step of D; 0: off.
	R1Gamma float64 `json:"r1_gamma"`
	// EMAKimg is the half-life of the generator's moving average in thousands of images; 0: no average.
	EMAKimg float64 `json:"ema_kimg"`
	// EMARampup bounds the half-life by this share of the images seen; 0: no ramp-up.
	EMARampup float64 `json:"ema_rampup"`
	// PaperKimg is the length of the paper's training in thousands of images; PaperEpochs in passes over the data,
	// where the paper gives it so. `--until paper` asks for it; 0 and 0: the paper gives none.
	PaperKimg   float64 `json:"paper_kimg"`
	PaperEpochs float64 `json:"paper_epochs"`
	// Seed decides initial values, latents and the order of the data.
	Seed int64 `json:"seed"`
	// GridKimg is the distance between two grids of samples in thousands of images. It may change on resume.
	GridKimg float64 `json:"grid_kimg"`
	// SnapshotSeconds is the time between two checkpoints. It may change on resume.
	SnapshotSeconds float64 `json:"snapshot_seconds"`

	// Data is the name of the data and DataSHA256 its fingerprint; both are filled in by Open.
	Data       string `json:"data"`
	DataSHA256 string `json:"data_sha256,omitempty"`
	// Networks is "preset", or says which networks are the caller's own; filled in by Open.
	Networks string `json:"networks"`
	// LoweringTable is the version of the table that chooses how convolutions are computed; filled in by Open.
	LoweringTable int `json:"lowering_table"`
	// Versions of gogan and GoMLX that started the run; filled in by Open.
	Versions map[string]string `json:"versions"`

	// Generator and Discriminator replace the preset's networks; nil keeps them. They are code: config.json records
	// only that they were given, and a checkpoint the list of their variables.
	Generator     Network `json:"-"`
	Discriminator Network `json:"-"`
}

// changeable are the fields, by their JSON names, that may differ when a run is continued.
var changeable = []string{"grid_kimg", "snapshot_seconds", "versions", "paper_kimg", "paper_epochs"}

// Validate returns an error that lists every field which makes no sense, or nil.
func (c Config) Validate() error {
	var faults []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	if sizes := c.sizes(); c.ImageSize != 0 && len(sizes) > 0 {
		check(slices.Contains(sizes, c.ImageSize), "image_size is %d, the networks of %s take %v", c.ImageSize, c.Architecture, sizes)
	}
	check(c.ImageSize >= 0, "image_size is %d, want 0 or more", c.ImageSize)
	check(slices.Contains([]string{"dcgan", "mlp"}, c.Architecture), "architecture is %q, want dcgan or mlp", c.Architecture)
	check(c.Channels == 0 || c.Channels == 1 || c.Channels == 3, "channels is %d, want 1, 3, or 0 for the data's", c.Channels)
	check(c.BaseChannels > 0, "base_channels is %d, want at least 1", c.BaseChannels)
	check(c.Batch > 0, "batch is %d, want at least 1", c.Batch)
	check(c.NCritic > 0, "n_critic is %d, want at least 1", c.NCritic)
	check(c.DiscriminatorNorm == "batch" || c.DiscriminatorNorm == "none",
		"discriminator_norm is %q, want batch or none", c.DiscriminatorNorm)
	check(c.Loss.D != nil && c.Loss.G != nil, "loss %q is no published one (%s); give its functions in Config.Loss",
		c.Loss.Name, strings.Join(LossNames(), ", "))
	check(c.R1Gamma >= 0, "r1_gamma is %g, want 0 or more", c.R1Gamma)
	check(c.R1Gamma == 0 || c.DiscriminatorNorm == "none" || c.Discriminator != nil,
		"r1_gamma is %g with discriminator_norm batch: the penalty is a function of each image alone; set discriminator_norm to none",
		c.R1Gamma)
	check(c.EMAKimg >= 0 && c.EMARampup >= 0, "ema_kimg and ema_rampup are %g and %g, want 0 or more", c.EMAKimg, c.EMARampup)
	check(c.GridKimg > 0, "grid_kimg is %g, want a number above 0", c.GridKimg)
	check(c.SnapshotSeconds > 0, "snapshot_seconds is %g, want a number above 0", c.SnapshotSeconds)
	for name, err := range map[string]error{"latents": c.Latents.validate(),
		"generator_optimizer": c.GeneratorOptimizer.Validate(), "discriminator_optimizer": c.DiscriminatorOptimizer.Validate()} {
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	if len(faults) == 0 {
		return nil
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	texts := make([]string, len(faults))
	for i, err := range faults {
		texts[i] = err.Error()
	}
	return errors.New("gan: " + strings.Join(texts, "; "))
}

// sizes are the image sizes of the architecture; empty: any size.
func (c Config) sizes() []int {
	if c.Architecture == "dcgan" && (c.Generator == nil || c.Discriminator == nil) {
		return []int{28, 32, 64}
	}
	return nil
}

// resolve fills in what comes from the data. The note, if any, says in one line what was decided.
func (c Config) resolve(data Data) (Config, string, error) {
	height, width, channels, err := imageShape(data)
	if err != nil {
		return c, "", err
	}
	if height != width {
		return c, "", fmt.Errorf("gan: the images of %s are %dx%d; these networks take square ones: crop them (datasets.WithCrop, --set crop=%d)",
			data.Name(), height, width, min(height, width))
	}
	note := ""
	if c.ImageSize == 0 {
		c.ImageSize = height
		if sizes := c.sizes(); len(sizes) > 0 {
			i := slices.IndexFunc(sizes, func(size int) bool { return size >= height })
			if i < 0 {
				return c, "", fmt.Errorf("gan: the images of %s are %d px, the networks of %s take %v; resize them (datasets.WithResize, --set resize=%d)",
					data.Name(), height, c.Architecture, sizes, slices.Max(sizes))
			}
			c.ImageSize = sizes[i]
		}
	}
	if c.ImageSize < height {
		return c, "", fmt.Errorf("gan: image_size is %d and the images of %s are %d px; resize them (datasets.WithResize, --set resize=%d)",
			c.ImageSize, data.Name(), height, c.ImageSize)
	}
	if c.ImageSize > height {
		note = fmt.Sprintf("the %d px images of %s are padded with black to %d px", height, data.Name(), c.ImageSize)
	}
	if c.Channels == 0 {
		c.Channels = channels
	}
	if c.Channels < channels {
		return c, "", fmt.Errorf("gan: channels is %d and the images of %s have %d; read them as grey (datasets.WithChannels, --set channels=1)", c.Channels, data.Name(), channels)
	}
	if c.Networks == "" {
		c.Networks = c.networks()
	}
	c.Data, c.LoweringTable, c.Versions = data.Name(), blocks.LoweringTableVersion, versions()
	if f, ok := data.(interface{ Fingerprint() string }); ok {
		c.DataSHA256 = f.Fingerprint()
	}
	return c, note, c.Validate()
}

func (c Config) networks() string {
	switch {
	case c.Generator != nil && c.Discriminator != nil:
		return "own generator, own discriminator"
	case c.Generator != nil:
		return "own generator"
	case c.Discriminator != nil:
		return "own discriminator"
	}
	return "preset"
}

// PaperImg is the length of the paper's training in images for data of n images; 0 if the paper gives none.
func (c Config) PaperImg(n int) int64 {
	if c.PaperKimg > 0 {
		return int64(c.PaperKimg * 1000)
	}
	return int64(c.PaperEpochs * float64(n))
}

// Set changes a field by its JSON name; a dot goes into a nested one ("generator_optimizer.lr"). The value is written
// as in JSON, a string without its quotes. It returns an error that lists the fields when the name is not one.
func (c *Config) Set(field, value string) error {
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		return err
	}
	at, names := tree, strings.Split(field, ".")
	for _, name := range names[:len(names)-1] {
		next, ok := at[name].(map[string]any)
		if !ok {
			return fmt.Errorf("gan: no field %q; there are %s", field, strings.Join(sortedKeys(at), ", "))
		}
		at = next
	}
	last := names[len(names)-1]
	old, found := at[last]
	if !found {
		return fmt.Errorf("gan: no field %q; there are %s", field, strings.Join(sortedKeys(at), ", "))
	}
	if _, isText := old.(string); isText {
		at[last] = value
	} else if err := json.Unmarshal([]byte(value), new(any)); err != nil {
		return fmt.Errorf("gan: %s is %v, got %q, which is no such value", field, old, value)
	} else {
		at[last] = json.RawMessage(value)
	}
	if data, err = json.Marshal(tree); err != nil {
		return err
	}
	changed := *c
	if err := json.Unmarshal(data, &changed); err != nil {
		return fmt.Errorf("gan: cannot set %s to %s: %w", field, value, err)
	}
	*c = changed
	return nil
}

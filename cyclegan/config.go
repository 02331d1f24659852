package cyclegan

import (
	"fmt"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/internal/settings"
)

// Config is everything that decides a run besides the data. Start from a preset (CycleGAN128, CycleGAN256, CycleGAN64Small)
// and change your copy.
type Config struct {
	// Preset is the name of the preset that the config started from.
	Preset string `json:"preset"`
	// Architecture of both generators: "resnet" or "unet".
	Architecture string `json:"architecture"`
	// NBlocks is the number of residual blocks of "resnet".
	NBlocks int `json:"n_blocks"`
	// NDowns is how often "unet" halves the picture: 7 for 128 px, 8 for 256 px (num_downs of the reference code).
	NDowns int `json:"n_downs"`
	// BaseChannels is the width of the generators (ngf), DiscriminatorChannels that of the discriminators (ndf).
	BaseChannels          int `json:"base_channels"`
	DiscriminatorChannels int `json:"discriminator_channels"`
	// DiscriminatorLayers is the number of convolutions of stride 2 in a discriminator (n_layers_D): 3 for patches of 70x70
	// pixels; 0 judges single pixels.
	DiscriminatorLayers int `json:"discriminator_layers"`
	// Norm of all networks: "instance" or "batch".
	Norm string `json:"norm"`
	// Dropout of 1/2 in the generators, while training.
	Dropout bool `json:"dropout"`
	// Upsampling of "resnet": "transposed", or "resize" against checkerboards.
	Upsampling string `json:"upsampling"`
	// Loss is the game between generators and discriminators: "lsgan", "vanilla" or "wgan-gp".
	Loss string `json:"loss"`
	// GP is the gradient penalty of "wgan-gp"; the others have none.
	GP gan.GP `json:"gp"`
	// LambdaG and LambdaF weigh what the discriminators say of G(x) and F(y); 1 in the paper (equation 3).
	LambdaG float64 `json:"lambda_g"`
	LambdaF float64 `json:"lambda_f"`
	// LambdaX weighs the cycle loss |F(G(x)) - x|, LambdaY |G(F(y)) - y| (λ of equation 3; lambda_A and lambda_B).
	LambdaX float64 `json:"lambda_x"`
	LambdaY float64 `json:"lambda_y"`
	// LambdaIdentity weighs the identity losses |F(x) - x| and |G(y) - y|, as a share of LambdaX and LambdaY. 0 leaves them
	// out.
	LambdaIdentity float64 `json:"lambda_identity"`
	// PoolSize is the number of earlier pictures of each generator that its discriminator is shown (section 4: 50); 0: only
	// the newest.
	PoolSize int `json:"pool_size"`
	// Batch is the number of pairs of a step.
	Batch int `json:"batch"`
	// ImageSize is height and width of the pictures in pixels; 0: those of the data, which need not be square. Smaller
	// pictures are padded with black.
	ImageSize int `json:"image_size"`
	// Height and Width are what the networks are trained with; filled in by Open.
	Height int `json:"height"`
	Width  int `json:"width"`
	// Channels is 1 (grey) or 3 (RGB); 0: the data's. Grey becomes RGB by replication.
	Channels int `json:"channels"`
	// LoadSize, CropSize and Flip say how the data is to be read for training, as --load_size, --crop_size and without
	// --no_flip of the reference code: scaled to LoadSize, a random square of CropSize, mirrored with probability 1/2. 0, 0
	// and false: as it is. Open does not read files: it checks that the pictures are of CropSize.
	LoadSize int  `json:"load_size"`
	CropSize int  `json:"crop_size"`
	Flip     bool `json:"flip"`
	// GeneratorOptimizer moves G and F, DiscriminatorOptimizer DX and DY.
	GeneratorOptimizer     gan.Optimizer `json:"generator_optimizer"`
	DiscriminatorOptimizer gan.Optimizer `json:"discriminator_optimizer"`
	// ConstantEpochs and DecayEpochs make the schedule: so many epochs at the full learning rate, then as many in which it
	// falls linearly to 0. An epoch is max(|X|, |Y|) pairs. 0 and 0: Schedule says it.
	ConstantEpochs float64 `json:"constant_epochs"`
	DecayEpochs    float64 `json:"decay_epochs"`
	// Schedule changes both learning rates with the pairs shown. With DecayEpochs above 0 it is filled in by Open.
	Schedule gan.Schedule `json:"schedule"`
	// PaperEpochs is the length of the paper's training; 0: the paper has none like it.
	PaperEpochs float64 `json:"paper_epochs"`
	// Seed decides initial values, pools and the order of the data.
	Seed int64 `json:"seed"`
	// GridKimg is the distance between two grids in thousands of pairs. It may change on resume.
	GridKimg float64 `json:"grid_kimg"`
	// SnapshotSeconds is the time between two checkpoints. It may change on resume.
	SnapshotSeconds float64 `json:"snapshot_seconds"`

	// DataX and DataY are the names of the data, and what follows their fingerprints; filled in by Open.
	DataX       string `json:"data_x"`
	DataY       string `json:"data_y"`
	DataXSHA256 string `json:"data_x_sha256,omitempty"`
	DataYSHA256 string `json:"data_y_sha256,omitempty"`
	// LoweringTable is the version of the table that chooses how convolutions are computed; filled in by Open.
	LoweringTable int `json:"lowering_table"`
	// Versions of gogan and GoMLX that started the run; filled in by Open.
	Versions map[string]string `json:"versions"`
}

// Architectures of the generators, as config.json names them.
const (
	ArchitectureResNet = "resnet"
	ArchitectureUNet   = "unet"
)

// changeable are the fields, by their JSON names, that may differ when a run is continued.
var changeable = []string{"grid_kimg", "snapshot_seconds", "versions", "paper_epochs"}

// Generator returns the generator of a config whose channels are known; G and F are alike.
func (c Config) Generator() gan.Network { return c.generator().network }

// generator is the generator with its place in the reference code.
func (c Config) generator() layout {
	if c.Architecture == ArchitectureUNet {
		return UNet{Channels: c.Channels, Width: c.BaseChannels, Downs: c.NDowns, Norm: c.Norm, Dropout: c.Dropout}.layout(c.Channels)
	}
	return ResNet{Channels: c.Channels, Width: c.BaseChannels, Blocks: c.NBlocks, Norm: c.Norm, Upsampling: c.Upsampling,
		Dropout: c.Dropout}.layout(c.Channels)
}

// Discriminator returns the discriminator of a config whose channels are known; DX and DY are alike.
func (c Config) Discriminator() gan.Network { return c.discriminator().network }

func (c Config) discriminator() layout {
	return Patch{Channels: c.Channels, Width: c.DiscriminatorChannels, Layers: c.DiscriminatorLayers, Norm: c.Norm}.layout()
}

// Stride is what height and width of a picture must be multiples of for the generators.
func (c Config) Stride() int {
	if c.Architecture == ArchitectureUNet {
		return 1 << c.NDowns
	}
	return resnetStride
}

// PaperImg is the length of the paper's training in pairs, for data of x and y pictures; 0 if the paper has none.
func (c Config) PaperImg(x, y int) int64 { return int64(c.PaperEpochs * float64(max(x, y))) }

// Set changes a field by its JSON name; a dot goes into a nested one ("generator_optimizer.lr"). The value is written
// as in JSON, a string without its quotes. It returns an error that lists the fields when the name is not one.
func (c *Config) Set(field, value string) error {
	if err := settings.Set(c, field, value); err != nil {
		return fmt.Errorf("cyclegan: %w", err)
	}
	return nil
}

package cyclegan

import (
	"math"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/internal/settings"
)

// Validate returns an error that lists every field which makes no sense, or nil.
func (c Config) Validate() error {
	var f settings.Faults
	c.validateNetworks(&f)
	c.validateData(&f)
	c.validateSteps(&f)
	return f.Err("cyclegan")
}

func (c Config) validateNetworks(f *settings.Faults) {
	unet := c.Architecture == ArchitectureUNet
	f.Check(unet || c.Architecture == ArchitectureResNet, "architecture is %q, want resnet or unet", c.Architecture)
	f.Check(c.NBlocks >= 0, "n_blocks is %d, want 0 or more", c.NBlocks)
	f.Check(!unet || c.NDowns >= fewestDowns && c.NDowns <= mostDowns, "n_downs is %d, want %d to %d", c.NDowns, fewestDowns, mostDowns)
	f.Check(c.BaseChannels > 0, "base_channels is %d, want at least 1", c.BaseChannels)
	f.Check(c.DiscriminatorChannels > 0, "discriminator_channels is %d, want at least 1", c.DiscriminatorChannels)
	f.Check(c.DiscriminatorLayers >= 0, "discriminator_layers is %d, want 0 (single pixels) or more", c.DiscriminatorLayers)
	f.Check(c.Norm == InstanceNorm || c.Norm == BatchNorm, "norm is %q, want instance or batch", c.Norm)
	f.Check(c.Upsampling == Transposed || c.Upsampling == Resize, "upsampling is %q, want transposed or resize", c.Upsampling)
	f.Check(!unet || c.Upsampling == Transposed, "upsampling is %q, but unet has only transposed, whose kernel 4x4 of stride 2 covers evenly",
		c.Upsampling)
}

func (c Config) validateData(f *settings.Faults) {
	stride := 1
	if c.Architecture == ArchitectureResNet || c.NDowns >= fewestDowns && c.NDowns <= mostDowns {
		stride = c.Stride()
	}
	f.Check(c.ImageSize == 0 || c.ImageSize >= resnetSmallest && c.ImageSize%stride == 0,
		"image_size is %d, want a multiple of %d, at least %d, or 0 for the data's", c.ImageSize, stride, max(stride, resnetSmallest))
	f.Check(c.Channels == 0 || c.Channels == 1 || c.Channels == 3, "channels is %d, want 1, 3, or 0 for the data's", c.Channels)
	f.Check(c.LoadSize >= 0 && c.CropSize >= 0, "load_size and crop_size are %d and %d, want numbers of pixels, or 0", c.LoadSize, c.CropSize)
	f.Check(c.LoadSize == 0 || c.CropSize <= c.LoadSize, "crop_size is %d, more than load_size, %d", c.CropSize, c.LoadSize)
	f.Check(c.ImageSize == 0 || c.CropSize <= c.ImageSize, "crop_size is %d, more than image_size, %d", c.CropSize, c.ImageSize)
	f.Check(c.Batch > 0, "batch is %d, want at least 1", c.Batch)
	f.Check(c.PoolSize >= 0, "pool_size is %d, want 0 or more", c.PoolSize)
}

func (c Config) validateSteps(f *settings.Faults) {
	objective, known := objectives[c.Loss]
	f.Check(known, "loss is %q, want one of %s", c.Loss, strings.Join(LossNames(), ", "))
	f.Check(c.GP.Lambda >= 0 && c.GP.Target >= 0, "gp.lambda and gp.target are %g and %g, want 0 or more", c.GP.Lambda, c.GP.Target)
	f.Check(!objective.penalized || c.Norm != BatchNorm, "loss is %s with norm batch: the penalty is a function of each picture alone; set norm to instance",
		c.Loss)
	weights := []float64{c.LambdaG, c.LambdaF, c.LambdaX, c.LambdaY, c.LambdaIdentity}
	f.Check(!slices.ContainsFunc(weights, func(w float64) bool { return !(w >= 0) || math.IsInf(w, 0) }),
		"lambda_g, lambda_f, lambda_x, lambda_y and lambda_identity are %v, want 0 or more", weights)
	// What moves a generator, apart from the other direction's cycle.
	f.Check(c.LambdaG+c.LambdaF+c.LambdaX+c.LambdaY > 0, "lambda_g, lambda_f, lambda_x and lambda_y are all 0: nothing would be learned")
	err := c.GeneratorOptimizer.Validate()
	f.Check(err == nil, "generator_optimizer: %v", err)
	err = c.DiscriminatorOptimizer.Validate()
	f.Check(err == nil, "discriminator_optimizer: %v", err)
	err = c.Schedule.Validate()
	f.Check(err == nil, "schedule: %v", err)
	f.Check(c.GeneratorOptimizer.Accumulate < 2 && c.DiscriminatorOptimizer.Accumulate < 2,
		"accumulate is above 1, but the discriminators see the pictures of one step of the generators; set batch higher instead")
	f.Check(c.ConstantEpochs >= 0 && c.DecayEpochs >= 0 && c.PaperEpochs >= 0,
		"constant_epochs, decay_epochs and paper_epochs are %g, %g and %g, want 0 or more", c.ConstantEpochs, c.DecayEpochs, c.PaperEpochs)
	f.Check(c.GridKimg > 0, "grid_kimg is %g, want a number above 0", c.GridKimg)
	f.Check(c.SnapshotSeconds > 0, "snapshot_seconds is %g, want a number above 0", c.SnapshotSeconds)
}

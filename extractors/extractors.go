// Package extractors says what the networks that metrics look with have in common: a picture of any size goes in, rows
// of features come out. The networks themselves are packages below it.
package extractors

import (
	"context"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// Preprocess names a rule that turns a picture of any size into the input of a network. Programs that share a network
// and differ in this rule report different scores.
type Preprocess string

// The rules of the programs whose scores are published.
const (
	// TF1 is that of the original FID (TTUR), torch-fidelity and StyleGAN2-ADA: TensorFlow 1's bilinear resize, without
	// half-pixel centres and without antialiasing.
	TF1 Preprocess = "tf1"
	// PytorchFID is that of pytorch-fid: bilinear with half-pixel centres, without antialiasing.
	PytorchFID Preprocess = "pytorch-fid"
	// Clean is that of clean-fid: Pillow's bicubic, with antialiasing, in floating point.
	Clean Preprocess = "clean"
	// Torchmetrics is that of torchmetrics from 1.8.0 on: bilinear with antialiasing.
	Torchmetrics Preprocess = "torchmetrics"
)

// Output names what is taken out of a network.
type Output string

// The outputs that metrics need.
const (
	Pool    Output = "pool"    // features of FID, KID and PRDC
	Logits  Output = "logits"  // class scores of the Inception Score
	Spatial Output = "spatial" // features of sFID, which still know where in the picture they are
)

// An Extractor is an opened network. It is safe for concurrent use.
type Extractor interface {
	// Name is what scores call the network: "inception-2015", "fashion-cnn".
	Name() string
	// WeightsSHA256 is the checksum of the weights' file, in hex.
	WeightsSHA256() string
	// WeightsOfficial says whether they are the published weights.
	WeightsOfficial() bool
	// Width is the length of a row of an output, 0 if the network has none of that name.
	Width(Output) int
	// Preprocesses are the rules that the network knows, its default first.
	Preprocesses() []Preprocess
	// Batch is the number of pictures that the device computes at a time: Extract is fastest with a multiple of it.
	Batch() int
	// Extract returns for each output asked for a flat [len(images), Width(output)] in the order of images. Pictures may
	// have any size, and 1 or 3 channels; grey is replicated where the network takes RGB. The rows of a picture do not
	// depend, beyond rounding, on the pictures beside it.
	Extract(ctx context.Context, images []*imaging.Image8, p Preprocess, outputs ...Output) ([][]float32, error)
	// Close frees the device's memory.
	Close() error
}

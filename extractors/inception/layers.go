package inception

import (
	"slices"
	"strings"
)

// conv is one convolution with its batch norm and ReLU.
type conv struct {
	name            string // in state dicts, before ".conv.weight"
	in, out         int    // channels
	kernel, padding [2]int // height and width
	stride          int
}

// The stages end where pytorch-fid's InceptionV3 has its blocks: with both max poolings, Mixed_6e and Mixed_7c.
const stages = 4

// classes is the number of outputs of the last layer: 1000 of ImageNet are indices 1 to 1000.
const classes = 1008

// stageLayers lists the convolutions of each stage in the order of the network of Szegedy et al. 2015, "Rethinking the
// Inception Architecture for Computer Vision" (https://arxiv.org/abs/1512.00567), as TensorFlow published it on
// 2015-12-05: 94 in all.
var stageLayers = [stages][]conv{
	{
		{"Conv2d_1a_3x3", 3, 32, [2]int{3, 3}, [2]int{}, 2},
		{"Conv2d_2a_3x3", 32, 32, [2]int{3, 3}, [2]int{}, 1},
		{"Conv2d_2b_3x3", 32, 64, [2]int{3, 3}, [2]int{1, 1}, 1},
	},
	{
		{"Conv2d_3b_1x1", 64, 80, [2]int{1, 1}, [2]int{}, 1},
		{"Conv2d_4a_3x3", 80, 192, [2]int{3, 3}, [2]int{}, 1},
	},
	slices.Concat(
		blockA("Mixed_5b", 192, 32), blockA("Mixed_5c", 256, 64), blockA("Mixed_5d", 288, 64),
		blockB("Mixed_6a", 288),
		blockC("Mixed_6b", 128), blockC("Mixed_6c", 160), blockC("Mixed_6d", 160), blockC("Mixed_6e", 192),
	),
	slices.Concat(blockD("Mixed_7a", 768), blockE("Mixed_7b", 1280), blockE("Mixed_7c", 2048)),
}

// same is a convolution of stride 1 that keeps the size.
func same(name string, in, out, h, w int) conv {
	return conv{name, in, out, [2]int{h, w}, [2]int{h / 2, w / 2}, 1}
}

// half is a 3x3 convolution of stride 2.
func half(name string, in, out int) conv { return conv{name, in, out, [2]int{3, 3}, [2]int{}, 2} }

func blockA(name string, in, pool int) []conv {
	return []conv{
		same(name+".branch1x1", in, 64, 1, 1),
		same(name+".branch5x5_1", in, 48, 1, 1), same(name+".branch5x5_2", 48, 64, 5, 5),
		same(name+".branch3x3dbl_1", in, 64, 1, 1), same(name+".branch3x3dbl_2", 64, 96, 3, 3),
		same(name+".branch3x3dbl_3", 96, 96, 3, 3),
		same(name+".branch_pool", in, pool, 1, 1),
	}
}

func blockB(name string, in int) []conv {
	return []conv{
		half(name+".branch3x3", in, 384),
		same(name+".branch3x3dbl_1", in, 64, 1, 1), same(name+".branch3x3dbl_2", 64, 96, 3, 3),
		half(name+".branch3x3dbl_3", 96, 96),
	}
}

func blockC(name string, c int) []conv {
	const in, out = 768, 192
	return []conv{
		same(name+".branch1x1", in, out, 1, 1),
		same(name+".branch7x7_1", in, c, 1, 1), same(name+".branch7x7_2", c, c, 1, 7),
		same(name+".branch7x7_3", c, out, 7, 1),
		same(name+".branch7x7dbl_1", in, c, 1, 1), same(name+".branch7x7dbl_2", c, c, 7, 1),
		same(name+".branch7x7dbl_3", c, c, 1, 7), same(name+".branch7x7dbl_4", c, c, 7, 1),
		same(name+".branch7x7dbl_5", c, out, 1, 7),
		same(name+".branch_pool", in, out, 1, 1),
	}
}

func blockD(name string, in int) []conv {
	return []conv{
		same(name+".branch3x3_1", in, 192, 1, 1), half(name+".branch3x3_2", 192, 320),
		same(name+".branch7x7x3_1", in, 192, 1, 1), same(name+".branch7x7x3_2", 192, 192, 1, 7),
		same(name+".branch7x7x3_3", 192, 192, 7, 1), half(name+".branch7x7x3_4", 192, 192),
	}
}

func blockE(name string, in int) []conv {
	return []conv{
		same(name+".branch1x1", in, 320, 1, 1),
		same(name+".branch3x3_1", in, 384, 1, 1), same(name+".branch3x3_2a", 384, 384, 1, 3),
		same(name+".branch3x3_2b", 384, 384, 3, 1),
		same(name+".branch3x3dbl_1", in, 448, 1, 1), same(name+".branch3x3dbl_2", 448, 384, 3, 3),
		same(name+".branch3x3dbl_3a", 384, 384, 1, 3), same(name+".branch3x3dbl_3b", 384, 384, 3, 1),
		same(name+".branch_pool", in, 192, 1, 1),
	}
}

// siblings lists, for a block, its 1x1 convolutions of the block's input: they are computed as one, with their kernels
// side by side. That of an average pooling is among them, as both are linear: it comes first here, on fewer channels.
func siblings(block string) []string {
	var branches []string
	switch {
	case strings.HasPrefix(block, "Mixed_5"):
		branches = []string{"branch1x1", "branch5x5_1", "branch3x3dbl_1", "branch_pool"}
	case block == "Mixed_6a":
		branches = []string{"branch3x3dbl_1"}
	case strings.HasPrefix(block, "Mixed_6"):
		branches = []string{"branch1x1", "branch7x7_1", "branch7x7dbl_1", "branch_pool"}
	case block == "Mixed_7a":
		branches = []string{"branch3x3_1", "branch7x7x3_1"}
	case block == "Mixed_7b":
		branches = []string{"branch1x1", "branch3x3_1", "branch3x3dbl_1", "branch_pool"}
	case block == "Mixed_7c": // its pooling takes maxima, which a convolution does not commute with
		branches = []string{"branch1x1", "branch3x3_1", "branch3x3dbl_1"}
	}
	for i, branch := range branches {
		branches[i] = block + "." + branch
	}
	return branches
}

// A Parameter is one array of a state dict.
type Parameter struct {
	Name  string
	Shape []int // convolutions are [out, in, height, width]
}

// Parameters lists the arrays of the network's state dict in the order of the network: 472 with 23,885,392 numbers.
func Parameters() []Parameter {
	var out []Parameter
	for stage := range stages {
		out = append(out, stageParameters(stage)...)
	}
	return append(out, headParameters()...)
}

// stageParameters lists the arrays of one stage.
func stageParameters(stage int) []Parameter {
	var out []Parameter
	for _, c := range stageLayers[stage] {
		out = append(out, Parameter{c.name + ".conv.weight", []int{c.out, c.in, c.kernel[0], c.kernel[1]}})
		for _, name := range []string{"weight", "bias", "running_mean", "running_var"} {
			out = append(out, Parameter{c.name + ".bn." + name, []int{c.out}})
		}
	}
	return out
}

// headParameters lists the arrays of the last layer.
func headParameters() []Parameter {
	return []Parameter{{"fc.weight", []int{classes, Features}}, {"fc.bias", []int{classes}}}
}

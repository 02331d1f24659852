// Package cyclegan translates pictures of one domain into another without pairs of them: two generators, G from X to Y and F
// from Y to X, of which each undoes what the other does, and two discriminators, DX and DY, that judge the pictures of a
// domain.
//
// Zhu, Park, Isola and Efros 2017, https://arxiv.org/abs/1703.10593. Names are the paper's. The authors' code,
// https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix, calls them by the domain of the input:
//
//	here (paper)   there   what it does
//	X, Y           A, B    the domains
//	G              G_A     x to y
//	F              G_B     y to x
//	DY             D_A     judges y and G(x)
//	DX             D_B     judges x and F(y)
package cyclegan

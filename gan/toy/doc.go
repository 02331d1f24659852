// Package toy holds the GANs that are small enough to see whole: the Dirac-GAN, two numbers that play against each other,
// and mixtures of points in the plane, on which papers count how many modes a generator finds.
//
// It draws nothing. What a run learned is in its directory and in files of points; package notebooks/figures has the
// pictures.
package toy

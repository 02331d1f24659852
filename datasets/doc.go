// Package datasets gives the pictures of folders, zip files, npz arrays and named sets as batches for training and one
// by one for measuring.
//
// A batch is a pure function of (seed, images seen, size): each epoch is a permutation of all pictures that the seed
// and the number of the epoch decide, and batches run on from one epoch into the next, so that every picture is seen
// exactly once in each epoch and any position can be computed without the ones before it.
//
// OpenPair opens two sets at once, the domains of an unpaired translation; some pairs are made here, so that the truth of
// the translation is known.
//
// The embedded set fashion-mini is a part of Fashion-MNIST, (c) 2017 Zalando SE, under the MIT licence; see
// embedded/LICENSE-fashion-mnist. The letters of the pair glyphs are those of Liberation Serif (SIL Open Font License 1.1)
// and Go Bold (BSD licence of the Go project), from the Go modules that redistribute them.
package datasets

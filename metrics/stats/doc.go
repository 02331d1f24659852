// Package stats is the mathematics of scores, from the features of pictures on: the Fréchet distance (FID, sFID), the
// Inception Score, the kernel distance (KID), precision, recall, density and coverage. It links no GoMLX, so that a
// program that only shows or compares scores stays small.
//
// What a set of pictures leaves is a Stats: moments, gathered by Moments in one pass, and single rows where a score needs
// them. It can be written to a file that other programs read, read from theirs, and merged from shards. A Result is one
// score: a value that carries how it was made.
//
// Scores equal those of pytorch-fid, torch-fidelity and clean-fid on the same features: what is random in them is drawn
// as NumPy draws it.
package stats

// Package metrics measures pictures: FID, Inception Score, KID and their relatives, of folders, of a generator that has
// written no file, and of statistics files of other programs.
//
//	fid, err := metrics.FID(ctx, reals, fakes, nil)
//	fmt.Println(fid) // with everything that is needed to compare it: see stats.Result
//
// A score compares the features of two sets of pictures, and the network that extracts them is part of its name: fid, is,
// kid and sfid belong to the Inception network of 2015 alone. With another network the scores are fd_..., kd_... and
// classifier_score_..., whose values compare only with those of the same network.
//
// Each side is read once, whatever is asked for. Pictures are decoded while the device computes, and what is kept of
// them is a mean and a scatter matrix; the rows of features are kept only where a score needs them (kid, is, prdc, a
// bootstrap, and sets so small that the rows take less than the matrix).
//
// The mathematics from features on, and the statistics files, are package metrics/stats.
package metrics

// Package imaging holds what happens to pictures before they become tensors and after: decoding, resizing, cropping,
// grids, PNG text, animations, and the order of the image files of a folder. It links no GoMLX, so that programs which
// only look at pictures start at once.
//
// Where Python programs are the reference of a metric, this package gives their pixels: [Resize] equals Pillow to the
// bit, and so does [Decode], of JPEG and lossy WebP too.
package imaging

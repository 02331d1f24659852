// Package weights reads and writes arrays of numbers in the formats that other programs exchange them in:
// safetensors, npy and npz. Arrays are plain host memory; the package knows neither graphs nor devices.
//
// Nothing that is read is trusted. No reader runs code from a file (object arrays of NumPy are pickles and are
// refused by name), allocates more than the bytes of the file justify, or accepts a file that is shorter, longer or
// otherwise different from what its header says. Every error is one line with the file and the cause.
//
// Formats, from their own documentation:
//
//   - safetensors: https://github.com/huggingface/safetensors (format section of the README)
//   - npy 1.0, 2.0, 3.0 and npz: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
package weights

// Package weights reads and writes arrays of numbers in the formats that other programs exchange them in:
// safetensors, npy, npz, and what torch.save writes. Arrays are plain host memory; the package knows neither graphs nor
// devices. Read tells the formats apart by content.
//
// Nothing that is read is trusted. No reader runs code from a file (pickles are read as data, and a class that is no
// data is refused by name, as are object arrays of NumPy), allocates more than the bytes of the file justify, or accepts
// a file that is shorter, longer or otherwise different from what its header says. Every error is one line with the file
// and the cause.
//
// Formats, from their own documentation:
//
//   - safetensors: https://github.com/huggingface/safetensors (format section of the README)
//   - npy 1.0, 2.0, 3.0 and npz: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
//   - torch.save, zip form (since PyTorch 1.6) and legacy stream: torch/serialization.py, torch/_utils.py and
//     torch/_weights_only_unpickler.py of PyTorch 2.15; what is not dense, or not of an element type below, is refused
//   - pickle protocols 2 to 5, as data: the module pickletools of Python
package weights

package weights

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// Read reads all arrays of a file by name, whichever form its content has, whatever its name: safetensors, npz, or what
// torch.save wrote (zip or legacy). Names, limits and errors are those of ReadSafetensors, ReadNPZ and ReadTorch.
func Read(path string) (map[string]Array, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file, err := decode(f, size)
	if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", path, err)
	}
	return file.Arrays, nil
}

// File is a file with all that is in it.
type File struct {
	Format Format
	Bytes  int64  // its size
	SHA256 string // of its bytes, in hex
	Arrays map[string]Array

	// Metadata is the text that a safetensors file carries, by key; nil in other forms.
	Metadata map[string]string
	// Values are what a PyTorch file holds beside tensors, by name, in a short form for people: "0.002", "[1, 2]",
	// "20 values". nil in other forms.
	Values map[string]string
}

// Parameters returns the number of elements of all floating-point arrays, averages of batch norms among them.
func (f *File) Parameters() int64 {
	var n int64
	for _, a := range f.Arrays {
		switch a.DType {
		case F64, F32, F16, BF16:
			n += int64(a.Len())
		}
	}
	return n
}

// Inspect is Read with all that can be said about the file.
func Inspect(path string) (*File, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file, err := decode(f, size)
	if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", path, err)
	}
	hash := sha256.New()
	if file.Bytes, err = io.Copy(hash, f); err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	file.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return file, nil
}

// decode reads a file of any form; size and checksum are left to the caller.
func decode(r io.ReaderAt, size int64) (*File, error) {
	format, err := formatOf(r, size)
	if err != nil {
		return nil, err
	}
	file := &File{Format: format}
	switch format {
	case Safetensors:
		file.Arrays, file.Metadata, err = decodeSafetensors(io.NewSectionReader(r, 0, size), size)
	case NPZ:
		file.Arrays, err = decodeNPZ(r, size)
	default:
		file.Arrays, file.Values, err = decodeTorch(r, size)
	}
	return file, err
}

// Format is the form of a file.
type Format string

// The forms that Read knows.
const (
	Safetensors Format = "safetensors"
	NPZ         Format = "npz"
	TorchZip    Format = "torch-zip"
	TorchLegacy Format = "torch-legacy"
)

// startsWith says whether a file begins with the text.
func startsWith(r io.ReaderAt, text string) bool {
	start := make([]byte, len(text))
	n, _ := r.ReadAt(start, 0) // what cannot be read is not there
	return string(start[:n]) == text
}

// formatOf tells the form from the first bytes, and a PyTorch archive from one of NumPy by its entries.
func formatOf(r io.ReaderAt, size int64) (Format, error) {
	start := make([]byte, 64)
	n, _ := r.ReadAt(start, 0)
	text := string(start[:n])
	switch {
	case strings.HasPrefix(text, zipMagic), strings.HasPrefix(text, "PK\x05\x06"): // the latter has no entries
		archive, err := zip.NewReader(r, size)
		if err != nil {
			return "", fmt.Errorf("not an archive, or truncated: %w", err)
		}
		for _, entry := range archive.File {
			if strings.HasSuffix(entry.Name, "/data.pkl") {
				return TorchZip, nil
			}
		}
		return NPZ, nil
	case n >= 2 && text[0] == 0x80 && text[1] >= 2 && text[1] <= 5: // PROTO of a pickle
		return TorchLegacy, nil
	case n > 8 && text[8] == '{':
		return Safetensors, nil
	}
	return "", fmt.Errorf("neither safetensors, npz nor a file of torch.save%s", guess(text))
}

// guess says what else a file is that begins with text, for the mistakes that are made often.
func guess(text string) string {
	switch lower := strings.ToLower(strings.TrimSpace(text)); {
	case text == "":
		return ": it is empty"
	case strings.HasPrefix(text, npyMagic):
		return ": a single npy array, which has no name; save it with numpy.savez"
	case strings.HasPrefix(text, "version https://git-lfs"):
		return ": a Git LFS pointer instead of the file; fetch it with git lfs pull"
	case strings.HasPrefix(lower, "<!doctype"), strings.HasPrefix(lower, "<html"):
		return ": a web page instead of the file; download it again"
	case strings.HasPrefix(text, "\x89HDF"):
		return ": an HDF5 file, as Keras writes it"
	}
	return ""
}

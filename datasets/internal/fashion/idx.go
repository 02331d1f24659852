// Package fashion reads the four files of Fashion-MNIST and makes the embedded subset from them. It serves datasets and
// the program that writes the embedded files.
//
// Fashion-MNIST: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
// Algorithms", arXiv:1708.07747.
package fashion

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Size of every picture in pixels (grey), and the number of classes.
const (
	Side    = 28
	Pixels  = Side * Side
	Classes = 10
)

// ClassNames are the garments, in the order of the labels.
func ClassNames() []string {
	return []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}
}

// File is one of the four files.
type File struct {
	Name   string   // as everywhere: NAME.gz
	SHA256 string   // of the decompressed content; Debian's files are packed anew, so that sums of the .gz differ
	Header []uint32 // the big-endian words before the data: magic number, then the sizes
}

// Split names the two files of a split and says how many pictures they hold.
type Split struct {
	Images, Labels File
	N              int
}

// SplitOf returns a split by its name: train or test.
//
// The sums were measured on Debian's dataset-fashion-mnist 0.0~git20200523.55506a9-1, whose content gives the published
// MD5 of the original .gz files once their gzip headers are put back.
func SplitOf(name string) (split Split, ok bool) {
	switch name {
	case "train":
		return newSplit("train", 60000, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
			"bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"), true
	case "test":
		return newSplit("t10k", 10000, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
			"0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"), true
	}
	return Split{}, false
}

// newSplit fills in what the names and headers of the idx format have in common: magic numbers for bytes in three and
// in one dimension, then the sizes.
func newSplit(prefix string, n uint32, imagesSHA256, labelsSHA256 string) Split {
	return Split{N: int(n),
		Images: File{prefix + "-images-idx3-ubyte.gz", imagesSHA256, []uint32{0x803, n, Side, Side}},
		Labels: File{prefix + "-labels-idx1-ubyte.gz", labelsSHA256, []uint32{0x801, n}}}
}

// Mirrors are the places that hold the four files, each to be followed by a name.
func Mirrors() []string {
	return []string{
		"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
		"https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
	}
}

// DebianDir is where Debian's package dataset-fashion-mnist puts the files.
const DebianDir = "/usr/share/datasets/fashion-mnist"

// Read returns the data of a file in dir, without its header: N*784 pixels or N labels. The error wraps fs.ErrNotExist
// if there is no such file; anything but the one right content is an error too.
func (f File) Read(dir string) ([]byte, error) {
	path := filepath.Join(dir, f.Name)
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data, err := f.decode(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}

// decode decompresses exactly as many bytes as the file must have.
func (f File) decode(in io.Reader) ([]byte, error) {
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("not a gzip file: %w", err)
	}
	want := 1
	for _, n := range f.Header[1:] {
		want *= int(n)
	}
	content := make([]byte, 4*len(f.Header)+want)
	if _, err := io.ReadFull(z, content); err != nil {
		return nil, fmt.Errorf("want %d bytes of content: %w", len(content), err)
	}
	if n, err := z.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		return nil, fmt.Errorf("more than %d bytes of content, or damaged at the end", len(content))
	}
	sum := sha256.Sum256(content)
	if got := hex.EncodeToString(sum[:]); got != f.SHA256 {
		return nil, fmt.Errorf("the SHA-256 of the content is %s, want %s", got, f.SHA256)
	}
	for i, n := range f.Header {
		if binary.BigEndian.Uint32(content[4*i:]) != n {
			return nil, fmt.Errorf("word %d of the header is not %#x", i, n)
		}
	}
	return content[4*len(f.Header):], nil
}

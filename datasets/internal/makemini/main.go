// Makemini writes the embedded subset of Fashion-MNIST from the original files:
//
//	go run ./datasets/internal/makemini [-originals DIR] [-out DIR]
//
// It takes the first 1200 (train) and 200 (test) pictures of each class, in the order of the originals, whose content
// is checked by SHA-256, and prints the SHA-256 of the pixels. Equal originals give equal files.
package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"

	"github.com/gogan-ml/gogan/datasets/internal/fashion"
)

func main() {
	originals := flag.String("originals", fashion.DebianDir, "the folder of the four original files")
	out := flag.String("out", filepath.Join("datasets", "embedded"), "the folder to write to")
	flag.Parse()
	for _, split := range []string{"train", "test"} {
		if err := write(*originals, *out, split); err != nil {
			fmt.Fprintln(os.Stderr, "makemini:", err)
			os.Exit(1)
		}
	}
}

// write makes the mosaic of one split.
func write(originals, out, name string) error {
	split, _ := fashion.SplitOf(name)
	pixels, err := split.Images.Read(originals)
	if err != nil {
		return err
	}
	labels, err := split.Labels.Read(originals)
	if err != nil {
		return err
	}
	subset, err := fashion.Subset(pixels, labels, fashion.MiniPerClass(name))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var buf bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&buf, fashion.Mosaic(subset)); err != nil {
		return err
	}
	path := filepath.Join(out, "fashion-mini-"+name+".png")
	fmt.Printf("%s: %d pictures, %d bytes, SHA-256 of the pixels %x\n",
		path, len(subset)/fashion.Pixels, buf.Len(), sha256.Sum256(subset))
	return os.WriteFile(path, buf.Bytes(), 0o644)
}

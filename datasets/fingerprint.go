package datasets

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Fingerprint returns 64 hex digits that change when the pictures, their order or their labels do. It covers the
// options that change pixels (steps with sizes and filters, random crop and flip, channels, mirroring, limit, skipped
// files), the labels, and of the contents what is cheap to know:
//
//   - of a folder the relative path and the size in bytes of each file: a file that is replaced by another of the same
//     size goes unnoticed;
//   - of a zip the name, size and CRC-32 of each picture;
//   - of an npz the SHA-256 of the file;
//   - of a named set the SHA-256 of its content.
//
// Where the source lies and when its files were written do not count, so that a copy has the same fingerprint.
func (s *Set) Fingerprint() string { return s.fingerprint() }

func (s *Set) computeFingerprint() string {
	hash := sha256.New()
	fmt.Fprintf(hash, "gogan pictures 1\nchannels %d flip %v\n", s.config.channels, s.config.flip)
	for _, step := range s.config.steps {
		fmt.Fprintln(hash, step)
	}
	if s.config.randomCrop > 0 || s.config.randomFlip { // written only then, so that older fingerprints hold
		fmt.Fprintf(hash, "random crop %d flip %v\n", s.config.randomCrop, s.config.randomFlip)
	}
	for _, i := range s.index {
		s.src.identify(hash, int(i))
	}
	fmt.Fprintf(hash, "labels %q\n", s.src.classes)
	if s.src.labels != nil {
		for _, i := range s.index {
			var word [4]byte
			binary.LittleEndian.PutUint32(word[:], uint32(s.src.labels[i]))
			hash.Write(word[:])
		}
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

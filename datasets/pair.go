package datasets

import (
	"archive/zip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A side is one of the two domains of a split, as the folders of a pair are called: trainA, trainB, testA, testB.
type side struct {
	split  string
	second bool // B, domain Y
}

func (s side) String() string {
	if s.second {
		return s.split + "B"
	}
	return s.split + "A"
}

// parseSide reads "trainA"; ok is false for what does not end in A or B.
func parseSide(text string) (s side, ok bool) {
	split, first := strings.CutSuffix(text, "A")
	if !first {
		split, ok = strings.CutSuffix(text, "B")
		return side{split, true}, ok && split != ""
	}
	return side{split, false}, split != ""
}

// OpenPair opens the two domains of an unpaired translation, X (the folders trainA, testA) and Y (trainB, testB):
//
//   - a named pair, NAME or NAME:SPLIT (without a split: train), see [List]. In the test splits of the pairs that are
//     made here (glyphs, fashion-negative and its like) picture i of x and picture i of y show the same thing; their
//     train splits show different things;
//   - a folder or a zip that holds folders trainA and trainB, PATH or PATH:SPLIT: "photos:test" opens photos/testA and
//     photos/testB. The folders may lie in the only folder of a zip.
//
// One side can be had as a set of its own: [Open] takes "horse2zebra:testB" and "photos.zip:testB". Two sources of any
// other kind are opened one by one, for example the cats and dogs of AFHQ, whose authors give a zip:
// "afhq.zip:train/cat" and "afhq.zip:train/dog".
//
// The options hold for both domains. The error names what is missing. The caller closes both sets.
func OpenPair(src string, opts ...Option) (x, y *Set, err error) {
	root, split, err := findPair(src)
	if err != nil {
		return nil, nil, err
	}
	if x, err = Open(root+":"+split+"A", opts...); err != nil {
		return nil, nil, err
	}
	if y, err = Open(root+":"+split+"B", opts...); err != nil {
		return nil, nil, errors.Join(err, x.Close())
	}
	return x, y, nil
}

// IsPair reports whether src is for [OpenPair]: a named pair without a side, or a folder or zip that holds at least one
// of the folders trainA, trainB, testA and testB, or of those of the split that src names. Whether both are there, OpenPair
// says.
func IsPair(src string) bool {
	name, split, _ := strings.Cut(src, ":")
	if _, ok := findNamedPair(name); ok {
		_, isSide := parseSide(split)
		return !isSide
	}
	_, split, sides := pairSides(src)
	has := func(split string) bool {
		return slices.Contains(sides, split+"A") || slices.Contains(sides, split+"B")
	}
	if split == "train" || split == "test" {
		return has("train") || has("test")
	}
	return has(split) // not photos.zip:testB, which is one folder of it
}

// findPair finds what a pair is a split of, and checks that both sides are there.
func findPair(src string) (root, split string, err error) {
	name, split, _ := strings.Cut(src, ":")
	if pair, ok := findNamedPair(name); ok {
		if split == "" {
			split = "train"
		}
		if !slices.Contains(pair.splits, split) {
			return "", "", fmt.Errorf("datasets: the pair %s has no split %q: want %s", name, split, strings.Join(pair.splits, " or "))
		}
		return name, split, nil
	}
	root, split, sides := pairSides(src)
	a, b := slices.Contains(sides, split+"A"), slices.Contains(sides, split+"B")
	switch {
	case root == "":
		return "", "", fmt.Errorf("datasets: %s is no pair: want a folder or zip with the folders trainA and trainB, or one of %s",
			src, strings.Join(pairNames(), ", "))
	case a && b:
		return root, split, nil
	case a:
		return "", "", fmt.Errorf("datasets: %s has %sA and no %[2]sB", root, split)
	case b:
		return "", "", fmt.Errorf("datasets: %s has %sB and no %[2]sA", root, split)
	case len(sides) == 0:
		return "", "", fmt.Errorf("datasets: %s is no pair: it holds no folders %sA and %[2]sB", root, split)
	}
	return "", "", fmt.Errorf("datasets: %s has no split %s: there are the folders %s", root, split, strings.Join(sides, ", "))
}

// pairSides finds the folder or zip that src names, with or without a split, and lists the folders in it that may be
// sides. root is "" if there is none.
func pairSides(src string) (root, split string, sides []string) {
	split = "train"
	info, err := os.Stat(expandHome(src))
	if err != nil {
		cut := strings.LastIndexByte(src, ':')
		if cut < 0 {
			return "", "", nil
		}
		src, split = src[:cut], src[cut+1:]
		if info, err = os.Stat(expandHome(src)); err != nil {
			return "", "", nil
		}
	}
	list := zipFolders
	if info.IsDir() {
		list = folders
	} else if !strings.EqualFold(filepath.Ext(src), ".zip") {
		return "", "", nil
	}
	for _, name := range list(expandHome(src)) {
		if _, ok := parseSide(name); ok {
			sides = append(sides, name)
		}
	}
	return src, split, sides
}

// folders lists the folders in a folder, none if it cannot be read.
func folders(path string) (out []string) {
	entries, _ := os.ReadDir(path) // Open will say what is wrong with it
	for _, entry := range entries {
		if info, err := os.Stat(filepath.Join(path, entry.Name())); err == nil && info.IsDir() { // links count
			out = append(out, entry.Name())
		}
	}
	return out
}

// zipFolders lists the folders of pictures at the top of a zip and in the only one that is there, none if it cannot be
// read.
func zipFolders(path string) (out []string) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil // Open will say what is wrong with it
	}
	defer z.Close()
	found := map[string]bool{}
	top := onlyFolder(z.File)
	for _, entry := range z.File {
		if !isPicture(entry) {
			continue
		}
		for _, name := range []string{entry.Name, strings.TrimPrefix(entry.Name, top)} {
			if folder, _, ok := strings.Cut(name, "/"); ok && !found[folder] {
				found[folder] = true
				out = append(out, folder)
			}
		}
	}
	slices.Sort(out)
	return out
}

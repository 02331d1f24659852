package datasets

import (
	"bytes"
	"context"
	_ "embed" // for the pictures of fashion-mini
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gogan-ml/gogan/datasets/internal/fashion"
	"github.com/gogan-ml/gogan/internal/fetch"
	"github.com/gogan-ml/gogan/internal/home"
)

// The names of the sets that Open knows.
const (
	nameMini    = "fashion-mini"
	nameFashion = "fashion-mnist"
)

// namedSet returns what opens a split of a named set, nil if there is no set of that name.
func namedSet(name string) func(split string, c config) (*opened, error) {
	switch name {
	case nameMini:
		return openMini
	case nameFashion:
		return openFashion
	}
	if pair, ok := findNamedPair(name); ok {
		return pair.openSide
	}
	return nil
}

// Names returns the names of the sets that [Open] knows.
func Names() []string { return append([]string{nameMini, nameFashion}, pairNames()...) }

func namesOfSets() string { return strings.Join(Names(), ", ") }

// Info describes a named set.
type Info struct {
	Name                    string
	Pair                    bool        // two domains, for OpenPair; the splits are its sides
	Splits                  []SplitInfo // none of a pair that is to be downloaded and not here: what is in it counts
	Height, Width, Channels int         // of every picture; 0 for pairs that are downloaded
	Classes                 int
	Licence                 string
	Where                   string // "embedded", a folder, or what to do to get it
	Ready                   bool   // whether Open needs no download
}

// SplitInfo is a part of a named set.
type SplitInfo struct {
	Name string
	N    int // pictures
}

// List describes all named sets, without touching the network.
func List() []Info {
	out := listSingle()
	for _, p := range namedPairs() {
		out = append(out, p.info())
	}
	return out
}

// listSingle describes those that are no pairs.
func listSingle() []Info {
	mini := Info{Name: nameMini, Height: fashion.Side, Width: fashion.Side, Channels: 1, Classes: fashion.Classes,
		Licence: "MIT, (c) 2017 Zalando SE", Where: "embedded", Ready: true,
		Splits: []SplitInfo{{"train", fashion.Classes * fashion.MiniTrain}, {"test", fashion.Classes * fashion.MiniTest}}}
	whole := mini
	whole.Name, whole.Splits = nameFashion, nil
	for _, name := range []string{"train", "test"} {
		split, _ := fashion.SplitOf(name)
		whole.Splits = append(whole.Splits, SplitInfo{name, split.N})
	}
	whole.Where, whole.Ready = fashionPlaces().where()
	return []Info{mini, whole}
}

// Fetch makes sure that a named set (with or without a split, of which all are fetched) is on this machine, and
// downloads what is missing, with several mirrors, going on where an earlier call was broken off, and with the content
// checked by SHA-256. progress may be nil. The error names the file that is missing and where to put it by hand.
func Fetch(ctx context.Context, name string, progress Progress) error {
	name, _, _ = strings.Cut(name, ":")
	switch name {
	case nameMini:
		return nil // embedded
	case nameFashion:
		for _, split := range []string{"train", "test"} {
			if _, _, err := fashionPlaces().read(ctx, split, progress); err != nil {
				return err
			}
		}
		return nil
	}
	if pair, ok := findNamedPair(name); ok {
		return pair.fetch(ctx, progress)
	}
	return fmt.Errorf("datasets: there is no data set %q: there are %s", name, namesOfSets())
}

func unknownSplit(set, split string) error {
	return fmt.Errorf("datasets: %s has no split %q: want %s:train or %s:test", set, split, set, set)
}

// The SHA-256 of the pixels of fashion-mini, as datasets/internal/makemini prints them.
const (
	miniTrainSHA256 = "42c98d1edf0167333bae4d32eebf75ce2f0ca8a72fadf723d1e18354bca8d538"
	miniTestSHA256  = "a9a3fef60943d6c23d218c668ff2a8e2537003dbf7a653b962a95bcf38a209bb"
)

//go:embed embedded/fashion-mini-train.png
var miniTrainPNG []byte

//go:embed embedded/fashion-mini-test.png
var miniTestPNG []byte

// The pixels are unpacked once in a process; nobody changes them.
var (
	miniTrain = sync.OnceValues(func() ([]byte, error) { return unpackMini(miniTrainPNG, "train") })
	miniTest  = sync.OnceValues(func() ([]byte, error) { return unpackMini(miniTestPNG, "test") })
)

func unpackMini(data []byte, split string) ([]byte, error) {
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	mosaic, ok := img.(*image.Gray)
	if !ok {
		return nil, fmt.Errorf("the mosaic is a %T", img)
	}
	return fashion.FromMosaic(mosaic, fashion.Classes*fashion.MiniPerClass(split))
}

// openMini opens the embedded set: 12,000 and 2,000 pictures of 28x28 pixels, of which picture i has the class i mod 10.
func openMini(split string, _ config) (*opened, error) {
	unpack, sum := miniTrain, miniTrainSHA256
	switch split {
	case "train":
	case "test":
		unpack, sum = miniTest, miniTestSHA256
	default:
		return nil, unknownSplit(nameMini, split)
	}
	pixels, err := unpack()
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", nameMini, err)
	}
	labels := make([]byte, len(pixels)/fashion.Pixels)
	for i := range labels {
		labels[i] = byte(i % fashion.Classes)
	}
	return fashionSource(nameMini+":"+split, pixels, labels, sum), nil
}

// openFashion opens the whole set.
func openFashion(split string, c config) (*opened, error) {
	files, ok := fashion.SplitOf(split)
	if !ok {
		return nil, unknownSplit(nameFashion, split)
	}
	pixels, labels, err := fashionPlaces().read(c.ctx, split, c.progress)
	if err != nil {
		return nil, err
	}
	return fashionSource(nameFashion+":"+split, pixels, labels, files.Images.SHA256+" "+files.Labels.SHA256), nil
}

func fashionSource(name string, pixels, labels []byte, identity string) *opened {
	src := &arrays{name: name, pix: pixels, n: len(labels), h: fashion.Side, w: fashion.Side, c: 1, identity: identity}
	out := &opened{source: src, name: name, classes: fashion.ClassNames(), labels: make([]int32, len(labels))}
	for i, class := range labels {
		out.labels[i] = int32(class)
	}
	return out
}

// places are where the files of Fashion-MNIST may be.
type places struct {
	cache, debian string   // folders
	mirrors       []string // URLs to be followed by a name
	options       *fetch.Options
}

func fashionPlaces() places {
	return places{home.Join("data", nameFashion), fashion.DebianDir, fashion.Mirrors(), nil}
}

// where says in words where the files are, without reading them.
func (p places) where() (string, bool) {
	for _, dir := range []string{p.cache, p.debian} {
		all := true
		for _, name := range []string{"train", "test"} {
			split, _ := fashion.SplitOf(name)
			for _, f := range []fashion.File{split.Images, split.Labels} {
				_, err := os.Stat(filepath.Join(dir, f.Name))
				all = all && err == nil
			}
		}
		if all {
			return dir, true
		}
	}
	return "not on this machine: gogan data fetch " + nameFashion, false
}

// read gives the pixels and labels of a split.
func (p places) read(ctx context.Context, split string, progress Progress) (pixels, labels []byte, err error) {
	files, _ := fashion.SplitOf(split)
	if pixels, err = p.readFile(ctx, files.Images, progress); err != nil {
		return nil, nil, err
	}
	if labels, err = p.readFile(ctx, files.Labels, progress); err != nil {
		return nil, nil, err
	}
	return pixels, labels, nil
}

// readFile takes a file from the cache, from Debian's package, or from a mirror.
func (p places) readFile(ctx context.Context, f fashion.File, progress Progress) ([]byte, error) {
	damaged := ""
	for _, dir := range []string{p.cache, p.debian} {
		data, err := f.Read(dir)
		if err == nil {
			return data, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			damaged += err.Error() + "; "
		}
	}
	if err := p.download(ctx, f, progress); err != nil {
		return nil, fmt.Errorf("datasets: %s is neither in %s nor in %s and could not be downloaded (%s%w): put the file into %s, or install Debian's dataset-fashion-mnist, or use %s, which is embedded",
			f.Name, p.cache, p.debian, damaged, err, p.cache, nameMini)
	}
	data, err := f.Read(p.cache)
	if err != nil {
		return nil, fmt.Errorf("datasets: %w", err)
	}
	return data, nil
}

// maxFashionFile bounds a transfer and what it unpacks to: the largest content has 47,040,016 bytes.
const maxFashionFile = 48 << 20

func (p places) download(ctx context.Context, f fashion.File, progress Progress) error {
	wanted := fetch.File{Path: filepath.Join(p.cache, f.Name), SHA256: f.SHA256, Gzip: true, MaxBytes: maxFashionFile}
	for _, mirror := range p.mirrors {
		wanted.URLs = append(wanted.URLs, mirror+f.Name)
	}
	var opt fetch.Options
	if p.options != nil {
		opt = *p.options
	}
	opt.Progress = progress
	return fetch.Get(ctx, wanted, &opt)
}

package datasets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/datasets/internal/glyphs"
)

const nameGlyphs = "glyphs"

// A namedPair is a pair of domains that Open and OpenPair know by its name.
type namedPair struct {
	name   string
	splits []string // what OpenPair takes
	open   func(s side, c config) (*opened, error)
	fetch  func(ctx context.Context, progress Progress) error
	info   func() Info
}

// namedPairs are all of them, in the order of List.
func namedPairs() []namedPair {
	splits := []string{"train", "test"}
	pairs := []namedPair{{nameGlyphs, splits, openGlyphs, func(context.Context, Progress) error { return nil }, glyphsInfo}}
	for _, base := range []string{nameMini, nameFashion} {
		for _, f := range fashionPairs {
			name := strings.TrimSuffix(base, "-mini") + "-" + f.kind
			pairs = append(pairs, namedPair{name, splits,
				func(s side, c config) (*opened, error) { return f.open(name, base, s, c) },
				func(ctx context.Context, progress Progress) error { return Fetch(ctx, base, progress) },
				func() Info { return f.info(name, base) }})
		}
	}
	for _, a := range cycleGANSets() {
		pairs = append(pairs, namedPair{a.name, splits, a.open, a.fetch, a.info})
	}
	return pairs
}

// findNamedPair returns the pair of a name.
func findNamedPair(name string) (namedPair, bool) {
	pairs := namedPairs()
	i := slices.IndexFunc(pairs, func(p namedPair) bool { return p.name == name })
	if i < 0 {
		return namedPair{}, false
	}
	return pairs[i], true
}

// pairNames lists the named pairs.
func pairNames() []string {
	var names []string
	for _, p := range namedPairs() {
		names = append(names, p.name)
	}
	return names
}

// openSide opens what Open is asked for: one side of a pair as a set of its own.
func (p namedPair) openSide(text string, c config) (*opened, error) {
	s, ok := parseSide(text)
	if !ok || !slices.Contains(p.splits, s.split) {
		return nil, fmt.Errorf("datasets: %s is a pair of domains: give one side of it, %[1]s:trainA, trainB, testA or testB", p.name)
	}
	return p.open(s, c)
}

func glyphsInfo() Info {
	return Info{Name: nameGlyphs, Pair: true, Height: glyphsSize, Width: glyphsSize, Channels: 3, Classes: len(glyphs.Letters),
		Licence: "fonts Liberation Serif (SIL OFL 1.1) and Go Bold (BSD)", Where: "made by code", Ready: true,
		Splits: []SplitInfo{{"trainA", glyphsTrain}, {"trainB", glyphsTrain}, {"testA", glyphsTest}, {"testB", glyphsTest}}}
}

// info describes what is made of a base.
func (f fashionPair) info(name, base string) Info {
	var out Info
	for _, info := range listSingle() {
		if info.Name == base {
			out = info
		}
	}
	train, test := out.Splits[0].N, out.Splits[1].N
	out.Name, out.Pair, out.Channels = name, true, f.channels
	out.Splits = []SplitInfo{{"trainA", train / 2}, {"trainB", train - train/2}, {"testA", test}, {"testB", test}}
	if out.Ready {
		out.Where = "made of " + base
	}
	return out
}

// info describes an archive: what is in it only when it is on this machine.
func (a archive) info() Info {
	out := Info{Name: a.name, Pair: true, Licence: a.licence, Where: a.where(), Ready: a.ready()}
	if out.Ready {
		splits, err := a.splits()
		if err != nil {
			out.Where, out.Ready = err.Error(), false
		}
		out.Splits = splits
	}
	return out
}

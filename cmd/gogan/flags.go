package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gogan-ml/gogan/gan/run"
)

// seedList is the value of --seeds, in the order written.
type seedList struct {
	text  string
	seeds []int64
}

// maxSeeds bounds a list, so that a slip of the finger is an error and not a full memory.
const maxSeeds = 10_000_000

func (s *seedList) String() string { return s.text }
func (s *seedList) Type() string   { return "SEEDS" }

// Set reads numbers and ranges with both ends included: "0-63", "7", "1,5,10-12".
func (s *seedList) Set(text string) error {
	var seeds []int64
	known := map[int64]bool{}
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.ParseUint(first, 10, 63)
		if err != nil {
			return seedSyntax(text)
		}
		to, err := strconv.ParseUint(last, 10, 63)
		if err != nil || to < from {
			return seedSyntax(text)
		}
		if to-from >= maxSeeds || len(seeds)+int(to-from) >= maxSeeds {
			return fmt.Errorf("more than %d seeds", maxSeeds)
		}
		for seed := int64(from); seed <= int64(to); seed++ {
			if known[seed] {
				return fmt.Errorf("seed %d is named twice", seed)
			}
			known[seed] = true
			seeds = append(seeds, seed)
			if seed == int64(to) {
				break // to may be the largest int64
			}
		}
	}
	s.text, s.seeds = text, seeds
	return nil
}

func seedSyntax(text string) error {
	return fmt.Errorf("%q is no list of seeds; write 7, 0-63 or 1,5,10-12", text)
}

// paper is the length that the preset's paper trained for.
const paper = "paper"

// length is the value of --until: a number of images, or the paper's.
type length struct {
	text string
	img  int64 // 0: the paper's
}

func (l *length) String() string { return l.text }
func (l *length) Type() string   { return "IMAGES" }

// Set reads "500", "2k", "1.5k", "1m" or "paper".
func (l *length) Set(text string) error {
	if text == paper {
		*l = length{text: text}
		return nil
	}
	img, err := run.ParseImg(text)
	if err != nil || img <= 0 {
		return fmt.Errorf("%q is no number of images; write 500, 20k, 1m or paper", text)
	}
	*l = length{text: text, img: img}
	return nil
}

// imageCount is the value of a flag that is a number of images and has no other meaning.
type imageCount struct {
	text string
	n    int64
}

func (c *imageCount) String() string { return c.text }
func (c *imageCount) Type() string   { return "IMAGES" }

// Set reads "500", "2k", "1.5k" or "1m".
func (c *imageCount) Set(text string) error {
	n, err := run.ParseImg(text)
	if err != nil || n <= 0 {
		return fmt.Errorf("%q is no number of images; write 500, 20k or 1m", text)
	}
	*c = imageCount{text, n}
	return nil
}

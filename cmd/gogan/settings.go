package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/imaging"
)

// A dataSetting is a field of --set that says how the data is read, not how the model is trained.
type dataSetting struct {
	name, help string
	option     func(value string) (datasets.Option, error)
}

// dataSettings are applied in the order in which they are given, and are part of the data's fingerprint in config.json.
var dataSettings = []dataSetting{
	{"crop", "the square of so many pixels in the middle", sizeOption(datasets.WithCrop)},
	{"resize", "so many pixels a side; resize=64:box takes another filter than lanczos", filterOption(datasets.WithResize)},
	{"short_side", "so many pixels for the shorter side, proportions kept", filterOption(datasets.WithShortSide)},
	{"width", "so many pixels wide, proportions kept", filterOption(datasets.WithWidth)},
	{"pad", "black around the picture up to so many pixels a side", sizeOption(datasets.WithPad)},
	{"flip", "true adds the mirror image of every picture", choiceOption(map[string]datasets.Option{
		"true": datasets.WithFlip(), "false": nil})},
	{"random_crop", "a square of so many pixels at a random place, after all else", sizeOption(datasets.WithRandomCrop)},
	{"random_flip", "true mirrors every picture with probability 1/2", choiceOption(map[string]datasets.Option{
		"true": datasets.WithRandomFlip(), "false": nil})},
	{"size", "so many pixels a side of pictures that are drawn (glyphs)", sizeOption(datasets.WithSize)},
	{"unreadable", "fail, or skip to leave out files that cannot be decoded", choiceOption(map[string]datasets.Option{
		"fail": datasets.WithPolicy(datasets.Fail), "skip": datasets.WithPolicy(datasets.Skip)})},
}

// sizeOption reads "178".
func sizeOption(with func(int) datasets.Option) func(string) (datasets.Option, error) {
	return func(value string) (datasets.Option, error) {
		size, err := strconv.Atoi(value)
		if err != nil || size < 1 {
			return nil, fmt.Errorf("%q is no number of pixels", value)
		}
		return with(size), nil
	}
}

// filterOption reads "64" or "64:bicubic".
func filterOption(with func(int, imaging.Filter) datasets.Option) func(string) (datasets.Option, error) {
	return func(value string) (datasets.Option, error) {
		size, name, found := strings.Cut(value, ":")
		filter := imaging.Lanczos
		if found {
			var err error
			if filter, err = imaging.ParseFilter(name); err != nil {
				return nil, err
			}
		}
		return sizeOption(func(n int) datasets.Option { return with(n, filter) })(size)
	}
}

// choiceOption reads one of a few words.
func choiceOption(choices map[string]datasets.Option) func(string) (datasets.Option, error) {
	return func(value string) (datasets.Option, error) {
		option, found := choices[value]
		if !found {
			return nil, fmt.Errorf("%q is none of %s", value, strings.Join(slices.Sorted(maps.Keys(choices)), ", "))
		}
		return option, nil
	}
}

// recorded are the fields of a config that say what a run was given; setting them would make them lie.
var recorded = []string{"preset", "data", "data_sha256", "data_x", "data_y", "data_x_sha256", "data_y_sha256", "networks",
	"lowering_table", "versions"}

// A settable is the config of a family of models.
type settable interface {
	Set(field, value string) error
}

// applySettings changes cfg by the field=value pairs of --set, and returns the options of the data among them. The fields own
// are the config's, though settings of the data are called so too.
func applySettings(cfg settable, settings []string, own ...string) ([]datasets.Option, error) {
	var options []datasets.Option
	for _, setting := range settings {
		field, value, found := strings.Cut(setting, "=")
		if !found {
			return nil, fmt.Errorf("--set %s: write it as field=value", setting)
		}
		if slices.Contains(recorded, field) {
			return nil, fmt.Errorf("--set %s: %s only records what the run was given", setting, field)
		}
		i := slices.IndexFunc(dataSettings, func(s dataSetting) bool { return s.name == field && !slices.Contains(own, field) })
		if i < 0 {
			if err := cfg.Set(field, value); err != nil {
				return nil, fmt.Errorf("--set %s: %w", setting, err)
			}
			continue
		}
		option, err := dataSettings[i].option(value)
		if err != nil {
			return nil, fmt.Errorf("--set %s: %w", setting, err)
		}
		if option != nil {
			options = append(options, option)
		}
	}
	return options, nil
}

// withChannels makes the data have the channels of a config, a field of both; 0: as it comes.
func withChannels(options []datasets.Option, channels int) []datasets.Option {
	if channels == 0 {
		return options
	}
	return append(options, datasets.WithChannels(channels))
}

package figures

import (
	"fmt"
	"image"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/gan/run"
)

// FileName is a row as the name of a file, without its extension: lower case, with "-" for what is no letter or digit.
func FileName(row string) string {
	return strings.Trim(regexp.MustCompile(`[^a-z0-9.]+`).ReplaceAllString(strings.ToLower(row), "-"), "-")
}

// At returns a value after some steps, on the straight line between the moments around, and whether it was measured up to
// there.
func (t Trial) At(name string, steps float64) (float64, bool) {
	for i, p := range t.Over {
		if float64(p.Steps) < steps {
			continue
		}
		if i == 0 {
			return p.Values[name], true
		}
		before := t.Over[i-1]
		share := (steps - float64(before.Steps)) / float64(p.Steps-before.Steps)
		return before.Values[name] + share*(p.Values[name]-before.Values[name]), true
	}
	return 0, false
}

// Reached returns the steps after which a value is low for the first time, on the straight line between two moments, and
// whether it ever is.
func (t Trial) Reached(name string, low float64) (float64, bool) {
	for i, p := range t.Over {
		v := p.Values[name]
		if v > low {
			continue
		}
		if i == 0 {
			return float64(p.Steps), true
		}
		before := t.Over[i-1]
		share := (before.Values[name] - low) / (before.Values[name] - v)
		return float64(before.Steps) + share*float64(p.Steps-before.Steps), true
	}
	return 0, false
}

// rowsOf lists the rows of trials in the order of their first.
func rowsOf(trials []Trial) []string {
	var rows []string
	for _, t := range trials {
		if !slices.Contains(rows, t.Row) {
			rows = append(rows, t.Row)
		}
	}
	return rows
}

// Only returns the trials of some rows, in the order of the rows.
func Only(trials []Trial, rows ...string) []Trial {
	var out []Trial
	for _, row := range rows {
		out = append(out, Of(trials, row)...)
	}
	return out
}

// Finals is a table of trainings on pictures: the score fd_fashion_cnn at their start and end, its share that was left, what
// was found in the logs, and what it took. ± is the standard deviation between seeds. Means are over the trainings that did
// not break.
func Finals(trials []Trial) (Table, error) {
	table := Table{Header: []string{"row", "seeds", "images", "fd at the start", "fd at the end", "left", "found in the log", "minutes each"}}
	for _, row := range rowsOf(trials) {
		var whole []Trial
		var found []string
		minutes := 0.0
		all := Of(trials, row)
		for _, t := range all {
			minutes += t.Seconds / 60 / float64(len(all))
			if t.Broke > 0 {
				found = append(found, fmt.Sprintf("seed %d: not a number at %s", t.Seed, run.RoundImg(t.Broke)))
				continue
			}
			whole = append(whole, t)
			for _, f := range t.Findings {
				kind, _, _ := strings.Cut(f, ":")
				found = append(found, fmt.Sprintf("seed %d: %s", t.Seed, kind))
			}
		}
		cells := []string{row, fmt.Sprint(len(all)), run.RoundImg(all[0].Steps), "", "", ""}
		if len(whole) > 0 {
			start, _, err := Spread(whole, "start")
			if err != nil {
				return Table{}, err
			}
			end, sd, err := Spread(whole, "fd")
			if err != nil {
				return Table{}, err
			}
			cells = []string{row, fmt.Sprint(len(all)), run.RoundImg(whole[0].Steps), fmt.Sprintf("%.4g", start), plusMinus(end, sd),
				fmt.Sprintf("%.0f %%", 100*end/start)}
		}
		table.Rows = append(table.Rows, append(cells, strings.Join(found, "; "), fmt.Sprintf("%.1f", minutes)))
	}
	return table, nil
}

// plusMinus prints a mean with its spread, if there is one.
func plusMinus(mean, sd float64) string {
	if sd == 0 {
		return fmt.Sprintf("%.3g", mean)
	}
	return fmt.Sprintf("%.3g ± %.2g", mean, sd)
}

// Reaching is a table of what it takes to come down to a score: the images, and the time as a multiple of what a thousand
// images of the reference take. Means over the seeds; "-" where a seed did not come so far.
func Reaching(trials []Trial, costs []Cost, low float64) Table {
	table := Table{Header: []string{"row", "img/s", "time per image", fmt.Sprintf("images to fd %.4g", low), "time to it"}}
	for _, row := range rowsOf(trials) {
		i := slices.IndexFunc(costs, func(c Cost) bool { return c.Row == row })
		if i < 0 {
			continue
		}
		all, sum, reached := Of(trials, row), 0.0, true
		for _, t := range all {
			steps, ok := t.Reached("fd", low)
			reached = reached && ok
			sum += steps / float64(len(all))
		}
		cells := []string{row, fmt.Sprintf("%.0f", costs[i].ImgPerSec), fmt.Sprintf("%.2f", costs[i].Relative), "-", "-"}
		if reached {
			cells[3], cells[4] = run.RoundImg(int64(sum)), fmt.Sprintf("%.1f", sum/float64(run.Kimg)*costs[i].Relative)
		}
		table.Rows = append(table.Rows, cells)
	}
	return table
}

// OverImages returns for each row the mean of a value over its seeds, over the thousand images shown; with costs over their
// time, in units of the time of a thousand images of the reference.
func OverImages(trials []Trial, name string, costs []Cost) []Series {
	series := OverSteps(trials, name)
	for i, s := range series {
		unit := 1 / float64(run.Kimg)
		if k := slices.IndexFunc(costs, func(c Cost) bool { return c.Row == s.Name }); k >= 0 {
			unit *= costs[k].Relative
		}
		for j := range s.X {
			series[i].X[j] *= unit
		}
	}
	return series
}

// Strips shows what some rows of an experiment drew at their end, from the pictures in its directory, whose tiles have side
// pixels. Rows without a picture are left out; it returns an error if none has one.
func Strips(dir string, side int, rows ...string) (image.Image, error) {
	var labels []string
	var tiles [][]image.Image
	for _, row := range rows {
		img, err := run.ReadSample(filepath.Join(dir, FileName(row)+".png"))
		if err != nil {
			continue // a row that broke has none
		}
		part, ok := img.(interface {
			SubImage(r image.Rectangle) image.Image
		})
		if !ok {
			return nil, fmt.Errorf("figures: the picture of %s cannot be cut", row)
		}
		var line []image.Image
		for x := 0; x+side <= img.Bounds().Dx(); x += side + runGap {
			line = append(line, part.SubImage(image.Rect(x, 0, x+side, side)))
		}
		labels, tiles = append(labels, row), append(tiles, line)
	}
	return Rows(labels, tiles)
}

package figures

import (
	"fmt"
	"math"
)

// seen is how many standard deviations of the floor a value must be away from its mean to be noticed: with some ten draws
// of untouched pictures, chance alone goes that far about once in a thousand comparisons.
const seen = 5

// floor is what a measure says of pictures that nothing is wrong with.
type floor struct{ mean, std float64 }

// floorOf returns mean and standard deviation over the draws, whose number less 1 divides.
func floorOf(draws Doses, m measure) (floor, error) {
	values, err := draws.values(m)
	if err != nil {
		return floor{}, err
	}
	if len(values) < 2 {
		return floor{}, fmt.Errorf("figures: %d draw of untouched pictures does not tell how much scores vary; want 2 or more", len(values))
	}
	var f floor
	for _, v := range values {
		f.mean += v / float64(len(values))
	}
	for _, v := range values {
		f.std += (v - f.mean) * (v - f.mean) / float64(len(values)-1)
	}
	f.std = math.Sqrt(f.std)
	return f, nil
}

// band returns the range of values that are not noticed.
func (f floor) band() (low, high float64) { return f.mean - seen*f.std, f.mean + seen*f.std }

// judge returns 1 if a measure finds a value worse than untouched pictures, -1 if it finds it better, 0 if it does not
// notice.
func (f floor) judge(m measure, value float64) int {
	low, high := f.band()
	switch {
	case value >= low && value <= high:
		return 0
	case m.both || (value < low) == m.higher:
		return 1
	}
	return -1
}

// verdict says from which dose on a measure sees a distortion: the first one from which on it finds every dose worse. If
// it never does, it misses the distortion, or praises the last dose.
func verdict(d Doses, m measure, f floor) (string, error) {
	values, err := d.values(m)
	if err != nil {
		return "", err
	}
	first := len(values)
	for first > 1 && f.judge(m, values[first-1]) > 0 {
		first--
	}
	switch {
	case first < len(values):
		return "from " + d.Doses[first].Label, nil
	case f.judge(m, values[len(values)-1]) < 0:
		return "praises", nil
	}
	return "misses", nil
}

// Verdicts returns a table of what each measure sees of distortions, from their files and the floor's in a directory:
// "from X" names the first dose from which on the value is worse than the mean of untouched pictures by more than five of
// their standard deviations (of the nearest real: off to either side); "praises" means that the last dose is better by as
// much, and "misses" that it is neither.
func Verdicts(dir string, names ...string) (Table, error) {
	draws, err := ReadDoses(dir, floorName)
	if err != nil {
		return Table{}, err
	}
	table := Table{Header: []string{"distortion (dose)"}}
	for _, m := range measures {
		table.Header = append(table.Header, m.title)
	}
	for _, name := range names {
		d, err := ReadDoses(dir, name)
		if err != nil {
			return Table{}, err
		}
		row := []string{fmt.Sprintf("%s (%s)", d.Title, d.Unit)}
		for _, m := range measures {
			f, err := floorOf(draws, m)
			if err != nil {
				return Table{}, err
			}
			v, err := verdict(d, m, f)
			if err != nil {
				return Table{}, err
			}
			row = append(row, v)
		}
		table.Rows = append(table.Rows, row)
	}
	return table, nil
}

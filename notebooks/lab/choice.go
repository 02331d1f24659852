package lab

import (
	"math/rand/v2"
	"slices"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// Halves gives a share of the pictures the lower half of another picture of their class.
func Halves(shares ...float64) Distortion {
	return Distortion{"halves", "Swapped halves", "share", append([]float64{0}, shares...), percent,
		func(src Source, share float64) (*Pictures, error) {
			p, err := src.Untouched()
			if err != nil {
				return nil, err
			}
			next := make([]int, p.Len()) // the picture of the same class that follows
			last := map[int]int{}
			for i := range 2 * p.Len() {
				label := p.Labels[i%p.Len()]
				if before, ok := last[label]; ok {
					next[before] = i % p.Len()
				}
				last[label] = i % p.Len()
			}
			return p.each(func(i int, m *imaging.Image8) *imaging.Image8 {
				if !chosen(src.Seed, i, share) {
					return m
				}
				half := m.H / 2 * m.W * m.C
				return &imaging.Image8{H: m.H, W: m.W, C: m.C, Pix: slices.Concat(m.Pix[:half], p.Images[next[i]].Pix[half:])}
			}), nil
		}}
}

// DropClasses leaves out the classes with the highest numbers; other pictures of the rest take their places.
func DropClasses(counts ...float64) Distortion {
	return Distortion{"drop", "Classes left out", "number", append([]float64{0}, counts...), plain,
		func(src Source, count float64) (*Pictures, error) {
			first := slices.Max(src.Others.Labels) + 1 - int(count)
			return src.Others.draw(src.random(), src.N, func(class int) bool { return class < first })
		}}
}

// Repeat shows few different pictures again and again, of every class as many as can be, each as often as the others. The
// first dose is N.
func Repeat(n int, different ...float64) Distortion {
	return Distortion{"repeat", "Few, repeated", "different pictures", append([]float64{float64(n)}, different...), plain,
		func(src Source, different float64) (*Pictures, error) {
			p, err := src.Untouched()
			if err != nil {
				return nil, err
			}
			few := p.Choose(evenly(p.Labels, int(different)))
			var indices []int
			for i := range src.N {
				indices = append(indices, i*few.Len()/src.N)
			}
			return few.Choose(indices), nil
		}}
}

// evenly returns the indices of n labels, which takes turns among the classes as long as they last.
func evenly(labels []int, n int) []int {
	byClass := map[int][]int{}
	for i, label := range labels {
		byClass[label] = append(byClass[label], i)
	}
	var out []int
	for turn := 0; len(out) < min(n, len(labels)); turn++ {
		for class := range slices.Max(labels) + 1 {
			if turn < len(byClass[class]) && len(out) < n {
				out = append(out, byClass[class][turn])
			}
		}
	}
	return out
}

// Copies takes a share of the pictures from the reals themselves, as a model does that has learned them by heart.
func Copies(shares ...float64) Distortion {
	return Distortion{"copies", "Copies of reals", "share", append([]float64{0}, shares...), percent,
		func(src Source, share float64) (*Pictures, error) {
			random := src.random()
			p, err := src.Others.draw(random, src.N, anyClass)
			if err != nil {
				return nil, err
			}
			copies, err := src.Reals.draw(random, src.N, anyClass)
			if err != nil {
				return nil, err
			}
			indices := make([]int, src.N)
			for i := range indices {
				indices[i] = i
				if chosen(src.Seed, i, share) {
					indices[i] += src.N
				}
			}
			return p.And(copies).Choose(indices), nil
		}}
}

// chosen decides whether picture i is one of a share of the pictures. Those of a smaller share are among them.
func chosen(seed uint64, i int, share float64) bool {
	return rand.New(rand.NewPCG(seed, uint64(i)+1)).Float64() < share
}

package lab

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// A Distortion takes pictures and spoils them, or their choice, by degrees. The result of a dose is a function of the
// source and the seed alone.
type Distortion struct {
	Name  string    // of its file: "noise"
	Title string    // "Gaussian noise"
	Unit  string    // what a dose is: "σ in grey levels"
	Doses []float64 // the first one spoils nothing
	Label func(dose float64) string
	Apply func(src Source, dose float64) (*Pictures, error)
}

// Ends returns the distortion with its first and its last dose alone.
func (d Distortion) Ends() Distortion {
	d.Doses = []float64{d.Doses[0], d.Doses[len(d.Doses)-1]}
	return d
}

// plain writes a dose as a number.
func plain(dose float64) string { return fmt.Sprintf("%g", dose) }

// percent writes a dose from 0 to 1 as a percentage.
func percent(dose float64) string { return fmt.Sprintf("%g%%", 100*dose) }

// pixels makes a distortion that changes every picture by itself. random is the picture's own, the same for every dose.
func pixels(name, title, unit string, doses []float64,
	change func(m *imaging.Image8, dose float64, random *rand.Rand) *imaging.Image8) Distortion {
	return Distortion{name, title, unit, append([]float64{0}, doses...), plain, func(src Source, dose float64) (*Pictures, error) {
		p, err := src.Untouched()
		if err != nil || dose == 0 {
			return p, err
		}
		return p.each(func(i int, m *imaging.Image8) *imaging.Image8 {
			return change(m, dose, rand.New(rand.NewPCG(src.Seed, uint64(i)+1)))
		}), nil
	}}
}

// Noise adds normal noise of a standard deviation in grey levels to every sample; what leaves 0 to 255 is clipped.
func Noise(deviations ...float64) Distortion {
	return pixels("noise", "Gaussian noise", "σ in grey levels", deviations,
		func(m *imaging.Image8, sigma float64, random *rand.Rand) *imaging.Image8 {
			out := imaging.NewImage8(m.H, m.W, m.C)
			for i, v := range m.Pix {
				out.Pix[i] = level(float64(v) + sigma*random.NormFloat64())
			}
			return out
		})
}

// level rounds to a sample.
func level(v float64) uint8 { return uint8(math.Round(min(max(v, 0), 255))) }

// Blur convolves pictures with a Gaussian of a standard deviation in pixels. What lies outside a picture is its edge.
func Blur(deviations ...float64) Distortion {
	return pixels("blur", "Gaussian blur", "σ in pixels", deviations,
		func(m *imaging.Image8, sigma float64, _ *rand.Rand) *imaging.Image8 { return blur(m, sigma) })
}

func blur(m *imaging.Image8, sigma float64) *imaging.Image8 {
	radius := int(math.Ceil(3 * sigma))
	kernel := make([]float64, 2*radius+1)
	sum := 0.0
	for k := range kernel {
		t := float64(k-radius) / sigma
		kernel[k] = math.Exp(-t * t / 2)
		sum += kernel[k]
	}
	for k := range kernel {
		kernel[k] /= sum
	}
	rows := make([]float64, len(m.Pix)) // blurred along x
	out := imaging.NewImage8(m.H, m.W, m.C)
	for y := range m.H {
		for x := range m.W {
			for c := range m.C {
				v := 0.0
				for k, weight := range kernel {
					at := min(max(x+k-radius, 0), m.W-1)
					v += weight * float64(m.Pix[(y*m.W+at)*m.C+c])
				}
				rows[(y*m.W+x)*m.C+c] = v
			}
		}
	}
	line := m.W * m.C
	for y := range m.H {
		for i := range line {
			v := 0.0
			for k, weight := range kernel {
				v += weight * rows[min(max(y+k-radius, 0), m.H-1)*line+i]
			}
			out.Pix[y*line+i] = level(v)
		}
	}
	return out
}

// Shift moves pictures to the right and down by whole pixels; what comes in is black.
func Shift(distances ...float64) Distortion {
	return pixels("shift", "Shift", "pixels", distances,
		func(m *imaging.Image8, distance float64, _ *rand.Rand) *imaging.Image8 {
			out, by := imaging.NewImage8(m.H, m.W, m.C), int(distance)
			for y := by; y < m.H; y++ {
				copy(out.Pix[(y*m.W+by)*m.C:(y+1)*m.W*m.C], m.Pix[(y-by)*m.W*m.C:((y-by+1)*m.W-by)*m.C])
			}
			return out
		})
}

// Mirror mirrors a share of the pictures left to right.
func Mirror(shares ...float64) Distortion {
	d := pixels("mirror", "Mirrored", "share", shares,
		func(m *imaging.Image8, share float64, random *rand.Rand) *imaging.Image8 {
			if random.Float64() >= share {
				return m
			}
			return imaging.FlipX(m)
		})
	d.Label = percent
	return d
}

// JPEG writes pictures as JPEG of a quality from 100 to 1 with Go's encoder and reads them again.
func JPEG(qualities ...float64) Distortion {
	d := pixels("jpeg", "JPEG", "quality", qualities,
		func(m *imaging.Image8, quality float64, _ *rand.Rand) *imaging.Image8 {
			var file bytes.Buffer
			err := jpeg.Encode(&file, m.Image(), &jpeg.Options{Quality: int(quality)})
			if err == nil {
				if img, decodeErr := imaging.Decode(&file); decodeErr == nil {
					return imaging.ToImage8(img, m.C)
				} else {
					err = decodeErr
				}
			}
			panic(fmt.Sprintf("lab: a JPEG in memory: %v", err)) // nothing outside can make it fail
		})
	d.Label = func(quality float64) string {
		if quality == 0 {
			return "off"
		}
		return plain(quality)
	}
	return d
}

package lab

import (
	"fmt"
	"image"
	"iter"
	"math/rand/v2"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/imaging"
)

// Pictures are pictures in memory with their classes. *Pictures are metrics.Images.
type Pictures struct {
	Title  string
	Images []*imaging.Image8 // not changed by anything here
	Labels []int             // the class of each, -1 without
}

// Read decodes the pictures from, from+1, ..., to-1 of a data set.
func Read(data *datasets.Set, from, to int) (*Pictures, error) {
	p := &Pictures{Title: data.Name()}
	for i := from; i < to; i++ {
		img, label, err := data.At(i)
		if err != nil {
			return nil, fmt.Errorf("lab: %w", err)
		}
		p.Images = append(p.Images, imaging.ToImage8(img, imaging.Channels(img)))
		p.Labels = append(p.Labels, label)
	}
	return p, nil
}

// Name returns the title, which scores name the pictures by.
func (p *Pictures) Name() string { return p.Title }

// Len returns the number of pictures.
func (p *Pictures) Len() int { return len(p.Images) }

// All yields the pictures in order.
func (p *Pictures) All() iter.Seq2[image.Image, error] {
	return func(yield func(image.Image, error) bool) {
		for _, m := range p.Images {
			if !yield(m.Image(), nil) {
				return
			}
		}
	}
}

// Show returns the first n pictures, to show.
func (p *Pictures) Show(n int) []image.Image {
	var out []image.Image
	for _, m := range p.Images[:min(n, len(p.Images))] {
		out = append(out, m.Image())
	}
	return out
}

// And returns the pictures followed by others.
func (p *Pictures) And(others *Pictures) *Pictures {
	return &Pictures{
		Title:  p.Title + " + " + others.Title,
		Images: append(p.Images[:len(p.Images):len(p.Images)], others.Images...),
		Labels: append(p.Labels[:len(p.Labels):len(p.Labels)], others.Labels...),
	}
}

// Choose returns the pictures of some indices from 0, in their order.
func (p *Pictures) Choose(indices []int) *Pictures {
	out := &Pictures{Title: p.Title}
	for _, i := range indices {
		out.Images = append(out.Images, p.Images[i])
		out.Labels = append(out.Labels, p.Labels[i])
	}
	return out
}

// draw returns n different pictures in a random order, of those whose class is allowed. The error tells that there are
// fewer.
func (p *Pictures) draw(random *rand.Rand, n int, allowed func(class int) bool) (*Pictures, error) {
	var indices []int
	for _, i := range random.Perm(p.Len()) {
		if len(indices) < n && allowed(p.Labels[i]) {
			indices = append(indices, i)
		}
	}
	if len(indices) < n {
		return nil, fmt.Errorf("lab: %s has %d pictures of the classes asked for, want %d", p.Title, len(indices), n)
	}
	return p.Choose(indices), nil
}

// anyClass allows every class.
func anyClass(int) bool { return true }

// each returns the pictures changed one by one; i is the index of a picture.
func (p *Pictures) each(change func(i int, m *imaging.Image8) *imaging.Image8) *Pictures {
	out := &Pictures{Title: p.Title, Labels: p.Labels, Images: make([]*imaging.Image8, p.Len())}
	for i, m := range p.Images {
		out.Images[i] = change(i, m)
	}
	return out
}

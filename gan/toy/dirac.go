package toy

import (
	"fmt"
	"math"
	"math/cmplx"
)

// Point is a state of a Dirac-GAN.
type Point struct {
	Theta float64 // where the generator's only sample lies
	Psi   float64 // the slope of the discriminator
}

// Radius is the distance from the equilibrium (0, 0).
func (p Point) Radius() float64 { return math.Hypot(p.Theta, p.Psi) }

// A Dirac is a Dirac-GAN under one training method. The data are one point at 0, the generator's samples one point at θ,
// and D(x) = ψ·x. The players climb
//
//	L(θ, ψ) = f(ψθ) + f(0),  f(t) = -log(1 + exp(-t))
//
// G down and D up. The only equilibrium is (0, 0).
//
// Mescheder et al. 2018, section 2, https://arxiv.org/abs/1801.04406; the methods are those of the authors' notebook
// (GAN_stability, notebooks/DiracGAN.ipynb).
type Dirac struct {
	Name string
	// Field is (θ', ψ'): the direction in which gradient descent moves a state.
	Field func(Point) Point
	// Clip bounds |ψ| after each update; 0: it is not bounded.
	Clip float64
	// kink says that the field has no derivative at the equilibrium.
	kink bool
}

// Descent says how the players move.
type Descent struct {
	// H is the learning rate of both.
	H float64
	// Steps is the number of steps of G.
	Steps int
	// Critic is the number of steps of D after each of G; 0: both move at once, from the same state.
	Critic int
}

// PaperDescent is that of the authors' notebook: 500 steps of 0.2, from (1, 1).
func PaperDescent(critic int) (Point, Descent) {
	return Point{1, 1}, Descent{H: 0.2, Steps: 500, Critic: critic}
}

// Train returns the states from the start on: Steps + 1 of them. It returns an error if the descent makes no sense.
func (d Dirac) Train(start Point, by Descent) ([]Point, error) {
	if !(by.H > 0) || by.Steps < 0 || by.Critic < 0 {
		return nil, fmt.Errorf("toy: a descent of %d steps of %g with %d of D makes no sense: want a rate above 0 and no negative number",
			by.Steps, by.H, by.Critic)
	}
	at := d.clipped(start)
	out := append(make([]Point, 0, by.Steps+1), at)
	for range by.Steps {
		v := d.Field(at)
		at.Theta += by.H * v.Theta
		if by.Critic == 0 {
			at.Psi += by.H * v.Psi
		}
		for range by.Critic {
			at.Psi += by.H * d.Field(at).Psi
			at = d.clipped(at)
		}
		at = d.clipped(at)
		out = append(out, at)
	}
	return out, nil
}

func (d Dirac) clipped(p Point) Point {
	if d.Clip > 0 {
		p.Psi = min(d.Clip, max(-d.Clip, p.Psi))
	}
	return p
}

// Eigenvalues returns those of the field's Jacobian at the equilibrium, the one with the larger imaginary (then real)
// part first. A real part of 0 means that the method does not converge, a negative one that it does, for small steps.
// It returns an error where the field has no derivative there.
func (d Dirac) Eigenvalues() ([2]complex128, error) {
	if d.kink {
		return [2]complex128{}, fmt.Errorf("toy: the field of %s has no derivative at the equilibrium", d.Name)
	}
	const delta = 1e-5 // central differences: off by its square
	column := func(dir Point) Point {
		a := d.Field(Point{delta * dir.Theta, delta * dir.Psi})
		b := d.Field(Point{-delta * dir.Theta, -delta * dir.Psi})
		return Point{(a.Theta - b.Theta) / (2 * delta), (a.Psi - b.Psi) / (2 * delta)}
	}
	x, y := column(Point{1, 0}), column(Point{0, 1})
	half, det := (x.Theta+y.Psi)/2, x.Theta*y.Psi-x.Psi*y.Theta
	root := cmplx.Sqrt(complex(half*half-det, 0))
	return [2]complex128{complex(half, 0) + root, complex(half, 0) - root}, nil
}

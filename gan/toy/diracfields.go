package toy

import (
	"fmt"
	"math"
)

// slope is f'(t) = sigmoid(-t).
func slope(t float64) float64 { return 1 / (1 + math.Exp(t)) }

// curvature is f″(t).
func curvature(t float64) float64 { return -slope(t) * slope(-t) }

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// DiracGAN is the minimax game: θ' = -ψ f'(ψθ), ψ' = θ f'(ψθ). It circles around the equilibrium for ever, and with
// simultaneous steps of size h drifts away from it: each multiplies the radius by sqrt(1 + h² f'(ψθ)²).
func DiracGAN() Dirac {
	return Dirac{Name: "GAN", Field: func(p Point) Point {
		s := slope(p.Psi * p.Theta)
		return Point{-p.Psi * s, p.Theta * s}
	}}
}

// DiracNSGAN is the non-saturating game: θ' = -ψ f'(-ψθ), ψ' = θ f'(ψθ).
func DiracNSGAN() Dirac {
	return Dirac{Name: "NS-GAN", Field: func(p Point) Point {
		t := p.Psi * p.Theta
		return Point{-p.Psi * slope(-t), p.Theta * slope(t)}
	}}
}

// DiracWGAN is the Wasserstein game, θ' = -ψ, ψ' = θ, with |ψ| bounded by clip after each update.
func DiracWGAN(clip float64) Dirac {
	return Dirac{Name: fmt.Sprintf("WGAN (clip %g)", clip), Clip: clip, Field: func(p Point) Point {
		return Point{-p.Psi, p.Theta}
	}}
}

// DiracWGANGP is the Wasserstein game with a penalty that draws the slope |ψ| to target:
// ψ' = θ - λ(|ψ| - target) sign ψ.
func DiracWGANGP(lambda, target float64) Dirac {
	return Dirac{Name: fmt.Sprintf("WGAN-GP (λ %g, target %g)", lambda, target), kink: true, Field: func(p Point) Point {
		return Point{-p.Psi, p.Theta - lambda*(math.Abs(p.Psi)-target)*sign(p.Psi)}
	}}
}

// DiracR1 is the minimax game with the penalty γ/2 ψ² on the gradient of D, which is ψ everywhere: ψ' gains -γψ.
// It converges for every γ > 0, fastest near the equilibrium for γ = 1, where
// both eigenvalues -γ/2 ± sqrt(γ²/4 - f'(0)²) meet.
func DiracR1(gamma float64) Dirac { return withR1(DiracGAN(), gamma) }

// DiracNSR1 is the non-saturating game with R1; see DiracR1.
func DiracNSR1(gamma float64) Dirac { return withR1(DiracNSGAN(), gamma) }

func withR1(game Dirac, gamma float64) Dirac {
	return Dirac{Name: fmt.Sprintf("%s + R1 (γ %g)", game.Name, gamma), Field: func(p Point) Point {
		v := game.Field(p)
		v.Psi -= gamma * p.Psi
		return v
	}}
}

// Nodes of the mean over ε ~ N(0, 1): the trapezoidal rule, which is exact to rounding for smooth functions that fall
// off like the bell curve.
const noiseEnd, noiseStep = 9.0, 0.1

// DiracInstanceNoise is the minimax game with N(0, σ²) added to data and samples:
//
//	θ' = -ψ E f'(ψ(θ+σε)),  ψ' = E (θ+σε) f'(ψ(θ+σε)) - E σε f'(-ψσε)
//
// The authors' notebook takes the means over 1,000 draws of ε in each step; here they are integrals.
// Sønderby et al. 2017, https://arxiv.org/abs/1610.04490.
func DiracInstanceNoise(sigma float64) Dirac {
	return Dirac{Name: fmt.Sprintf("GAN + instance noise (σ %g)", sigma), Field: func(p Point) Point {
		var v Point
		const nodes = int(2*noiseEnd/noiseStep) + 1
		for i := range nodes {
			e := -noiseEnd + noiseStep*float64(i)
			weight := noiseStep * math.Exp(-e*e/2) / math.Sqrt(2*math.Pi)
			fake, real := p.Theta+sigma*e, sigma*e
			s := slope(p.Psi * fake)
			v.Theta -= weight * p.Psi * s
			v.Psi += weight * (fake*s - real*slope(-p.Psi*real))
		}
		return v
	}}
}

// DiracConsensus is the minimax game with consensus optimisation: both players also descend γ/2 |v|², where v is the
// field of the game and |v|² = (θ²+ψ²) f'(ψθ)². In the authors' code the second term of that gradient has a factor 1/2
// that the derivative has not; it is kept here, so that the trajectories are theirs. At the equilibrium both agree.
// Mescheder et al. 2017, https://arxiv.org/abs/1705.10461.
func DiracConsensus(gamma float64) Dirac {
	game := DiracGAN()
	return Dirac{Name: fmt.Sprintf("GAN + consensus (γ %g)", gamma), Field: func(p Point) Point {
		v, t := game.Field(p), p.Psi*p.Theta
		s := slope(t)
		bend := 0.5 * (p.Psi*p.Psi + p.Theta*p.Theta) * s * curvature(t)
		v.Theta -= gamma * (p.Theta*s*s + p.Psi*bend)
		v.Psi -= gamma * (p.Psi*s*s + p.Theta*bend)
		return v
	}}
}

// Diracs are the methods of the authors' notebook with its numbers, in its order.
func Diracs() []Dirac {
	return []Dirac{DiracGAN(), DiracNSGAN(), DiracWGAN(1), DiracWGANGP(0.7, 1), DiracInstanceNoise(0.7), DiracR1(0.3),
		DiracR1(1), DiracConsensus(1), DiracNSR1(0.3)}
}

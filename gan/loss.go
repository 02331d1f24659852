package gan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
)

// Output says what the last layer of a discriminator gives, and with it what the curves of a run may show.
type Output string

const (
	// Logit: D(x) is the sigmoid of the output. Curves of D(x) and D(G(z)) make sense.
	Logit Output = "logit"
	// Value: the output is a real number near its target (least squares); it is shown as it is.
	Value Output = "value"
	// Critic: the output has no zero and no scale; only the difference of reals and fakes means something.
	Critic Output = "critic"
)

// A Loss is what the two players minimise. Both functions take the raw outputs of the discriminator, of any
// shape ([batch], [batch, 1], a map of patches), and return a scalar: the mean over all elements.
//
// G of the published losses ignores real; relativistic losses need it, and a loss that uses it says so in NeedsReal.
type Loss struct {
	// Name is what config.json records. A loss of one's own takes a name that no published one has.
	Name string
	// Output says what D's output is under this loss.
	Output Output
	// D is the loss of the discriminator.
	D func(real, fake *Node) *Node
	// G is the loss of the generator; real is nil unless NeedsReal is set.
	G func(real, fake *Node) *Node
	// NeedsReal makes the generator's phase see reals too.
	NeedsReal bool
	// SmoothD is D with the target of the reals lowered by the given share of it; nil where a loss has no targets.
	SmoothD func(real, fake *Node, share float64) *Node
	// EquilibriumD and EquilibriumG are the values of both losses where D cannot tell reals from fakes
	// (for logits: D(x) = D(G(z)) = 1/2); nil where the loss has no such value.
	EquilibriumD, EquilibriumG *float64
}

// MarshalJSON writes the name: a loss is code, config.json holds what it is called.
func (l Loss) MarshalJSON() ([]byte, error) { return json.Marshal(l.Name) }

// UnmarshalJSON finds a published loss by its name. A name that is not published is kept, without functions:
// Open and Load then ask for the code.
func (l *Loss) UnmarshalJSON(data []byte) error {
	var name string
	if err := json.Unmarshal(data, &name); err != nil {
		return fmt.Errorf("gan: a loss is written by its name (%s), got %s", strings.Join(LossNames(), ", "), data)
	}
	known, err := LossByName(name)
	if err != nil {
		*l = Loss{Name: name}
		return nil
	}
	*l = known
	return nil
}

const ln2 = 0.6931471805599453

func equilibrium(v float64) *float64 { return &v }

// Minimax is the game of the first paper: D maximises, G minimises V(D, G).
//
//	L_D = -E[log D(x)] - E[log(1 - D(G(z)))] = E[softplus(-d(x))] + E[softplus(d(G(z)))]
//	L_G =  E[log(1 - D(G(z)))]               = -E[softplus(d(G(z)))]
//
// with D = sigmoid(d): the outputs d are logits. Where D is sure that a sample is fake the gradient of L_G vanishes;
// NonSaturating is what the paper trains with. Goodfellow et al. 2014, equation 1, https://arxiv.org/abs/1406.2661.
var Minimax = Loss{Name: "minimax", Output: Logit, D: logisticD, SmoothD: smoothLogisticD,
	G:            func(_, fake *Node) *Node { return Neg(ReduceAllMean(blocks.Softplus(fake))) },
	EquilibriumD: equilibrium(2 * ln2), EquilibriumG: equilibrium(-ln2)}

// Saddle is Minimax with both terms in the loss of G, L_G = -L_D: what Unrolled GANs play, whose D, a few updates ahead,
// depends on G in both. Without unrolling its gradients are those of Minimax. The outputs of D are logits.
// Metz et al. 2017, section 2, https://arxiv.org/abs/1611.02163.
var Saddle = Loss{Name: "saddle", Output: Logit, D: logisticD,
	G:         func(real, fake *Node) *Node { return Neg(logisticD(real, fake)) },
	NeedsReal: true, EquilibriumD: equilibrium(2 * ln2), EquilibriumG: equilibrium(-2 * ln2)}

// NonSaturating gives G a gradient where D wins; L_D is that of Minimax.
//
//	L_G = -E[log D(G(z))] = E[softplus(-d(G(z)))]
//
// with D = sigmoid(d): the outputs d are logits.
// Goodfellow et al. 2014, section 3 (last paragraph), https://arxiv.org/abs/1406.2661.
var NonSaturating = Loss{Name: "non-saturating", Output: Logit, D: logisticD, SmoothD: smoothLogisticD,
	G:            func(_, fake *Node) *Node { return ReduceAllMean(blocks.Softplus(Neg(fake))) },
	EquilibriumD: equilibrium(2 * ln2), EquilibriumG: equilibrium(ln2)}

// LeastSquares draws D's output to 1 on reals and to 0 on fakes, G's fakes to 1 (a = 0, b = c = 1).
//
//	L_D = E[(d(x) - 1)²]/2 + E[d(G(z))²]/2
//	L_G = E[(d(G(z)) - 1)²]/2
//
// The output is a value of D's last layer without a sigmoid, not a probability.
// Mao et al. 2017, equation 2 with the coding of equation 9, https://arxiv.org/abs/1611.04076.
var LeastSquares = Loss{Name: "least-squares", Output: Value,
	D:            func(real, fake *Node) *Node { return smoothLeastSquaresD(real, fake, 0) },
	SmoothD:      smoothLeastSquaresD,
	G:            func(_, fake *Node) *Node { return MulScalar(ReduceAllMean(Square(AddScalar(fake, -1))), 0.5) },
	EquilibriumD: equilibrium(0.25), EquilibriumG: equilibrium(0.125)}

// Hinge stops D from pushing outputs that are already beyond the margin.
//
//	L_D = E[max(0, 1 - d(x))] + E[max(0, 1 + d(G(z)))]
//	L_G = -E[d(G(z))]
//
// The outputs are critic values: G's loss has no zero.
// Lim and Ye 2017, https://arxiv.org/abs/1705.02894; Miyato et al. 2018, equations 16 and 17,
// https://arxiv.org/abs/1802.05957.
var Hinge = Loss{Name: "hinge", Output: Critic,
	D: func(real, fake *Node) *Node {
		return Add(ReduceAllMean(relu(OnePlus(Neg(real)))), ReduceAllMean(relu(OnePlus(fake))))
	},
	G: negativeMean, EquilibriumD: equilibrium(2)}

// Wasserstein is the dual form of the earth mover's distance; D is a critic, whose output is no probability and has no
// zero, and must be kept Lipschitz by clipping, a penalty or spectral normalisation.
//
//	L_D = E[d(G(z))] - E[d(x)]
//	L_G = -E[d(G(z))]
//
// Arjovsky et al. 2017, equations 2 and 3, https://arxiv.org/abs/1701.07875.
var Wasserstein = Loss{Name: "wasserstein", Output: Critic,
	D: func(real, fake *Node) *Node { return Sub(ReduceAllMean(fake), ReduceAllMean(real)) },
	G: negativeMean, EquilibriumD: equilibrium(0)}

func logisticD(real, fake *Node) *Node {
	return Add(ReduceAllMean(blocks.Softplus(Neg(real))), ReduceAllMean(blocks.Softplus(fake)))
}

func smoothLeastSquaresD(real, fake *Node, share float64) *Node {
	return MulScalar(Add(ReduceAllMean(Square(AddScalar(real, share-1))), ReduceAllMean(Square(fake))), 0.5)
}

func negativeMean(_, fake *Node) *Node { return Neg(ReduceAllMean(fake)) }

func relu(x *Node) *Node { return Max(x, ZerosLike(x)) }

func losses() []Loss {
	return []Loss{Minimax, Saddle, NonSaturating, LeastSquares, Hinge, Wasserstein, RelativisticAverage, RelativisticPairing}
}

// LossNames lists the published losses, as config.json and the command line write them.
func LossNames() []string {
	var names []string
	for _, l := range losses() {
		names = append(names, l.Name)
	}
	return names
}

// LossByName returns a published loss, or an error that lists them all.
func LossByName(name string) (Loss, error) {
	all := losses()
	if i := slices.IndexFunc(all, func(l Loss) bool { return l.Name == name }); i >= 0 {
		return all[i], nil
	}
	return Loss{}, fmt.Errorf("gan: no loss is called %q; there are %s", name, strings.Join(LossNames(), ", "))
}

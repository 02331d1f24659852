package gan

import (
	"fmt"
	"math"
	"strings"

	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// EMA keeps an exponential moving average of the variables under /<scope> in /<scope>_ema, moved after each step of their
// player. Running averages of norms are copied, not averaged.
//
//	β = 0.5^(batch/halflife)      ema = β·ema + (1-β)·p
//
// The half-life is counted in real images; with Rampup it is at most Rampup times the images seen so far, so that the
// first average is a plain copy.
// Yazıcı et al. 2019, https://arxiv.org/abs/1806.04498; half-life and ramp-up as in Karras et al. 2020,
// https://arxiv.org/abs/2006.06676.
type EMA struct {
	// Player is the name of the player whose steps move the average.
	Player string
	// Scope is the root of the averaged variables; "": Player.
	Scope string
	// Batch is the number of real images between two moves.
	Batch int
	// Halflife is in real images.
	Halflife float64
	// Rampup is a share of the images seen; 0: no ramp-up.
	Rampup float64
}

const emaSuffix = "_ema"

func (e EMA) scalar() string { return "ema/" + e.scope() }

func (e EMA) scope() string {
	if e.Scope == "" {
		return e.Player
	}
	return e.Scope
}

// Scalars returns β after img real images. The image count is the one before the current batch is added.
func (e EMA) Scalars(img int64) map[string]float64 {
	halflife := e.Halflife
	if e.Rampup > 0 {
		halflife = min(halflife, e.Rampup*float64(max(0, img-int64(e.Batch))))
	}
	beta := 0.0
	if halflife > 0 {
		beta = math.Pow(0.5, float64(e.Batch)/halflife)
	}
	return map[string]float64{e.scalar(): beta}
}

// After moves the average in the phases of the player.
func (e EMA) After(s *Step) {
	if s.Phase.Player != e.Player {
		return
	}
	beta := s.Scalar(e.scalar())
	for v := range s.Scope(e.scope()).IterVariables() {
		if !v.InUseByGraph(s.Graph) {
			continue
		}
		value := v.NodeValue(s.Graph)
		average := e.variable(s.root, v)
		if v.Trainable {
			value = Add(Mul(average.NodeValue(s.Graph), beta), Mul(value, OneMinus(beta)))
		}
		average.SetNodeValue(value)
	}
}

func (e EMA) variable(root *model.Scope, v *model.Variable) *model.Variable {
	relative := strings.TrimPrefix(v.Path(), "/"+e.scope()+"/")
	path := strings.Split(relative, "/")
	scope := root.At("%s", e.scope()+emaSuffix)
	for _, name := range path[:len(path)-1] {
		scope = scope.At("%s", name)
	}
	return blocks.Buffer(scope, path[len(path)-1], blocks.Constant(0), v.Shape().Dimensions...)
}

// Init copies the first values.
func (e EMA) Init(vars Variables) error {
	for path, value := range vars.Under(e.scope()) {
		target := "/" + e.scope() + emaSuffix + strings.TrimPrefix(path, "/"+e.scope())
		if err := vars.Set(target, value); err != nil {
			return fmt.Errorf("gan: the moving average of %s: %w", path, err)
		}
	}
	return nil
}

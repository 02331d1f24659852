package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// reportSpread logs how much the images of a batch differ from each other, as spread_real and spread_fake: the standard
// deviation over the batch (population), averaged over all pixels and channels. Images that are all alike have none: a
// spread_fake far below spread_real is what mode collapse looks like in the log, see run.Diagnose.
func reportSpread(s *Step, real, fake *Node) {
	s.Report("spread_real", spread(real))
	s.Report("spread_fake", spread(fake))
}

// spread of x [batch, ...] is a scalar.
func spread(x *Node) *Node {
	deviation := Sub(x, ReduceAndKeep(x, ReduceMean, 0))
	return ReduceAllMean(Sqrt(ReduceMean(Square(deviation), 0)))
}

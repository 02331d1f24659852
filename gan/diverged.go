package gan

import (
	"fmt"

	"github.com/gogan-ml/gogan/gan/run"
)

// Diverged is the error of a run whose loss, or whose state, was not a number for the second time.
type Diverged struct {
	Img  int64 // real images shown when it was seen
	Back int64 // where the run stands now: its last checkpoint
}

// Error says where, and what to do.
func (e *Diverged) Error() string {
	return fmt.Sprintf("gan: a loss was not a number at %s, for the second time; the run stands at %s: "+
		"lower the learning rates or change the loss, in a new directory", run.FormatImg(e.Img), run.FormatImg(e.Back))
}

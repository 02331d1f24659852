package run

import (
	"fmt"
	"strings"
)

// inversion looks for translations whose pictures are negatives of what they were made of. The losses do not see it: the
// second generator turns them back.
func inversion(ticks []Tick, _ Game) *Finding {
	var found *Finding
	var names []string
	for _, way := range []struct{ value, name string }{{"correlation_x", "x and G(x)"}, {"correlation_y", "y and F(y)"}} {
		first := since(ticks, func(t Tick) (holds, known bool) {
			r, known := t.Values[way.value]
			return r < 0, known
		})
		if first == nil {
			continue
		}
		names = append(names, fmt.Sprintf("of %s (%.2f)", way.name, newest(ticks, way.value).Values[way.value]))
		if found == nil || first.Img < found.Img {
			found = &Finding{Inversion, sinceWhen(ticks, first), first.Img}
		}
	}
	if found != nil {
		found.Text = fmt.Sprintf("inversion: %s the correlation %s is negative: light becomes dark, and the way back undoes it; unless the "+
			"domains are negatives of each other, start again with another seed, or with a higher lambda_identity",
			found.Text, strings.Join(names, " and "))
	}
	return found
}

package gan

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/gomlx/compute/gobackend"
)

// A Layer is one variable of a network.
type Layer struct {
	Player string // "generator", "discriminator" or "encoder"
	Name   string // path below it
	Shape  []int
	// Trained is false for running averages.
	Trained bool
}

// Layers lists the variables of both networks as a config makes them for the data. It prints as a table.
type Layers []Layer

// Networks builds both networks of a config for the data, without a run, and lists their variables.
func Networks(cfg Config, data Data) (Layers, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg, _, err := cfg.resolve(data)
	if err != nil {
		return nil, err
	}
	backend, err := gobackend.New("") // nothing is computed
	if err != nil {
		return nil, err
	}
	defer backend.Finalize()
	t, err := NewTrainer(backend, cfg.spec(data))
	if err != nil {
		return nil, err
	}
	defer t.Close()
	var out Layers
	for _, player := range t.spec.Players {
		for _, scope := range player.scopes() {
			for v := range t.store.Scope("/" + scope).IterVariables() {
				out = append(out, Layer{Player: scope, Name: strings.TrimPrefix(v.Path(), "/"+scope+"/"),
					Shape: v.Shape().Dimensions, Trained: v.Trainable})
			}
		}
	}
	return out, nil
}

// String prints a row for each trained variable and a sum for each network.
func (l Layers) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for i := 0; i < len(l); {
		player, sum := l[i].Player, 0
		fmt.Fprintf(w, "%s\tshape\tparameters\n", player)
		for ; i < len(l) && l[i].Player == player; i++ {
			if !l[i].Trained {
				continue
			}
			n := 1
			for _, d := range l[i].Shape {
				n *= d
			}
			sum += n
			fmt.Fprintf(w, "  %s\t%v\t%d\n", l[i].Name, l[i].Shape, n)
		}
		fmt.Fprintf(w, "  all\t\t%d\n", sum)
	}
	w.Flush()
	return b.String()
}

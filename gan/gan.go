// Package gan trains generative adversarial networks, and variational autoencoders with the same generators: the networks
// and losses of the papers, and one trainer that runs any game which is a list of phases over players.
//
//	run, err := gan.Open("runs/dcgan", gan.DCGAN(), data) // new, or continued to the same bits
//	defer run.Close()
//	err = run.TrainTo(ctx, 200*gan.Kimg, gan.Silent())
//	g, err := gan.Load("runs/dcgan")
//	images, err := g.Sample(ctx, gan.Seeds(0, 64))
//
// Everything a run does is a function of its config, its data and the number of images shown. The directory of a run
// is the object to work on; see package gan/run.
package gan

import (
	"io"

	"github.com/gogan-ml/gogan/gan/run"
)

// Version of gogan, as recorded in config.json.
const Version = "0.1.0"

// Silent returns a reporter that shows nothing.
func Silent() Reporter { return run.Silent() }

// Terminal returns a reporter that keeps one line of progress on w.
func Terminal(w io.Writer) Reporter { return run.Terminal(w) }

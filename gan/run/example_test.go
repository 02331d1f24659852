package run_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/weights"
)

// A program trains, is stopped, and goes on from the newest checkpoint.
func Example() {
	parent, err := os.MkdirTemp("", "run")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(parent)
	dir := filepath.Join(parent, "dcgan")
	config := map[string]any{"preset": "dcgan", "lr": 2e-4}
	for range 2 {
		d, err := run.Create(dir, config, run.Options{})
		if err != nil {
			fmt.Println(err)
			return
		}
		st, _, found, _, err := d.Load()
		fmt.Println(found, run.FormatImg(st.Img), err)
		st.Img += 1000
		fmt.Println(d.AppendTick(run.Tick{Img: st.Img, Values: map[string]float64{"loss_d": 1.38}}))
		fmt.Println(d.Save(st, map[string]weights.Array{"/generator/weight": weights.FromFloat32([]float32{1, 2}, 2)}))
		d.Close()
	}
	config["lr"] = 1e-3
	_, err = run.Create(dir, config, run.Options{})
	fmt.Println(err != nil)
	// Output:
	// false 0 <nil>
	// <nil>
	// <nil>
	// true 1k <nil>
	// <nil>
	// <nil>
	// true
}

// A log in which the loss of D stays near 0: the hinge loss has nothing left to teach G.
func ExampleDiagnose() {
	var ticks []run.Tick
	for img := int64(1000); img <= 8000; img += 1000 {
		ticks = append(ticks, run.Tick{Img: img, Values: map[string]float64{"loss_d": 2 / float64(img)}})
	}
	for _, f := range run.Diagnose(ticks, run.Game{Loss: "hinge"}) {
		fmt.Println(f.Kind, f.Img)
	}
	// Output: discriminator-won 1000
}

package imaging_test

import (
	"bytes"
	"fmt"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

func ExampleGrid() {
	black := imaging.NewImage8(28, 28, 1)
	grid := imaging.Grid([]*imaging.Image8{black, black, black, black, black}, 3, 2)
	var file bytes.Buffer
	if err := imaging.EncodePNG(&file, grid.Image(), map[string]string{"seed": "1"}); err != nil {
		fmt.Println(err)
		return
	}
	text, err := imaging.PNGText(&file)
	fmt.Println(grid.W, grid.H, text, err)
	// Output: 88 58 map[seed:1] <nil>
}

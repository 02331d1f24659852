package datasets_test

import (
	"fmt"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/imaging"
)

func ExampleOpen() {
	data, err := datasets.Open("fashion-mini:train", datasets.WithPad(32))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer data.Close()
	images, labels, err := data.Batch(1, 0, 64) // the first 64 pictures in the order of seed 1
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(data.Name(), data.Len(), images.Shape(), labels.Shape())
	// Output: fashion-mini:train 12000 (Float32)[64, 32, 32, 1] (Int32)[64]
}

// CelebA as in the experiments of DCGAN: the middle of 108 pixels, then 64.
func ExampleWithCrop() {
	_, err := datasets.Open("no/such/folder", datasets.WithCrop(108), datasets.WithResize(64, imaging.Bicubic))
	fmt.Println(err)
	// Output: datasets: there is no folder or file no/such/folder, and no data set of that name (there are fashion-mini, fashion-mnist, glyphs, fashion-negative, fashion-colour, fashion-degraded, fashion-mnist-negative, fashion-mnist-colour, fashion-mnist-degraded, horse2zebra, apple2orange, summer2winter, monet2photo, vangogh2photo, cezanne2photo, ukiyoe2photo, maps, facades, iphone2dslr_flower)
}

// The two domains of glyphs, with which a translation can be compared with the truth: in the test split picture i of both
// is the same letter.
func ExampleOpenPair() {
	x, y, err := datasets.OpenPair("glyphs:test")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer x.Close()
	defer y.Close()
	_, serif, err := x.At(3)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, sans, err := y.At(3)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(x.Name(), y.Name(), x.Len(), x.ClassNames()[serif], y.ClassNames()[sans])
	// Output: glyphs:testA glyphs:testB 500 R R
}

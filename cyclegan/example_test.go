package cyclegan_test

import (
	"context"
	"fmt"
	"image"
	"log"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/cyclegan"
)

func ExampleLoadOn() {
	ctx := context.Background()
	device, err := accel.Open(ctx, &accel.Options{Backend: "go"}) // Load takes the default one
	if err != nil {
		log.Fatal(err)
	}
	defer device.Close()
	m, err := cyclegan.LoadOn(device, "testdata/ref/foreign/latest_net_G.pth") // or the directory of a run
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	horse := image.NewNRGBA(image.Rect(0, 0, 31, 18)) // of any size
	zebra, err := m.G.Translate(ctx, horse)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.G)
	fmt.Println(zebra.Bounds().Size())
	// Output:
	// ResNet generator of 6 blocks, 2 maps, instance norm, pictures of 3 channels
	// (31,18)
}

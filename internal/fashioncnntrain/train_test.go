package main

import (
	"math"
	"slices"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gomlx/gomlx/core/tensors"
)

func TestMove(t *testing.T) {
	picture := []float32{
		1, 2, 3,
		4, 5, 6}
	for _, test := range []struct {
		dx, dy int
		mirror bool
		want   []float32
	}{
		{0, 0, false, []float32{1, 2, 3, 4, 5, 6}},
		{0, 0, true, []float32{3, 2, 1, 6, 5, 4}},
		{1, 0, false, []float32{-1, 1, 2, -1, 4, 5}},
		{-1, 1, false, []float32{-1, -1, -1, 2, 3, -1}},
		{1, -1, true, []float32{-1, 6, 5, -1, -1, -1}},
	} {
		got := slices.Clone(picture)
		move(got, 2, 3, test.dx, test.dy, test.mirror)
		if !slices.Equal(got, test.want) {
			t.Errorf("moved by (%d, %d), mirrored %v: got %v, want %v", test.dx, test.dy, test.mirror, got, test.want)
		}
	}
}

func mini(t *testing.T) *datasets.Set {
	t.Helper()
	set, err := datasets.Open("fashion-mini:train")
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// What happens to a picture depends on its position alone, not on the batch that it is in.
func TestAugmented(t *testing.T) {
	source := augmented{mini(t), 1}
	next := func(seen int64, n int) []float32 {
		batch, err := source.Next(seen, n)
		if err != nil {
			t.Fatal(err)
		}
		if batch.Labels == nil {
			t.Fatal("no labels")
		}
		flat, err := tensors.CopyFlatData[float32](batch.X)
		if err != nil {
			t.Fatal(err)
		}
		return flat
	}
	all, half := next(0, 8), next(4, 4)
	if !slices.Equal(all[len(all)/2:], half) {
		t.Error("the second half of a batch differs from the batch of the same pictures")
	}
	plain, _, err := source.data.Batch(1, 0, 8)
	if err != nil {
		t.Fatal(err)
	}
	flat, err := tensors.CopyFlatData[float32](plain)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(all, flat) {
		t.Error("no picture of 8 was changed")
	}
}

// Forty steps teach the network most of what tells ten classes apart, and the file of its weights opens.
func TestTrains(t *testing.T) {
	device := &accel.Device{Backend: testbackend.XLA(t)}
	set := mini(t)
	trainer, err := gan.NewTrainer(device.Backend, spec(set, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	first, err := trainTo(t.Context(), trainer, batch)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trainTo(t.Context(), trainer, 40*batch); err != nil {
		t.Fatal(err)
	}
	last, err := trainTo(t.Context(), trainer, 45*batch)
	if err != nil {
		t.Fatal(err)
	}
	// Before the first step ten classes are about equally likely: the loss is near ln 10 = 2.3.
	if math.Abs(first.Loss-math.Ln10) > 1 || last.Loss > 1 || last.TrainAccuracy < 0.6 || last.Img != 45*batch {
		t.Errorf("first %+v, last %+v", first, last)
	}
	file, err := encode(trainer)
	if err != nil {
		t.Fatal(err)
	}
	test, err := datasets.Open("fashion-mini:test", datasets.WithLimit(500))
	if err != nil {
		t.Fatal(err)
	}
	// Running averages of batch norm lag behind after so few steps, so this is far from the final accuracy.
	if got, err := accuracies(t.Context(), device, file, test); err != nil || got[0] < 0.4 {
		t.Errorf("accuracy %v on test images, %v", got, err)
	}
}

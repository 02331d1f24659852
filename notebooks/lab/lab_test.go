package lab

import (
	"bytes"
	"context"
	"image"
	"testing"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/gan"
)

// trained makes a run of a few steps on the pure Go backend.
func trained(t *testing.T) string {
	t.Helper()
	t.Setenv("GOMLX_BACKEND", "go")
	data, err := datasets.Open("fashion-mini:test")
	if err != nil {
		t.Fatal(err)
	}
	cfg := gan.DCGAN()
	cfg.BaseChannels, cfg.Batch = 2, 4
	dir := t.TempDir()
	r, err := gan.Open(dir, cfg, data)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.TrainTo(context.Background(), 8, gan.Silent()); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestInterpolateStartsAndEndsAtItsSeeds(t *testing.T) {
	dir := trained(t)
	seeds := []int64{3, 9, 1}
	ends, err := Sample(t.Context(), dir, seeds)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Interpolate(t.Context(), dir, seeds, 5)
	if err != nil || len(rows) != 10 {
		t.Fatalf("%d pictures, %v", len(rows), err)
	}
	for at, want := range map[int]image.Image{0: ends[0], 4: ends[1], 5: ends[1], 9: ends[2]} {
		if !bytes.Equal(rows[at].(*image.Gray).Pix, want.(*image.Gray).Pix) {
			t.Errorf("picture %d is not that of its seed", at)
		}
	}
	if _, err := Interpolate(t.Context(), dir, seeds[:1], 5); err == nil {
		t.Error("one seed was accepted")
	}
}

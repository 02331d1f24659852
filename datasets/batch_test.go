package datasets

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

// numbersOf reads the numbers of pictures that numbered made from a batch of them.
func numbersOf(flat []float32, size int) []int {
	var out []int
	at := func(i int) int { return int(flat[i]*127.5 + 128) }
	for i := 0; i < len(flat); i += size {
		out = append(out, at(i)+256*at(i+1))
	}
	return out
}

// Every epoch shows every picture exactly once, whatever the batch size, and no two epochs or seeds in the same order.
func TestEpochs(t *testing.T) {
	const n = 300
	s := open(t, folderOf(t, many(t, n, 2, 2, 1)))
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	orders := map[string]bool{}
	for seed := range int64(2) {
		var stream []int
		for seen := int64(0); seen < 3*n; seen += 36 { // 36 does not divide 300
			images, _, err := s.Batch(seed, seen, 36)
			if err != nil {
				t.Fatal(err)
			}
			stream = append(stream, numbersOf(floats(t, images), 4)...)
		}
		for epoch := range 3 {
			order := stream[epoch*n : (epoch+1)*n]
			if sorted := slices.Sorted(slices.Values(order)); !slices.Equal(sorted, all) {
				t.Errorf("seed %d, epoch %d is no permutation", seed, epoch)
			}
			orders[fmt.Sprint(order)] = true
		}
	}
	if len(orders) != 6 {
		t.Errorf("6 epochs have %d orders", len(orders))
	}
}

// Any position gives the same, alone or in sequence, from one goroutine or many, in one set or another of the same files.
func TestBatchIsPure(t *testing.T) {
	src := folderOf(t, many(t, 50, 3, 3, 3))
	one, other := open(t, src), open(t, src)
	batch := func(s *Set, seed, seen int64, n int) []float32 {
		images, _, err := s.Batch(seed, seen, n)
		if err != nil {
			t.Error(err)
			return nil
		}
		return floats(t, images)
	}
	long := batch(one, 9, 0, 500)
	var wait sync.WaitGroup
	for k := range 40 {
		wait.Go(func() {
			seen := (k * 337) % 470
			if got := batch(other, 9, int64(seen), 30); !slices.Equal(got, long[seen*27:(seen+30)*27]) {
				t.Errorf("position %d differs", seen)
			}
			batch(other, int64(k), 0, 30) // other seeds must not disturb
		})
	}
	wait.Wait()
}

func TestBatchLabels(t *testing.T) {
	s := open(t, "fashion-mini:test")
	images, labels, err := s.Batch(4, 1990, 20)
	if err != nil {
		t.Fatal(err)
	}
	flat, classes := floats(t, images), ints(t, labels)
	if got := labels.Shape().String(); got != "(Int32)[20]" {
		t.Errorf("labels %s", got)
	}
	// Find each picture of the batch by its pixels, and compare its class.
	for k, class := range classes {
		found := false
		for i := range s.Len() {
			m, _, err := s.at(i)
			if err != nil {
				t.Fatal(err)
			}
			y := make([]float32, 784)
			m.Floats(y)
			if slices.Equal(y, flat[k*784:(k+1)*784]) {
				found = found || i%10 == int(class)
			}
		}
		if !found {
			t.Errorf("picture %d of the batch is not one of class %d", k, class)
		}
	}
}

func TestBatchRefuses(t *testing.T) {
	s := open(t, "fashion-mini:test")
	for _, bad := range []struct {
		seen int64
		n    int
	}{{-1, 4}, {0, 0}, {0, -3}} {
		if _, _, err := s.Batch(0, bad.seen, bad.n); err == nil {
			t.Errorf("%d pictures from %d on were given", bad.n, bad.seen)
		}
	}
}

func BenchmarkBatch(b *testing.B) {
	run := func(name string, s *Set, n int) {
		b.Run(name, func(b *testing.B) {
			seen := int64(0)
			for b.Loop() {
				images, labels, err := s.Batch(1, seen, n)
				if err != nil {
					b.Fatal(err)
				}
				images.FinalizeAll()
				if labels != nil {
					labels.FinalizeAll()
				}
				seen += int64(n)
			}
			b.ReportMetric(float64(b.N)*float64(n)/b.Elapsed().Seconds(), "img/s")
		})
	}
	mini, err := Open("fashion-mini")
	if err != nil {
		b.Fatal(err)
	}
	run("mini-64", mini, 64)
	files := map[string][]byte{}
	for i := range 64 {
		files[fmt.Sprintf("%d.jpg", i)] = jpegOf(b, numbered(i, 218, 178, 3))
	}
	dir := folderOf(b, files)
	run("jpeg-178x218-kept-64", open(b, dir), 64)
	run("jpeg-178x218-decoded-64", open(b, dir, WithCache(0)), 64)
}

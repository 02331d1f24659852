package metrics

import (
	"errors"
	"image"
	"iter"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// store are Images that can be had one by one; it counts which were.
type store struct {
	pictures
	asked []atomic.Int32
}

func newStore(n int) *store { return &store{pictures{n: n}, make([]atomic.Int32, n)} }

func (s *store) At(i int) (image.Image, int, error) {
	s.asked[i].Add(1)
	time.Sleep(time.Duration(i%3) * time.Millisecond / 2) // so that they get ready in another order
	return s.at(i), -1, nil
}

// which returns the indices of the pictures that images yields.
func which(t *testing.T, images Images, of pictures) []int {
	t.Helper()
	var out []int
	for img, err := range images.All() {
		if err != nil {
			t.Fatal(err)
		}
		index := -1
		for i := range of.n {
			if same(img, of.at(i)) {
				index = i
			}
		}
		out = append(out, index)
	}
	return out
}

func same(a, b image.Image) bool {
	return string(a.(*image.Gray).Pix) == string(b.(*image.Gray).Pix)
}

// Part i of n has the pictures whose index leaves i-1 when divided by n; 0 stands for n. Of pictures that can be had one
// by one no others are decoded.
func TestShard(t *testing.T) {
	const n = 11
	for _, parts := range []int{1, 2, 4, 11} {
		seen := 0
		for i := 0; i < parts; i++ { // from 0: the parts of both ways to count
			s := newStore(n)
			for name, images := range map[string]Images{"indexed": s, "iterated": pictures{n: n}, "unsized": unsized(pictures{n: n})} {
				part, err := Shard(images, i, parts)
				if err != nil {
					t.Fatal(err)
				}
				got := which(t, part, pictures{n: n})
				for k, index := range got {
					if want := (i+parts-1)%parts + k*parts; index != want {
						t.Errorf("%s part %d/%d: picture %d is %d, want %d", name, i, parts, k, index, want)
					}
				}
				if name == "unsized" {
					if part.Len() != -1 {
						t.Errorf("an unsized part has the length %d", part.Len())
					}
					continue
				}
				if part.Len() != len(got) {
					t.Errorf("%s part %d/%d has the length %d and %d pictures", name, i, parts, part.Len(), len(got))
				}
				if name == "indexed" {
					seen += len(got)
				}
			}
			for index := range s.asked {
				want := int32(0)
				if index%parts == (i+parts-1)%parts {
					want = 1
				}
				if got := s.asked[index].Load(); got != want {
					t.Errorf("part %d/%d decoded picture %d %d times, want %d", i, parts, index, got, want)
				}
			}
		}
		if seen != n {
			t.Errorf("%d parts have %d pictures together, want %d", parts, seen, n)
		}
	}
	for _, test := range []struct{ i, n int }{{-1, 3}, {4, 3}, {1, 0}, {12, 12}} {
		if _, err := Shard(pictures{n: n}, test.i, test.n); err == nil || !strings.HasPrefix(err.Error(), "metrics: ") {
			t.Errorf("part %d of %d: %v", test.i, test.n, err)
		}
	}
}

// A loop that is left early leaves no goroutine behind, and reads only a bounded number of pictures ahead.
func TestReadingStops(t *testing.T) {
	before := runtime.NumGoroutine()
	s := newStore(1000)
	whole, err := Shard(s, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	for range whole.All() {
		break
	}
	asked := 0
	for i := range s.asked {
		asked += int(s.asked[i].Load())
	}
	if limit := (decodeAhead + 2) * runtime.GOMAXPROCS(0); asked > limit {
		t.Errorf("%d pictures were decoded for one, want at most %d", asked, limit)
	}
	read := 0
	numbers := func(yield func(int, error) bool) {
		for i := range 1000 {
			read++
			if !yield(i, nil) {
				return
			}
		}
	}
	for range ahead(3, numbers) {
		break
	}
	if read > 5 {
		t.Errorf("%d items were made for one, want at most 5", read)
	}
	// A goroutine that is done may be counted for a moment more.
	for begin := time.Now(); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Since(begin) > 5*time.Second {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}

func TestAhead(t *testing.T) {
	fault := errors.New("the end")
	var seq iter.Seq2[int, error] = func(yield func(int, error) bool) {
		for i := range 10 {
			if !yield(i, nil) {
				return
			}
		}
		yield(0, fault)
	}
	next, last := 0, error(nil)
	for i, err := range ahead(2, seq) {
		if err != nil {
			last = err
		} else if i != next {
			t.Errorf("got %d, want %d", i, next)
		}
		next++
	}
	if next != 11 || last != fault {
		t.Errorf("%d items and the error %v, want 11 and %v", next, last, fault)
	}
}

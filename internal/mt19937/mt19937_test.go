package mt19937

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gogan-ml/gogan/weights"
)

// TestNumPy compares every kind of number with NumPy's, drawn one after another from one generator, so that each call
// also takes as many numbers from it as NumPy's does. Values are from testdata/ref/make_mt19937.py.
func TestNumPy(t *testing.T) {
	arrays, err := weights.ReadNPZ("testdata/ref/mt19937.npz")
	if err != nil {
		t.Fatal(err)
	}
	key := make([]uint32, 700)
	for i := range key {
		key[i] = uint32(i)
	}
	for seed, r := range map[string]*RandomState{
		"0": New(0), "1": New(1), "2020": New(2020), "4294967295": New(math.MaxUint32),
		"[0]": NewFromArray(0), "[1 2 3]": NewFromArray(1, 2, 3), "range(700)": NewFromArray(key...),
	} {
		t.Run(seed, func(t *testing.T) {
			whole := func(name string, draw func() int64) {
				t.Helper()
				want, err := arrays[seed+"."+name].Int64s()
				if err != nil {
					t.Fatal(err)
				}
				for i, w := range want {
					if got := draw(); got != w {
						t.Fatalf("%s: number %d is %d, want %d", name, i, got, w)
					}
				}
			}
			// NumPy's C library and Go may round the logarithm differently.
			real := func(name string, tolerance float64, draw func() float64) {
				t.Helper()
				want, err := arrays[seed+"."+name].Float64s()
				if err != nil {
					t.Fatal(err)
				}
				for i, w := range want {
					if got := draw(); !(math.Abs(got-w) <= tolerance*math.Abs(w)) {
						t.Fatalf("%s: number %d is %v, want %v", name, i, got, w)
					}
				}
			}
			list := func(name string, got []int) {
				t.Helper()
				i := 0
				whole(name, func() int64 { i++; return int64(got[i-1]) })
				if i != len(got) {
					t.Fatalf("%s: %d numbers, want %d", name, len(got), i)
				}
			}
			for range 694 {
				r.Uint32()
			}
			whole("raw", func() int64 { return int64(r.Uint32()) })
			real("random_sample", 0, r.RandomSample)
			real("randn", 16*0x1p-53, r.Randn)
			whole("randint", func() int64 { return r.RandInt(-5, 1000) })
			whole("randint_large", func() int64 { return r.RandInt(-1<<40, 1<<45) })
			whole("randint_one", func() int64 { return r.RandInt(7, 8) })
			list("permutation", r.Permutation(50))
			list("choice", r.Choice(100, 10))
			real("standard_normal", 16*0x1p-53, r.Randn)
			real("last", 0, r.RandomSample)
		})
	}
}

func TestPermutationOfFew(t *testing.T) {
	r := New(0)
	if p := r.Permutation(0); len(p) != 0 {
		t.Errorf("permutation of nothing is %v", p)
	}
	if p := r.Permutation(1); !slices.Equal(p, []int{0}) {
		t.Errorf("permutation of one is %v", p)
	}
	if got, want := r.Uint32(), New(0).Uint32(); got != want {
		t.Error("permutations of 0 and 1 numbers drew something")
	}
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"empty key":    func() { NewFromArray() },
		"empty range":  func() { New(0).RandInt(3, 3) },
		"large choice": func() { New(0).Choice(3, 4) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

func Example() {
	r := New(2020)
	fmt.Println(r.Permutation(5)) // np.random.RandomState(2020).permutation(5)
	// Output: [3 1 2 4 0]
}

package imaging

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
)

// formula makes the pictures of testdata/make_resize.py.
func formula(w, h, c int) *Image8 {
	m := NewImage8(h, w, c)
	for i := range m.Pix {
		m.Pix[i] = uint8(i*i*31 + i*17 + i>>3*101)
	}
	return m
}

// Every shape, number of channels and filter equals Pillow to the bit.
func TestResizeEqualsPillow(t *testing.T) {
	var golden struct {
		Cases []struct {
			From   [3]int
			To     [2]int
			Filter string
			Sum    int
			SHA256 string
		}
	}
	data, err := os.ReadFile("testdata/resize.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) < 200 {
		t.Fatalf("only %d golden cases", len(golden.Cases))
	}
	for _, c := range golden.Cases {
		filter, err := ParseFilter(c.Filter)
		if err != nil {
			t.Fatal(err)
		}
		out := Resize(formula(c.From[0], c.From[1], c.From[2]), c.To[0], c.To[1], filter)
		sum := sha256.Sum256(out.Pix)
		if hex.EncodeToString(sum[:]) != c.SHA256 {
			total := 0
			for _, v := range out.Pix {
				total += int(v)
			}
			t.Errorf("%v to %v, %s: not Pillow's pixels (sum %d, want %d)", c.From, c.To, c.Filter, total, c.Sum)
		}
	}
}

// A picture large enough to be split between processors has the same pixels as one that is not.
func TestResizeInParallel(t *testing.T) {
	m := formula(700, 400, 3)
	whole := Resize(m, 350, 390, Lanczos)
	for x := 0; x < 350; x += 69 {
		column := NewImage8(390, 1, 3)
		for y := range 390 {
			copy(column.Pix[3*y:3*y+3], whole.Pix[(y*350+x)*3:(y*350+x)*3+3])
		}
		rows := resizeRows(&Image8{H: 400, W: 700, C: 3, Pix: m.Pix}, 350, Lanczos)
		strip := NewImage8(400, 1, 3)
		for y := range 400 {
			copy(strip.Pix[3*y:3*y+3], rows.Pix[(y*350+x)*3:(y*350+x)*3+3])
		}
		if got := Resize(strip, 1, 390, Lanczos); !slices.Equal(got.Pix, column.Pix) {
			t.Fatalf("column %d differs", x)
		}
	}
}

func TestResizeDoesNotShareMemory(t *testing.T) {
	m := formula(4, 4, 1)
	Resize(m, 4, 4, Box).Pix[0]++
	if !slices.Equal(m.Pix, formula(4, 4, 1).Pix) {
		t.Error("resizing to the same size returned the source's memory")
	}
}

func TestParseFilter(t *testing.T) {
	if _, err := ParseFilter("nearest"); err == nil {
		t.Error("nearest was accepted")
	}
}

func BenchmarkResize(b *testing.B) {
	for _, size := range []int{64, 299} {
		m := formula(178, 178, 3)
		b.Run(fmt.Sprintf("bicubic-178-to-%d", size), func(b *testing.B) {
			for b.Loop() {
				Resize(m, size, size, Bicubic)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "img/s")
		})
	}
	m := formula(1024, 1024, 3)
	b.Run("lanczos-1024-to-256", func(b *testing.B) {
		for b.Loop() {
			Resize(m, 256, 256, Lanczos)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "img/s")
	})
}

package blocks

import (
	"testing"

	"github.com/gomlx/compute"
)

// plugin is a backend that names its PJRT plugin, as go-xla's does.
type plugin struct {
	compute.Backend
	name string
}

func (p plugin) PluginName() string { return p.name }

// TestTable: the table is part of a run's record (LoweringTableVersion).
func TestTable(t *testing.T) {
	d1 := geometry{image: [2]int{64, 64}, kernel: [2]int{4, 4}, positions: [2]int{32, 32}, imageChannels: 3, outChannel: 64, stride: 2}
	d2 := d1
	d2.imageChannels = 64
	odd := d2
	odd.kernel = [2]int{3, 3}
	last := geometry{image: [2]int{4, 4}, kernel: [2]int{4, 4}, positions: [2]int{1, 1}, imageChannels: 512, outChannel: 1, stride: 1}
	forward := d2
	forward.inference = true
	pointwise := geometry{image: [2]int{17, 17}, kernel: [2]int{1, 1}, positions: [2]int{17, 17}, imageChannels: 512, outChannel: 192, stride: 1,
		inference: true}
	narrow := pointwise
	narrow.imageChannels = 288
	pure := struct{ compute.Backend }{}
	wide := geometry{image: [2]int{16, 16}, kernel: [2]int{3, 3}, positions: [2]int{16, 16}, imageChannels: 128, outChannel: 64, stride: 1}
	thin := wide
	thin.outChannel = 32
	thinDoubled, toRGB := thin, thin
	thinDoubled.doubled = true
	toRGB.doubled, toRGB.outChannel = true, 3
	large, whole := wide, last
	large.kernel = [2]int{7, 7}
	whole.image, whole.kernel = [2]int{7, 7}, [2]int{7, 7}
	for _, c := range []struct {
		name     string
		geometry geometry
		backend  compute.Backend
		want     Lowering
	}{
		{"few channels", d1, plugin{name: "/home/cuda/pjrt_c_api_cpu_plugin.so"}, Patches},
		{"many channels", d2, plugin{name: "/home/cuda/pjrt_c_api_cpu_plugin.so"}, Taps},
		{"a kernel that is no multiple of the stride", odd, plugin{name: "cpu"}, Patches},
		{"whole image", last, plugin{name: "cpu"}, Patches},
		{"a GPU", d2, plugin{name: "/home/cpu/pjrt_c_api_cuda_plugin.so"}, Plain},
		{"pure Go", d2, pure, Taps},
		{"no gradients", forward, plugin{name: "cpu"}, Plain},
		{"no gradients, 1x1", pointwise, plugin{name: "cpu"}, Patches},
		{"no gradients, 1x1, few channels", narrow, plugin{name: "cpu"}, Plain},
		{"no gradients, a GPU", pointwise, plugin{name: "cuda"}, Plain},
		{"no gradients, pure Go", forward, pure, Taps},
		{"3x3, many channels", wide, plugin{name: "cpu"}, Winograd},
		{"3x3, few channels", thin, plugin{name: "cpu"}, Plain},
		{"3x3, few channels, doubled", thinDoubled, plugin{name: "cpu"}, Winograd},
		{"3x3, 3 channels, doubled", toRGB, plugin{name: "cpu"}, Plain},
		{"3x3, a GPU", wide, plugin{name: "cuda"}, Plain},
		{"3x3, pure Go", wide, pure, Patches},
		{"7x7", large, plugin{name: "cpu"}, Plain},
		{"7x7, whole image", whole, plugin{name: "cpu"}, Patches},
		{"7x7, pure Go", large, pure, Patches},
	} {
		if got := c.geometry.choose(c.backend); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if LoweringTableVersion != 3 {
		t.Error("the table's version has changed: does this test hold the new table?")
	}
}

func TestLoweringNames(t *testing.T) {
	for l, want := range map[Lowering]string{Auto: "auto", Plain: "plain", Taps: "taps", Patches: "patches", Winograd: "winograd", 99: "unknown"} {
		if got := l.String(); got != want {
			t.Errorf("Lowering(%d) is called %q, want %q", l, got, want)
		}
	}
}

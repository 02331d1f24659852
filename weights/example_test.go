package weights_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gogan-ml/gogan/weights"
)

// Arrays go into a safetensors file and come back.
func Example() {
	path := filepath.Join(os.TempDir(), fmt.Sprintf("gogan-example-%d.safetensors", os.Getpid()))
	defer os.Remove(path)
	f, err := os.Create(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	arrays := map[string]weights.Array{
		"generator/weight": weights.FromFloat32([]float32{1, 2, 3, 4, 5, 6}, 2, 3),
		"generator/bias":   weights.FromFloat32([]float32{0.5, -0.5, 0}, 3),
	}
	fmt.Println(weights.WriteSafetensors(f, arrays, map[string]string{"format": "gogan"}))
	f.Close()

	back, metadata, err := weights.ReadSafetensors(path)
	fmt.Println(len(back), metadata, err)
	w := back["generator/weight"]
	values, err := w.Float32s()
	fmt.Println(w.DType, w.Shape, values, err)
	// Output:
	// <nil>
	// 2 map[format:gogan] <nil>
	// F32 [2 3] [1 2 3 4 5 6] <nil>
}

// A state dict of PyTorch is read without Python; a file that would run a program is refused with the name of what it
// would call.
func ExampleReadTorch() {
	arrays, err := weights.ReadTorch("testdata/ref/torch_state_legacy.pth")
	if err != nil {
		fmt.Println(err)
		return
	}
	w := arrays["conv.weight"]
	values, err := w.Float32s()
	fmt.Println(len(arrays), w.DType, w.Shape, values[:3], err)

	_, err = weights.ReadTorch("testdata/ref/bad_system.pth")
	fmt.Println(strings.Contains(err.Error(), `"posix.system"`))
	// Output:
	// 10 F32 [4 2 3 3] [-1.25 -0.5 0] <nil>
	// true
}

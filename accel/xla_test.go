//go:build cgo

package accel

import (
	"os"
	"path/filepath"
	"testing"
)

func TestXLAConfig(t *testing.T) {
	cuda, cpu := plugin{"cuda", "/home/cpu/x.so"}, plugin{"cpu", "/p.so"}
	for _, c := range []struct {
		plugin  plugin
		options string
		o       Options
		want    string
	}{
		{cpu, "", Options{}, "/p.so"},
		{cpu, "noshared_buffers", Options{TF32: true}, "/p.so,noshared_buffers"},
		{cuda, "", Options{}, "/home/cpu/x.so,tf32=false,noshared_buffers"},
		{cuda, "", Options{TF32: true}, "/home/cpu/x.so,tf32=true,noshared_buffers"},
		{cuda, "tf32,preallocate", Options{}, "/home/cpu/x.so,tf32,preallocate,noshared_buffers"},
		{cuda, "notf32,shared_buffers=true", Options{TF32: true}, "/home/cpu/x.so,notf32,shared_buffers=true"},
		{plugin{"tpu", "/t.so"}, "", Options{}, "/t.so,noshared_buffers"},
	} {
		if got := xlaConfig(c.plugin, c.options, c.o); got != c.want {
			t.Errorf("xlaConfig(%v, %q, %+v) = %q, want %q", c.plugin, c.options, c.o, got, c.want)
		}
	}
}

func TestSetCUDADir(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "go-xla", "pjrt_c_api_cuda_plugin.so")
	nvidia := filepath.Join(root, "nvidia")
	t.Setenv("XLA_FLAGS", "--a")
	expect := func(want string) {
		t.Helper()
		setCUDADir(path)
		if got := os.Getenv("XLA_FLAGS"); got != want {
			t.Errorf("XLA_FLAGS = %q, want %q", got, want)
		}
	}
	expect("--a") // no such directory
	if err := os.Mkdir(nvidia, 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second call finds it done
		expect("--a --xla_gpu_cuda_data_dir=" + nvidia)
	}
	t.Setenv("XLA_FLAGS", "")
	expect("--xla_gpu_cuda_data_dir=" + nvidia)
}

//go:build cgo

package accel

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gogan-ml/gogan/accel/internal/hostmem"
	"github.com/gogan-ml/gogan/accel/internal/pjrtcache"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
)

// xlaSupported tells whether this build can load PJRT plugins.
const xlaSupported = true

// openXLA opens the plugin with go-xla's options ("name=value,...") and what o adds to them.
func openXLA(p plugin, options string, o Options) (*Device, error) {
	if strings.Contains(p.path, ",") {
		return nil, fmt.Errorf("the path of an XLA plugin must hold no comma, since options follow one: %s", p.path)
	}
	var create pjrt.NamedValuesMap
	if p.platform == "cpu" && o.CPUDevices > 0 {
		create = pjrt.NamedValuesMap{"cpu_device_count": int64(o.CPUDevices)}
	}
	if p.platform == "cuda" {
		setCUDADir(p.path)
	}
	if p.platform == "cpu" {
		hostmem.Keep()
	}
	notices := keepPrograms(p.path)
	backend, err := xla.NewWithOptions(xlaConfig(p, options, o), create)
	if err != nil {
		return nil, err
	}
	d := &Device{Backend: backend, name: "xla:" + p.platform, platform: p.platform, plugin: p.path,
		notices: notices}
	if loaded, err := pjrt.GetPlugin(p.path); err == nil { // loaded by now
		major, minor := loaded.Version()
		d.version = fmt.Sprintf("%d.%d", major, minor)
	}
	return d, nil
}

// xlaConfig returns go-xla's configuration string: the path, the given options, and those without which its defaults
// would be wrong.
func xlaConfig(p plugin, options string, o Options) string {
	config := p.path
	if options != "" {
		config += "," + options
	}
	if p.platform == "cuda" && !hasOption(options, "tf32") {
		config += fmt.Sprintf(",tf32=%t", o.TF32)
	}
	// go-xla takes any path with "cpu" in it, a user's name for instance, for a CPU plugin.
	if p.platform != "cpu" && !hasOption(options, "shared_buffers") {
		config += ",noshared_buffers"
	}
	return config
}

// keepPrograms lets programs compiled by the plugin be kept on disk, and returns a notice if that is impossible.
func keepPrograms(path string) (notices []string) {
	if pjrtcache.Off() {
		return nil
	}
	err := pjrtcache.Register(path, CacheDir())
	if err == nil || errors.Is(err, pjrtcache.ErrUnsupported) {
		return nil
	}
	return []string{fmt.Sprintf("every process compiles again (%v)", oneLine(err))}
}

// hasOption tells whether options ("a=1,b") set the named option or its "no" form.
func hasOption(options, name string) bool {
	for option := range strings.SplitSeq(options, ",") {
		key, _, _ := strings.Cut(option, "=")
		if key == name || key == "no"+name {
			return true
		}
	}
	return false
}

// setCUDADir tells XLA where NVIDIA's libraries and ptxas lie: in "nvidia" beside the directory of the plugin, as
// go-xla installs them. go-xla does the same, but not for a plugin that is opened with the cache of compiled programs.
func setCUDADir(path string) {
	const flag = "--xla_gpu_cuda_data_dir"
	dir := filepath.Join(filepath.Dir(filepath.Dir(path)), "nvidia")
	flags := os.Getenv("XLA_FLAGS")
	if info, err := os.Stat(dir); err != nil || !info.IsDir() || strings.Contains(flags, flag) {
		return
	}
	os.Setenv("XLA_FLAGS", strings.TrimSpace(flags+" "+flag+"="+dir))
}

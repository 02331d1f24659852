// Package accel opens the device that computes: it finds PJRT plugins (XLA for CPU, CUDA and TPU), installs the one for
// the CPU if asked, opens the backend of GoMLX on it, and keeps compiled programs on disk for the next process.
//
// Without any plugin everything still runs on the pure Go backend, with one line of notice. The package prints and logs
// nothing, and keeps klog, which go-xla logs with, away from the standard streams.
//
// Environment:
//
//	GOMLX_BACKEND          the backend, see [Options.Backend]
//	GOGAN_HOME             where plugins and compiled programs lie (package internal/home has the default)
//	GOGAN_COMPILE_CACHE    "off" compiles every program anew
//	PJRT_PLUGIN_LIBRARY_PATH   directories with plugins, before all others
//	XLA_FLAGS              options of XLA's compiler; part of the key of a compiled program
//
// Building without cgo leaves the pure Go backend alone: go-xla needs cgo.
package accel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	_ "github.com/gogan-ml/gogan/accel/internal/quiet" // before go-xla is initialised

	"github.com/gogan-ml/gogan/accel/install"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
)

// Options says what to open. The zero value, and nil, choose by the environment.
type Options struct {
	// Backend is what GOMLX_BACKEND holds for a GoMLX program: "go", "xla", "xla:NAME" or "xla:/path/to/plugin.so",
	// an XLA plugin with options after it, as in "xla:cuda,memory_fraction=0.5". "xla" takes the best plugin that has a
	// device and never falls back to pure Go. Empty takes $GOMLX_BACKEND; if that is empty too: a CUDA or TPU plugin
	// that has a device, else the CPU plugin, else pure Go.
	Backend string

	// TF32 lets CUDA multiply float32 matrices with 10 bits of mantissa. Scores then differ, so it is never the default
	// here (go-xla's own default is true). An explicit tf32 in Backend wins.
	TF32 bool

	// AutoInstall installs the CPU plugin if no plugin is found.
	AutoInstall bool

	// Progress gets a line for each thing that takes time while installing. nil: silent.
	Progress func(string)

	// CPUDevices is the number of virtual devices of the CPU plugin: 0 leaves it to the plugin (4 in the one that is
	// installed here). For tests of data parallelism.
	CPUDevices int
}

// Device is an open backend.
type Device struct {
	Backend compute.Backend

	name, platform, plugin, version string
	notices                         []string

	mu     sync.Mutex
	closed bool
}

// Name returns the backend and platform, such as "xla:cpu", "xla:cuda" or "go".
func (d *Device) Name() string { return d.name }

// Platform returns "cpu", "cuda", "tpu" or the name of another XLA plugin; "go" for the pure Go backend.
func (d *Device) Platform() string { return d.platform }

// PluginPath returns the file of the PJRT plugin, "" for the pure Go backend.
func (d *Device) PluginPath() string { return d.plugin }

// PJRTVersion returns the version of the plugin's interface, such as "0.115", "" for the pure Go backend.
func (d *Device) PJRTVersion() string { return d.version }

// NumDevices returns the number of devices a program can be spread over.
func (d *Device) NumDevices() int { return d.Backend.NumDevices() }

// Notice returns one line that the person should see (no plugin was found, compiled programs cannot be kept), or "".
func (d *Device) Notice() string { return strings.Join(d.notices, "; ") }

// Close releases the backend and all its buffers; the second call does nothing. No program may be running.
func (d *Device) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.closed = true
		d.Backend.Finalize()
	}
}

func (d *Device) isClosed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed
}

// opening serialises all opening in the process: go-xla registers plugins without a lock.
var opening sync.Mutex

// Open opens the device that opt, which may be nil, and the environment ask for. The caller closes it. It returns an
// error if a backend that was named does not open, or if an installation that was asked for fails; with nothing named
// it always finds at least pure Go.
func Open(ctx context.Context, opt *Options) (*Device, error) {
	opening.Lock()
	defer opening.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("accel: %w", err)
	}
	var o Options
	if opt != nil {
		o = *opt
	}
	if o.Backend == "" {
		o.Backend = os.Getenv(compute.ConfigEnvVar)
	}
	d, err := open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("accel: %w", err)
	}
	return d, nil
}

func open(ctx context.Context, o Options) (*Device, error) {
	switch backend, config, _ := strings.Cut(o.Backend, ":"); {
	case backend == "":
		return openBest(ctx, o, true)
	case !slices.Contains(xlaNames, backend):
		return openOther(backend, config)
	case config == "":
		return openBest(ctx, o, false)
	default:
		return openNamed(ctx, o, config)
	}
}

var errNoCgo = errors.New("this program was built without cgo, which XLA needs: set CGO_ENABLED=1, or GOMLX_BACKEND=go")

// xlaNames are the names under which go-xla registers itself.
var xlaNames = []string{"xla", "stablehlo", "shlo", "hlo"}

// openNamed opens the XLA plugin that config names, by path or by platform, with go-xla's options after a comma.
func openNamed(ctx context.Context, o Options, config string) (*Device, error) {
	name, options, _ := strings.Cut(config, ",")
	p, err := findPlugin(name)
	if err != nil && name == "cpu" && o.AutoInstall {
		p.platform = "cpu"
		p.path, err = install.CPU(ctx, o.Progress)
	}
	if err != nil {
		return nil, err
	}
	return openXLA(p, options, o)
}

// openBest opens the first plugin that works; without one pure Go if that is allowed.
func openBest(ctx context.Context, o Options, orGo bool) (*Device, error) {
	if !xlaSupported {
		if orGo {
			return openGo("this program was built without cgo, which XLA needs: computing in pure Go, many times slower")
		}
		return nil, errNoCgo
	}
	plugins := usablePlugins()
	if len(plugins) == 0 && o.AutoInstall {
		path, err := install.CPU(ctx, o.Progress)
		if err != nil {
			return nil, err
		}
		plugins = append(plugins, plugin{platform: "cpu", path: path})
	}
	var failures []string
	for _, p := range plugins {
		d, err := openXLA(p, "", o)
		if err == nil {
			d.notices = append(failures, d.notices...)
			return d, nil
		}
		failures = append(failures, fmt.Sprintf("XLA's %s plugin does not open (%v)", p.platform, oneLine(err)))
	}
	if len(failures) == 0 {
		failures = []string{fmt.Sprintf("no XLA plugin is installed (`%s` does it)", install.Command)}
	}
	why := strings.Join(failures, "; ")
	if orGo {
		return openGo(why + ": computing in pure Go, many times slower")
	}
	return nil, errors.New(why)
}

// goConfig makes the pure Go backend compute one operation after another, each still on all cores. With operations in
// parallel, its default, compute v0.1.14 was seen to hang: its executors all waiting for a node that none had queued.
const goConfig = "ops_sequential"

// openGo opens the pure Go backend.
func openGo(notices ...string) (*Device, error) {
	backend, err := gobackend.New(goConfig)
	if err != nil {
		return nil, err
	}
	return &Device{Backend: backend, name: gobackend.BackendName, platform: "go", notices: notices}, nil
}

// openOther opens a backend that is not XLA: "go", or one that the program itself registered.
func openOther(backend, config string) (*Device, error) {
	if known := compute.List(); !slices.Contains(known, backend) {
		slices.Sort(known)
		return nil, fmt.Errorf("there is no backend %q; there are %s (from %s or Options.Backend)",
			backend, strings.Join(known, ", "), compute.ConfigEnvVar)
	}
	if backend == gobackend.BackendName && config == "" {
		return openGo()
	}
	b, err := compute.NewWithConfig(backend + ":" + config)
	if err != nil {
		return nil, err
	}
	return &Device{Backend: b, name: backend, platform: backend}, nil
}

// oneLine cuts an error, which may carry a whole stack, to its first line.
func oneLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// Install installs the CPU plugin, see [install.CPU].
func Install(ctx context.Context, progress func(string)) (path string, err error) {
	return install.CPU(ctx, progress)
}

var shared struct {
	sync.Mutex
	device *Device
}

// Default returns the device of the process: the first call opens it with the zero [Options], later calls return the
// same. After a failure, or after somebody closed it, the next call opens again.
func Default(ctx context.Context) (*Device, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.device != nil && !shared.device.isClosed() {
		return shared.device, nil
	}
	d, err := Open(ctx, nil)
	if err != nil {
		return nil, err
	}
	shared.device = d
	return d, nil
}

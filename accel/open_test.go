//go:build cgo && linux

package accel_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gomlx/compute"
)

// bare makes an environment without any plugin and returns the directory where the test can put some.
func bare(t *testing.T) (plugins string) {
	t.Helper()
	plugins = t.TempDir()
	t.Setenv("GOGAN_HOME", t.TempDir())
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", plugins)
	t.Setenv(compute.ConfigEnvVar, "")
	return plugins
}

func open(t *testing.T, opt *accel.Options) (*accel.Device, error) {
	t.Helper()
	d, err := accel.Open(t.Context(), opt)
	if err == nil {
		t.Cleanup(d.Close)
	}
	return d, err
}

func TestOpenXLA(t *testing.T) {
	path := pluginPath(t)
	for _, backend := range []string{"xla:" + path, "hlo:" + path + ",shared_buffers=true"} {
		d, err := open(t, &accel.Options{Backend: backend, CPUDevices: 3})
		if err != nil {
			t.Fatal(err)
		}
		if d.Name() != "xla:cpu" || d.Platform() != "cpu" || d.PluginPath() != path || d.NumDevices() != 3 || d.Notice() != "" {
			t.Errorf("opened %s, %s, %s, %d devices, notice %q", d.Name(), d.Platform(), d.PluginPath(), d.NumDevices(), d.Notice())
		}
		if major, minor, ok := strings.Cut(d.PJRTVersion(), "."); major != "0" || minor == "" || !ok {
			t.Errorf("PJRT version %q, want 0.N", d.PJRTVersion())
		}
	}
}

func TestOpenFindsPluginsByPlatform(t *testing.T) {
	path := pluginPath(t)
	dir := filepath.Join(bare(t), "a directory, not") // the comma is in another directory
	if err := os.MkdirAll(filepath.Join(dir, "with space"), 0o755); err != nil {
		t.Fatal(err)
	}
	spaced := filepath.Join(t.TempDir(), "with space")
	if err := os.MkdirAll(spaced, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(spaced, "pjrt_c_api_cpu_v0.1.2_plugin.so")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", spaced)
	for _, backend := range []string{"", "xla", "xla:", "xla:cpu"} {
		d, err := open(t, &accel.Options{Backend: backend})
		if err != nil {
			t.Fatal(err)
		}
		if d.Name() != "xla:cpu" || d.PluginPath() != link {
			t.Errorf("%q opened %s, %s; want xla:cpu, %s", backend, d.Name(), d.PluginPath(), link)
		}
	}
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", "")
	comma := filepath.Join(dir, filepath.Base(link))
	if err := os.Symlink(path, comma); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", dir)
	if _, err := open(t, &accel.Options{Backend: "xla:cpu"}); err == nil || !strings.Contains(err.Error(), "comma") {
		t.Errorf("path with a comma: %v", err)
	}
}

func TestOpenFallsBackToGo(t *testing.T) {
	dir := bare(t)
	d, err := open(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	notice := d.Notice()
	if d.Name() != "go" || d.NumDevices() != 1 || !strings.Contains(notice, "gogan setup") || strings.Contains(notice, "\n") {
		t.Errorf("without a plugin: %s, notice %q", d.Name(), notice)
	}
	for _, name := range []string{"pjrt_c_api_cpu_plugin.so", "pjrt_c_api_cuda_plugin.so"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("no library"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if d, err = open(t, nil); err != nil {
		t.Fatal(err)
	}
	notice = d.Notice()
	if d.Name() != "go" || !strings.Contains(notice, "cpu plugin does not open") || strings.Contains(notice, "\n") {
		t.Errorf("with a damaged plugin: %s, notice %q", d.Name(), notice)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	bare(t)
	t.Setenv("GOGAN_PYTHON", filepath.Join(t.TempDir(), "no-python"))
	for _, c := range []struct {
		opt  accel.Options
		want string
	}{
		{accel.Options{Backend: "xla"}, "gogan setup"},
		{accel.Options{Backend: "xla:cpu"}, "gogan setup"},
		{accel.Options{Backend: "xla:cuda"}, "PJRT_PLUGIN_LIBRARY_PATH"},
		{accel.Options{Backend: "xla:/no/such/plugin.so"}, "/no/such/plugin.so"},
		{accel.Options{Backend: "fpga"}, `"fpga"`},
		{accel.Options{AutoInstall: true}, "GOGAN_PYTHON"},
		{accel.Options{Backend: "xla:cpu", AutoInstall: true}, "GOGAN_PYTHON"},
	} {
		_, err := open(t, &c.opt)
		if err == nil || !strings.HasPrefix(err.Error(), "accel: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Open(%+v): %v; want an error with %q", c.opt, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := accel.Open(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Open with an ended context: %v", err)
	}
}

func TestEnvironmentNamesTheBackend(t *testing.T) {
	bare(t)
	t.Setenv(compute.ConfigEnvVar, "go")
	d, err := open(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d.Name() != "go" || d.Platform() != "go" || d.Notice() != "" || d.PluginPath() != "" || d.PJRTVersion() != "" {
		t.Errorf("GOMLX_BACKEND=go opened %+v", d)
	}
}

func TestDefaultIsSharedAndReopened(t *testing.T) {
	bare(t)
	t.Setenv(compute.ConfigEnvVar, "nothing")
	if _, err := accel.Default(t.Context()); err == nil {
		t.Fatal("an unknown backend opened")
	}
	t.Setenv(compute.ConfigEnvVar, "go")
	first, err := accel.Default(t.Context())
	if err != nil {
		t.Fatalf("after a failure: %v", err)
	}
	if second, err := accel.Default(t.Context()); err != nil || second != first {
		t.Errorf("second call: %p, %v; want %p", second, err, first)
	}
	first.Close()
	first.Close() // does nothing
	third, err := accel.Default(t.Context())
	if err != nil || third == first {
		t.Fatalf("after Close: %p, %v; want another than %p", third, err, first)
	}
	third.Close()
}

// TestNothingReachesTheTerminal opens XLA where go-xla logs already when it is initialised (no HOME); child fails on any
// line on stderr.
func TestNothingReachesTheTerminal(t *testing.T) {
	r := child(t, "one", t.TempDir(), "HOME=", "LD_LIBRARY_PATH=/nonexistent")
	if r.Name != "xla:cpu" {
		t.Errorf("opened %s", r.Name)
	}
}

func TestCheck(t *testing.T) {
	path := pluginPath(t)
	bare(t)
	rows := func() map[string]accel.Item {
		byName := make(map[string]accel.Item)
		for _, item := range accel.Check() {
			if item.Detail == "" || strings.Contains(item.Detail, "\n") {
				t.Errorf("row %+v: want one line", item)
			}
			byName[item.Name] = item
		}
		return byName
	}
	got := rows()
	if got["CPU plugin"].OK || got["device"].OK || !strings.Contains(got["CPU plugin"].Detail, "gogan setup") {
		t.Errorf("without a plugin: %+v", got)
	}
	t.Setenv(compute.ConfigEnvVar, "xla:"+path)
	got = rows()
	if !got["device"].OK || !got["PJRT"].OK || !strings.HasPrefix(got["device"].Detail, "xla:cpu, ") {
		t.Errorf("with a plugin: %+v", got)
	}
}

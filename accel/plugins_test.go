package accel

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestPlatformOf(t *testing.T) {
	for name, want := range map[string]string{
		"/a/pjrt_c_api_cpu_plugin.so":             "cpu",
		"/a/pjrt_c_api_cpu_v0.114.0_plugin.so":    "cpu",
		"/a/pjrt_c_api_cuda_plugin.so":            "cuda",
		"pjrt_plugin_tpu.so":                      "tpu",
		"pjrt-plugin-my-chip.dylib":               "my-chip",
		"pjrt_c_api_cpu_plugin.dll":               "cpu",
		"pjrt_c_api_cpu_plugin.so.sha256":         "",
		"libtpu.so":                               "",
		"pjrt_c_api_plugin.so":                    "",
		"/pjrt_c_api_cpu_plugin.so/something.txt": "",
	} {
		if got := platformOf(name); got != want {
			t.Errorf("platformOf(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestPluginsAreFoundInOrder puts plugins into each kind of place.
func TestPluginsAreFoundInOrder(t *testing.T) {
	root := t.TempDir()
	user, home, env := filepath.Join(root, "user"), filepath.Join(root, "home"), filepath.Join(root, "env")
	t.Setenv("HOME", user)
	t.Setenv("GOGAN_HOME", home)
	t.Setenv("LD_LIBRARY_PATH", filepath.Join(root, "ld"))
	goXLA := filepath.Join(user, ".local", "lib", "go-xla", "pjrt_c_api_chip_plugin.so")
	ld := filepath.Join(root, "ld", "pjrt_c_api_chip_plugin.so")
	older, newer := filepath.Join(home, "pjrt", "x-1", "pjrt_c_api_chip_plugin.so"), filepath.Join(home, "pjrt", "x-2", "pjrt_c_api_chip_plugin.so")
	explicit := filepath.Join(env, "pjrt_c_api_chip_plugin.so")
	unset := func(t *testing.T) {
		t.Setenv(envPluginPath, "") // so that it is restored
		os.Unsetenv(envPluginPath)
	}
	unset(t)
	for _, path := range []string{ld, goXLA, older, newer} { // each is preferred to those before it
		write(t, path, "")
		if p, err := findPlugin("chip"); err != nil || p.path != path || p.platform != "chip" {
			t.Errorf("found %+v (%v), want %s", p, err, path)
		}
	}
	write(t, explicit, "")
	t.Setenv(envPluginPath, "relative"+string(filepath.ListSeparator)+env)
	if p, err := findPlugin("chip"); err != nil || p.path != explicit {
		t.Errorf("found %+v (%v), want %s", p, err, explicit)
	}
	t.Setenv(envPluginPath, "")
	t.Setenv("GOGAN_HOME", filepath.Join(root, "empty"))
	if p, err := findPlugin("chip"); err == nil {
		t.Errorf("found %+v although %s is empty", p, envPluginPath)
	}
}

// TestDamagedInstallationIsPassedOver: our own plugin without a record of its installation is not opened.
func TestDamagedInstallationIsPassedOver(t *testing.T) {
	if runtime.GOOS+"/"+runtime.GOARCH != "linux/amd64" {
		t.Skip("no record of the installation is kept on this platform")
	}
	home := t.TempDir()
	t.Setenv("GOGAN_HOME", home)
	t.Setenv(envPluginPath, "")
	write(t, filepath.Join(home, "pjrt", "lammps-jax-pjrt-cpu-0.11.2", "pjrt_c_api_cpu_plugin.so"), "half of it")
	if got := installedPlugins(); len(got) != 0 {
		t.Errorf("found %v", got)
	}
}

func TestDeviceFilesDecide(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GOGAN_HOME", t.TempDir())
	t.Setenv(envPluginPath, dir)
	for _, platform := range []string{"cpu", "cuda", "tpu", "rocm"} {
		write(t, filepath.Join(dir, "pjrt_c_api_"+platform+"_plugin.so"), "")
	}
	defer func(old map[string][]string) { deviceFiles = old }(deviceFiles)
	device := filepath.Join(dir, "nvidia0")
	deviceFiles = map[string][]string{"cuda": {filepath.Join(dir, "nvidia[0-9]*")}, "tpu": {filepath.Join(dir, "accel*")}}
	platforms := func() (names []string) {
		for _, p := range usablePlugins() {
			names = append(names, p.platform)
		}
		return names
	}
	if got := platforms(); !slices.Equal(got, []string{"cpu"}) {
		t.Errorf("without devices: %v", got)
	}
	write(t, device, "")
	if got := platforms(); !slices.Equal(got, []string{"cuda", "cpu"}) {
		t.Errorf("with a CUDA device: %v", got)
	}
}

func TestLinkerDirs(t *testing.T) {
	dir := t.TempDir()
	main := filepath.Join(dir, "ld.so.conf")
	write(t, main, "# a comment\ninclude "+dir+"/conf.d/*.conf\n\n/last # here\n")
	write(t, filepath.Join(dir, "conf.d", "1.conf"), "/first\n/second\n")
	write(t, filepath.Join(dir, "conf.d", "2.conf"), "include "+main+"\n/third\n") // a loop
	got := linkerDirs(main, 2)
	if want := []string{"/first", "/second", "/third", "/last"}; !slices.Equal(got, want) {
		t.Errorf("linkerDirs = %v, want %v", got, want)
	}
	if got := linkerDirs(filepath.Join(dir, "absent"), 2); got != nil {
		t.Errorf("absent file: %v", got)
	}
}

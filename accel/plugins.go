package accel

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/accel/install"
	"github.com/gogan-ml/gogan/internal/home"
)

// plugin is the file of a PJRT plugin.
type plugin struct {
	platform string // cpu, cuda, tpu, ...
	path     string // absolute
}

// envPluginPath names go-xla's variable with the directories to search instead of the usual ones.
const envPluginPath = "PJRT_PLUGIN_LIBRARY_PATH"

// pluginName matches the file names that go-xla takes for plugins; the group is the platform, without a version.
var pluginName = regexp.MustCompile(`^(?:pjrt_c_api_(.+?)(?:_v[0-9.]+)?_plugin|pjrt[-_]plugin[-_](.+?)(?:_v[0-9.]+)?)\.(?:so|dylib|dll)$`)

// platformOf returns the platform that a plugin's file name says, "" if it is none of a plugin.
func platformOf(path string) string {
	if m := pluginName.FindStringSubmatch(filepath.Base(path)); m != nil {
		return m[1] + m[2]
	}
	return ""
}

// findPlugin returns the plugin with the given absolute path or platform ("cpu", "cuda", ...).
func findPlugin(name string) (plugin, error) {
	if filepath.IsAbs(name) {
		if _, err := os.Stat(name); err != nil {
			return plugin{}, fmt.Errorf("XLA plugin: %w", err)
		}
		p := plugin{platform: platformOf(name), path: name}
		if p.platform == "" {
			p.platform = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
		}
		return p, nil
	}
	found := installedPlugins()
	for _, p := range found {
		if p.platform == name {
			return p, nil
		}
	}
	names := make([]string, len(found))
	for i, p := range found {
		names[i] = p.platform
	}
	if name == "cpu" {
		if _, err := install.Path(); err != nil {
			return plugin{}, err
		}
	}
	return plugin{}, fmt.Errorf("no XLA plugin %q is installed; found: [%s]. Give its absolute path, or its directory in %s",
		name, strings.Join(names, " "), envPluginPath)
}

// usablePlugins returns the installed plugins worth opening, best first: CUDA and TPU if the machine has such a device,
// then CPU.
func usablePlugins() []plugin {
	installed := installedPlugins()
	var usable []plugin
	for _, platform := range []string{"cuda", "tpu", "cpu"} {
		for _, p := range installed {
			if p.platform == platform && hasDevice(platform) {
				usable = append(usable, p)
			}
		}
	}
	return usable
}

// deviceFiles are the files by which Linux shows devices. An attempt to open a plugin without its device can take a
// minute (TPU) or log to the terminal (CUDA).
var deviceFiles = map[string][]string{
	"cuda": {"/dev/nvidia[0-9]*", "/dev/dxg"}, // dxg: Windows' Linux subsystem
	"tpu":  {"/dev/accel[0-9]*", "/dev/vfio/[0-9]*"},
}

func hasDevice(platform string) bool {
	patterns, needed := deviceFiles[platform]
	if !needed {
		return true
	}
	for _, pattern := range patterns {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return true
		}
	}
	return false
}

// installedPlugins returns one plugin for each platform: the first in the order of [pluginDirs].
func installedPlugins() []plugin {
	var found []plugin
	for _, dir := range pluginDirs() {
		entries, err := os.ReadDir(dir) // sorted by name
		if err != nil {
			continue
		}
		for _, entry := range entries {
			p := plugin{platform: platformOf(entry.Name()), path: filepath.Join(dir, entry.Name())}
			known := slices.ContainsFunc(found, func(q plugin) bool { return q.platform == p.platform })
			if p.platform == "" || known || !usableFile(p.path) {
				continue
			}
			found = append(found, p)
		}
	}
	return found
}

// usableFile tells whether path is a file, and not one of ours that is known to be damaged.
func usableFile(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	if strings.HasPrefix(path, home.Join("pjrt")+string(filepath.Separator)) && platformOf(path) == "cpu" {
		ours, err := install.Path()
		return err == nil && (ours == path || filepath.Dir(ours) != filepath.Dir(path))
	}
	return true
}

// pluginDirs returns the directories that may hold plugins: those of PJRT_PLUGIN_LIBRARY_PATH, gogan's own, and, if the
// variable is not set, those where go-xla looks.
func pluginDirs() []string {
	var dirs []string
	paths, set := os.LookupEnv(envPluginPath)
	if set {
		dirs = filepath.SplitList(paths)
	}
	if ours, err := os.ReadDir(home.Join("pjrt")); err == nil {
		for _, entry := range slices.Backward(ours) { // the newest version first
			dirs = append(dirs, home.Join("pjrt", entry.Name()))
		}
	}
	if !set {
		dirs = append(dirs, goXLADirs()...)
	}
	return slices.DeleteFunc(dirs, func(dir string) bool { return !filepath.IsAbs(dir) })
}

// goXLADirs returns the default directories of go-xla v0.4.13.
func goXLADirs() []string {
	var dirs []string
	if user, err := os.UserHomeDir(); err == nil {
		lib := filepath.Join(user, ".local", "lib")
		if runtime.GOOS == "darwin" {
			lib = filepath.Join(user, "Library", "Application Support")
		}
		dirs = append(dirs, filepath.Join(lib, "go-xla"), filepath.Join(lib, "go-xla", "nvidia"),
			filepath.Join(lib, "gomlx", "pjrt"))
	}
	dirs = append(dirs, "/usr/local/lib/go-xla", "/usr/local/lib/go-xla/nvidia", "/usr/local/lib/gomlx/pjrt")
	for _, variable := range []string{"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		dirs = append(dirs, filepath.SplitList(os.Getenv(variable))...)
	}
	return append(dirs, linkerDirs("/etc/ld.so.conf", 8)...)
}

// linkerDirs returns the directories named in a configuration file of the dynamic linker, one a line, and in the files
// that it includes, at most depth deep.
func linkerDirs(file string, depth int) []string {
	f, err := os.Open(file)
	if err != nil || depth == 0 {
		return nil
	}
	defer f.Close()
	var dirs []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		line = strings.TrimSpace(line)
		if pattern, ok := strings.CutPrefix(line, "include "); ok {
			included, _ := filepath.Glob(strings.TrimSpace(pattern))
			for _, name := range included {
				dirs = append(dirs, linkerDirs(name, depth-1)...)
			}
		} else if line != "" {
			dirs = append(dirs, line)
		}
	}
	return dirs
}

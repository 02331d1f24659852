package setup

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gogan-ml/gogan/accel/install"
)

// Row is one line of the table of `gogan setup --check`.
type Row struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`       // what is there, or why it is not usable
	Do     string `json:"do,omitempty"` // what to do if it is not OK
}

// Check looks at everything that [Run] installs and changes nothing. It returns an error only if there is no clone to
// look at.
func Check(ctx context.Context, opt Options) ([]Row, error) {
	c, err := opt.open()
	if err != nil {
		return nil, err
	}
	rows := []Row{row("Go", c.goal, c.checkGo(ctx))}
	for _, r := range c.device() {
		if !r.OK && r.Do == "" {
			r.Do = remedy
		}
		rows = append(rows, r)
	}
	return append(rows,
		c.checkKernel(),
		row("Jupyter", c.jupyterVersion()+" in .venv", c.checkJupyter()),
		c.checkDataCache(),
	), nil
}

// remedy is what to do about anything that [Run] installs.
const remedy = "run `make setup`"

// row turns the outcome of a check into a row.
func row(name, detail string, err error) Row {
	if err != nil {
		return Row{Name: name, Detail: err.Error(), Do: remedy}
	}
	return Row{Name: name, OK: true, Detail: detail}
}

// pluginFile tells whether a CPU plugin is there, without opening it.
func pluginFile() []Row {
	path, err := install.Path()
	return []Row{row("plugin", path, err)}
}

func (c *clone) checkKernel() Row {
	err := c.checkTools()
	if err == nil {
		err = c.checkKernels()
	}
	version, _ := c.pinned(tools["gonb"].module)
	return row("kernel", fmt.Sprintf("%s and %s, GoNB %s", Kernel, KernelCI, version), err)
}

func (c *clone) checkDataCache() Row {
	dir := dataCache()
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return row("data cache", "", err)
	}
	probe.Close()
	os.Remove(probe.Name())
	files, bytes := 0, int64(0)
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			files++
			bytes += info.Size()
		}
		return err
	})
	return row("data cache", fmt.Sprintf("%s, %d files, %.1f MB", dir, files, float64(bytes)/1e6), err)
}

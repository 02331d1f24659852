package accel

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/gogan-ml/gogan/accel/install"
	"github.com/gogan-ml/gogan/accel/internal/pjrtcache"
	"github.com/gomlx/compute"
)

// Item is one row of a table that says what works.
type Item struct {
	Name   string
	OK     bool
	Detail string // what was found, or what is wrong and what to do
}

// Check looks at the installed plugin, opens the device that [Open] chooses with the zero [Options], and looks at the
// directory of compiled programs. It reads the whole plugin, which takes about half a second.
func Check() []Item {
	return append(checkDevice(), checkPlugin(), checkCache())
}

func checkPlugin() Item {
	item := Item{Name: "CPU plugin"}
	path, err := install.Path()
	if err == nil {
		item.Detail = path + ", whole"
		err = install.Verify(path)
	}
	if err != nil {
		item.Detail = oneLine(err)
		return item
	}
	item.OK = true
	return item
}

func checkDevice() []Item {
	item := Item{Name: "device"}
	d, err := Open(context.Background(), nil)
	if err != nil {
		item.Detail = oneLine(err)
		return []Item{item}
	}
	defer d.Close()
	item.OK = d.Notice() == "" // pure Go that was asked for is no fault
	item.Detail = fmt.Sprintf("%s, %d device(s): %s", d.Name(), d.NumDevices(), d.Backend.DeviceDescription(compute.DeviceNum(0)))
	if !item.OK {
		item.Detail = d.Name() + ": " + d.Notice()
	}
	items := []Item{item}
	if d.PluginPath() != "" {
		items = append(items, Item{Name: "PJRT", OK: true, Detail: d.PJRTVersion() + ", " + d.PluginPath()})
	}
	return items
}

func checkCache() Item {
	item := Item{Name: "compiled programs", OK: true, Detail: CacheDir()}
	if pjrtcache.Off() {
		item.Detail = fmt.Sprintf("off (%s)", pjrtcache.Env)
		return item
	}
	entries, err := os.ReadDir(CacheDir())
	if err != nil {
		item.Detail += ", empty"
		return item
	}
	var programs int
	var size int64
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && strings.HasSuffix(entry.Name(), ".pjrt") {
			programs++
			size += info.Size()
		}
	}
	item.Detail += fmt.Sprintf(", %d programs, %.1f MB", programs, float64(size)/1e6)
	return item
}

package setup

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tools are the programs of tools/go.mod by the name of their file in .venv/bin. The kernel needs goimports at every
// cell; staticcheck is for `make test`.
var tools = map[string]string{
	"gonb":        "github.com/janpfeifer/gonb",
	"goimports":   "golang.org/x/tools",
	"staticcheck": "honnef.co/go/tools",
}

// installGo makes the Go command fetch the toolchain of go.mod, if it is not that one already.
func (c *clone) installGo(ctx context.Context) error {
	if c.checkGo(ctx) == nil {
		return nil
	}
	if err := c.run("fetching "+c.goal, c.command(ctx, "", "go", "version")); err != nil {
		return err
	}
	return c.checkGo(ctx)
}

// checkGo returns an error if the Go command in PATH does not give the toolchain of go.mod without the network.
func (c *clone) checkGo(ctx context.Context) error {
	cmd := c.command(ctx, "", "go", "env", "GOVERSION")
	cmd.Env = c.environ("GOPROXY=off")
	output, err := cmd.Output()
	if err != nil {
		if _, missing := exec.LookPath("go"); missing != nil {
			return fmt.Errorf("no Go command in PATH")
		}
		return fmt.Errorf("%s is not there yet", c.goal)
	}
	if got := strings.TrimSpace(string(output)); got != c.goal {
		return fmt.Errorf("the Go command is %s; go.mod needs %s", got, c.goal)
	}
	return nil
}

// installTools builds the pinned tools into .venv/bin. They are built beside it and renamed, so that a kernel that is
// running keeps its program.
func (c *clone) installTools(ctx context.Context) error {
	if c.checkTools() == nil {
		return nil
	}
	bin := c.path(".venv", "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(c.path(".venv"), ".tools-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	cmd := c.command(ctx, "tools", "go", "install", "tool")
	cmd.Env = c.environ("GOBIN=" + fresh)
	if err := c.run("building gonb, goimports and staticcheck", cmd); err != nil {
		return err
	}
	for name := range tools {
		if err := os.Rename(filepath.Join(fresh, name), filepath.Join(bin, name)); err != nil {
			return err
		}
	}
	return c.checkTools()
}

// checkTools returns an error if a tool is missing or was built from another version than the pinned one, or by another
// Go: staticcheck must know the language version of what it reads.
func (c *clone) checkTools() error {
	for name, module := range tools {
		want, err := c.pinned(module)
		if err != nil {
			return err
		}
		info, err := buildinfo.ReadFile(c.path(".venv", "bin", name))
		if err != nil {
			return fmt.Errorf("%s is not built", name)
		}
		if got := info.Main.Version; info.Main.Path != module || got != want || info.GoVersion != c.goal {
			return fmt.Errorf("%s is %s built by %s; pinned is %s by %s", name, got, info.GoVersion, want, c.goal)
		}
	}
	return nil
}

// pinned returns the version of a module in tools/go.mod.
func (c *clone) pinned(module string) (string, error) {
	data, err := os.ReadFile(c.path("tools", "go.mod"))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == module {
			return fields[1], nil
		}
	}
	return "", fmt.Errorf("tools/go.mod does not name %s", module)
}

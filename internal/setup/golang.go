package setup

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// tool is a program of tools/go.mod that has to lie in .venv/bin.
type tool struct{ module, pkg string }

// tools are the kernel and what it runs at every cell, by the name of their files.
var tools = map[string]tool{
	"gonb":      {"github.com/janpfeifer/gonb", "github.com/janpfeifer/gonb"},
	"goimports": {"golang.org/x/tools", "golang.org/x/tools/cmd/goimports"},
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

// builtTools is where tools lie between [clone.buildTools] and [clone.placeTools].
const builtTools = ".cache/tools"

// buildTools builds the pinned tools beside .venv, which may be in the making.
func (c *clone) buildTools(ctx context.Context) error {
	args := []string{"install"}
	for _, name := range slices.Sorted(maps.Keys(tools)) {
		args = append(args, tools[name].pkg)
	}
	cmd := c.command(ctx, "tools", "go", args...)
	cmd.Env = c.environ("GOBIN=" + c.path(builtTools))
	return c.run("building gonb and goimports", cmd)
}

// placeTools moves them into .venv/bin. A kernel that is running keeps its program.
func (c *clone) placeTools(context.Context) error {
	if c.checkTools() == nil {
		return nil
	}
	for name := range tools {
		if err := os.Rename(c.path(builtTools, name), c.path(".venv", "bin", name)); err != nil {
			return err
		}
	}
	return c.checkTools()
}

// checkTools returns an error if a tool is missing or was built from another version than the pinned one, or by another
// Go: goimports must know the language version of what it reads.
func (c *clone) checkTools() error {
	for name, tool := range tools {
		want, err := c.pinned(tool.module)
		if err != nil {
			return err
		}
		info, err := buildinfo.ReadFile(c.path(".venv", "bin", name))
		if err != nil {
			return fmt.Errorf("%s is not built", name)
		}
		if got := info.Main.Version; info.Main.Path != tool.module || got != want || info.GoVersion != c.goal {
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

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gomlx/compute"
)

// firstStepVerb makes this program time its own first step.
const firstStepVerb = "-first-step"

// firstStepCached compares the time from the start of a process to the end of its first step of D and of G, when
// another process has compiled the same programs before, with the time when none has.
func firstStepCached(ctx context.Context) (result, error) {
	device, err := accel.Open(ctx, nil)
	if err != nil {
		return result{}, err
	}
	plugin := device.PluginPath()
	device.Close()
	if plugin == "" {
		return result{}, fmt.Errorf("%w: no XLA plugin, so nothing is compiled", errMissing)
	}
	var cached, uncached []float64
	for range 3 {
		dir, err := os.MkdirTemp("", "gogan-bench-")
		if err != nil {
			return result{}, err
		}
		defer os.RemoveAll(dir)
		for _, times := range []*[]float64{&uncached, &cached} { // the first run fills the cache of the second
			seconds, err := firstStep(ctx, plugin, filepath.Join(dir, "home"))
			if err != nil {
				return result{}, err
			}
			*times = append(*times, seconds)
		}
	}
	return result{median(cached), median(uncached), "gogan " + gan.Version}, nil
}

// firstStep runs this program again, with its compiled programs below dir.
func firstStep(ctx context.Context, plugin, dir string) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	command := exec.CommandContext(ctx, self, firstStepVerb)
	command.Env = append(os.Environ(), "GOGAN_HOME="+dir, compute.ConfigEnvVar+"=xla:"+plugin, "GOGAN_COMPILE_CACHE=")
	start := time.Now()
	out, err := outputOf(command)
	total := time.Since(start).Seconds()
	if err != nil {
		return 0, err
	}
	// What the process does after its first step is not counted.
	after, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		return 0, fmt.Errorf("the process that was timed printed %q", out)
	}
	return total - after, nil
}

// printFirstStep makes one step and prints the seconds that closing took.
func printFirstStep(ctx context.Context) error {
	we, err := settings[0].open(ctx)
	if err != nil {
		return err
	}
	if _, _, err := we.steps(ctx, 1); err != nil {
		return err
	}
	done := time.Now()
	we.close()
	fmt.Println(time.Since(done).Seconds())
	return nil
}

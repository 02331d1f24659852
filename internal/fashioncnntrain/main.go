// Command fashioncnntrain trains the network of package extractors/fashioncnn on the 60,000 training images of
// Fashion-MNIST and tests it on the 10,000 test images, after every epoch and at the end. The set must be on the machine
// (`gogan data fetch fashion-mnist`). The same plugin, processor and seed give the same weights.
//
//	fashioncnntrain -out DIR    makes DIR with fashion-cnn.safetensors and train.jsonl, the files of the package
//	fashioncnntrain -floor      prints floor.jsonl: what real images score against other real ones
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/gan"
)

func main() {
	out := flag.String("out", "", "directory to make, for the weights and the log")
	epochs := flag.Int("epochs", 10, "times that the training images are shown")
	seed := flag.Int64("seed", 1, "of initial values, order and augmentation")
	floors := flag.Bool("floor", false, "print scores of real images instead")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *floors == (*out != "") || *epochs < 1 || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "usage: fashioncnntrain -out DIR [-epochs N] [-seed N] or fashioncnntrain -floor")
		os.Exit(2)
	}
	var err error
	if *floors {
		err = floor(ctx, json.NewEncoder(os.Stdout))
	} else {
		err = run(ctx, *out, *epochs, *seed)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fashioncnntrain: "+strings.Join(strings.Fields(err.Error()), " "))
		os.Exit(1)
	}
}

// run trains into a new directory.
func run(ctx context.Context, dir string, epochs int, seed int64) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err // what is there stays
	}
	device, err := accel.Default(ctx)
	if err != nil {
		return err
	}
	logged, err := os.Create(filepath.Join(dir, "train.jsonl"))
	if err != nil {
		return err
	}
	log := json.NewEncoder(io.MultiWriter(logged, os.Stderr))
	err = log.Encode(header{
		Command: fmt.Sprintf("go run ./internal/fashioncnntrain -out DIR -epochs %d -seed %d", epochs, seed),
		Seed:    seed, Epochs: epochs, Batch: batch, Device: device.Name(), Versions: versions(),
	})
	if err == nil {
		var file []byte
		if file, err = train(ctx, device, log, epochs, seed); err == nil {
			err = os.WriteFile(filepath.Join(dir, "fashion-cnn.safetensors"), file, 0o644)
		}
	}
	return errors.Join(err, logged.Close())
}

// header is the first line of the log.
type header struct {
	Command  string            `json:"command"`
	Seed     int64             `json:"seed"`
	Epochs   int               `json:"epochs"`
	Batch    int               `json:"batch"`
	Device   string            `json:"device"`
	Versions map[string]string `json:"versions"`
}

// versions of the modules that decide the numbers.
func versions() map[string]string {
	out := map[string]string{"gogan": gan.Version}
	if info, ok := debug.ReadBuildInfo(); ok {
		out["go"] = info.GoVersion
		for _, m := range info.Deps {
			if strings.HasPrefix(m.Path, "github.com/gomlx/") {
				out[m.Path] = m.Version
			}
		}
	}
	return out
}

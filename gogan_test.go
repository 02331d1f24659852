package gogan_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/gogan-ml/gogan"
	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/gan"
)

func TestMain(m *testing.M) {
	os.Setenv(compute.ConfigEnvVar, "go") // a run of 16 images needs no XLA
	os.Exit(m.Run())
}

// train trains a small run in dir.
func train(dir string) error {
	data, err := datasets.Open("fashion-mini")
	if err != nil {
		return err
	}
	cfg := gan.DCGAN()
	cfg.BaseChannels, cfg.Batch = 2, 8
	run, err := gan.Open(dir, cfg, data)
	if err != nil {
		return err
	}
	defer run.Close()
	return run.TrainTo(context.Background(), 16, gan.Silent())
}

func ExampleLoad() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := train(dir); err != nil { // a short gan.Run
		log.Fatal(err)
	}

	model, err := gogan.Load(dir) // the directory of a run, or a file made from one
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	switch m := model.(type) {
	case *gan.Generator:
		pictures, err := m.Sample(context.Background(), gan.Seeds(0, 4))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(pictures), "pictures, the first of", pictures[0].Bounds().Size())
	}
	// Output: 4 pictures, the first of (28,28)
}

func TestLoadSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(file, []byte("no model"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "nosuch"), dir, file} {
		model, err := gogan.Load(path)
		if err == nil || model != nil || !strings.Contains(err.Error(), path) {
			t.Errorf("Load(%q) = %v, %v; want nil and an error that names the path", path, model, err)
		}
	}
}

// user is a program in another module.
const user = `package main

import (
	"fmt"

	"github.com/gogan-ml/gogan"
	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/gan"
)

func main() {
	_, err := gogan.Load("nosuch")
	set, _ := datasets.Open("fashion-mini")
	fmt.Println(err != nil, set.Len(), gan.DCGAN().Preset)
}
`

// Another module uses a clone with the two lines of its go.mod that README.md shows, without any network.
func TestAnotherModuleUsesAClone(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	require := regexp.MustCompile(`(?m)^require github\.com/gogan-ml/gogan v\S+$`).Find(readme)
	replace := regexp.MustCompile(`(?m)^(replace github\.com/gogan-ml/gogan => )\S+$`).FindSubmatch(readme)
	if require == nil || replace == nil {
		t.Fatal("README.md does not show the two lines that use a clone: require github.com/gogan-ml/gogan VERSION and " +
			"replace github.com/gogan-ml/gogan => PATH")
	}
	clone, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":  fmt.Sprintf("module example.org/user\n\ngo 1.27.4\n\n%s\n%s%q\n", require, replace[1], clone),
		"main.go": user,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "run", ".")
	cmd.Dir = dir
	// The modules are in the cache, since this test was built from them; without a network nobody can confirm their sums.
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off", "GOTOOLCHAIN=local")
	output, err := cmd.CombinedOutput()
	if want := "true 12000 dcgan\n"; err != nil || string(output) != want {
		t.Errorf("%v: got %q, want %q", err, output, want)
	}
}

// Command testlog is `make test` after the set-up: it checks the format of the code, runs go vet and staticcheck, checks
// README.md, and runs all tests. It tells the ten items that took longest and ends with exactly what `go test` prints. With
// CI=true a test that is skipped is a failure, unless allowedSkips names it.
//
//	testlog [PACKAGE]...     default: ./...
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// logFile keeps the events of the tests: what each test wrote and how long it took.
const logFile = "out/test.json"

// allTags are the build tags of files that `make test` compiles and checks, but does not run.
const allTags = "long,browser"

func main() {
	packages := os.Args[1:]
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	if err := check(packages); err != nil {
		fmt.Fprintln(os.Stderr, "make test: "+err.Error())
		os.Exit(1)
	}
}

// check runs all stages, the later ones also after one that fails: who mends the code wants to see everything.
func check(packages []string) error {
	var took []item
	var failed []string
	for _, stage := range []struct {
		name string
		do   func() ([]byte, error)
	}{
		{"gofmt", gofmt},
		{"go vet", command("go", append([]string{"vet", "-tags", allTags}, packages...)...)},
		{"staticcheck", command("go", append([]string{"tool", "-modfile=tools/go.mod", "staticcheck", "-tags", allTags}, packages...)...)},
		{"README.md", command("go", "test", "-run", "README", "./internal/house")},
	} {
		fmt.Printf("%-12s", stage.name)
		start := time.Now()
		output, err := stage.do()
		took = append(took, item{stage.name, time.Since(start)})
		if err != nil {
			fmt.Printf("FAILED (%v)\n%s", err, output)
			failed = append(failed, stage.name)
			continue
		}
		fmt.Printf("ok %5.1f s\n", time.Since(start).Seconds())
	}
	r, err := test(packages)
	if err != nil {
		return err
	}
	fmt.Println("\nslowest:")
	for _, i := range slowest(append(took, r.tests...), 10) {
		fmt.Printf("%7.1f s  %s\n", i.took.Seconds(), i.name)
	}
	forbidden := forbiddenSkips(r.skipped, os.Getenv("CI") == "true")
	fmt.Println()
	for _, skip := range forbidden {
		fmt.Println("skipped, though CI=true: " + skip)
	}
	r.print(os.Stdout)
	if r.failed || len(forbidden) > 0 {
		failed = append(failed, "go test")
	}
	if len(failed) > 0 {
		return errors.New("failed: " + strings.Join(failed, ", "))
	}
	return nil
}

// gofmt lists the files that gofmt would change. It is the gofmt of the toolchain that builds.
func gofmt() ([]byte, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	files, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.go").Output()
	if err != nil {
		return nil, err
	}
	var there []string // a file that was deleted and not committed yet is listed, too
	for name := range strings.SplitSeq(strings.TrimRight(string(files), "\x00"), "\x00") {
		if _, err := os.Stat(name); err == nil {
			there = append(there, name)
		}
	}
	program := filepath.Join(strings.TrimSpace(string(root)), "bin", "gofmt")
	output, err := exec.Command(program, append([]string{"-l"}, there...)...).CombinedOutput()
	if err == nil && len(output) > 0 {
		err = errors.New("these files are not formatted")
	}
	return output, err
}

// command returns a stage that runs a program.
func command(name string, args ...string) func() ([]byte, error) {
	return func() ([]byte, error) { return exec.Command(name, args...).CombinedOutput() }
}

// test runs the tests of the packages one package at a time: XLA takes all cores of each.
func test(packages []string) (*results, error) {
	if err := os.MkdirAll(filepath.Dir(logFile), 0o755); err != nil {
		return nil, err
	}
	log, err := os.Create(logFile)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command("go", append([]string{"test", "-json", "-p", "1", "-vet=off", "-timeout", "20m"}, packages...)...)
	var messages bytes.Buffer
	cmd.Stderr = &messages
	events, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	r, err := read(io.TeeReader(events, log), func(pkg string, took time.Duration, ok bool) {
		state := "ok"
		if !ok {
			state = "FAILED"
		}
		fmt.Printf("%-12s%s %5.1f s  %s\n", "go test", state, took.Seconds(), short(pkg))
	})
	if err != nil {
		return nil, err
	}
	r.building.Write(messages.Bytes())
	if err := cmd.Wait(); err != nil {
		r.failed = true
	}
	return r, nil
}

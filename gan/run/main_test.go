package run

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gogan-ml/gogan/weights"
)

// Tests of kills, locks and rights need other processes: the test binary starts itself with a role from this table.
var roles = map[string]func(dir string) error{
	"saver":    saveForever,
	"holder":   holdLock,
	"stranger": writeAsStranger,
	"full":     saveOnFullDisk,
}

const roleVariable = "GOGAN_RUN_TEST_ROLE"

func TestMain(m *testing.M) {
	name := os.Getenv(roleVariable)
	if name == "" {
		os.Exit(m.Run())
	}
	if err := roles[name](os.Args[1]); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

// child starts this binary in the role, on the directory.
func child(t *testing.T, role, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0], dir)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd, bufio.NewScanner(out)
}

type testConfig struct {
	Preset string  `json:"preset"`
	Seed   int64   `json:"seed"`
	LR     float64 `json:"lr"`
	Grid   float64 `json:"grid_kimg"`
}

var config = testConfig{Preset: "dcgan", Seed: 1<<60 + 1, LR: 2e-4, Grid: 10}

// create opens dir for writing and closes it at the end of the test.
func create(t *testing.T, dir string, opt Options) *Dir {
	t.Helper()
	d, err := Create(dir, config, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// stateArrays are arrays that tell which state they belong to: every element is img+cycle.
func stateArrays(img, cycle int64) map[string]weights.Array {
	values := slices.Repeat([]int64{img + cycle}, 1000)
	return map[string]weights.Array{"/generator/weight": weights.FromInt64(values, 10, 100), "/rng": weights.FromInt64(values[:1])}
}

// checkState says whether the arrays are those of the state, in every element.
func checkState(st State, arrays map[string]weights.Array) error {
	for name, a := range stateArrays(st.Img, st.Cycle) {
		if got := arrays[name]; string(got.Data) != string(a.Data) || !slices.Equal(got.Shape, a.Shape) {
			return fmt.Errorf("img %d, cycle %d: array %s holds %d", st.Img, st.Cycle, name, binary.LittleEndian.Uint64(got.Data))
		}
	}
	if len(arrays) != 2 {
		return fmt.Errorf("%d arrays", len(arrays))
	}
	return nil
}

// files lists all files of a directory, by slash path.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			out = append(out, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wantError demands an error of one line with all the words.
func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", words)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not say %q", err, word)
		}
	}
	if !strings.HasPrefix(err.Error(), "run: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q is not one line that begins with the package", err)
	}
}

// holdLock opens the directory for writing and waits to be killed.
func holdLock(dir string) error {
	d, err := Create(dir, config, Options{})
	if err != nil {
		return err
	}
	fmt.Println("held")
	time.Sleep(time.Hour)
	return d.Close()
}

// writeAsStranger tries the directory as a user who may only read it.
func writeAsStranger(dir string) error {
	if os.Geteuid() == 0 {
		if err := syscall.Setuid(65534); err != nil {
			return err
		}
	}
	if _, err := Summarize(dir); err != nil {
		return err
	}
	d, err := Open(dir)
	if err != nil {
		return err
	}
	if st, arrays, found, _, err := d.Load(); err != nil || !found {
		return fmt.Errorf("load: %v, %w", found, err)
	} else if err := checkState(st, arrays); err != nil {
		return err
	}
	for _, path := range []string{dir, filepath.Join(dir, "below")} {
		_, err := Create(path, config, Options{})
		fmt.Println(err)
	}
	return nil
}

// saveOnFullDisk saves a state that fits, and then one that is larger than the system lets files become. A full disk
// looks the same to a writer: its write fails in the middle of the file.
func saveOnFullDisk(dir string) error {
	d, err := Create(dir, config, Options{})
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	if err := d.Save(State{Img: 1000}, stateArrays(1000, 0)); err != nil {
		return err
	}
	big := map[string]weights.Array{"big": weights.FromUint8(make([]byte, 4<<20), 4<<20)}
	fmt.Println(d.Save(State{Img: 2000}, big))
	return nil
}

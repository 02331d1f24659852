package run

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gogan-ml/gogan/metrics/stats"
	"github.com/gogan-ml/gogan/weights"
)

// save saves the state that stateArrays belong to.
func save(t *testing.T, d *Dir, img, cycle int64) {
	t.Helper()
	if err := d.Save(State{Img: img, Cycle: cycle}, stateArrays(img, cycle)); err != nil {
		t.Fatal(err)
	}
}

// wantLoad demands that Load finds the state, with its arrays.
func wantLoad(t *testing.T, d *Dir, img, cycle int64) (damaged []string) {
	t.Helper()
	st, arrays, found, damaged, err := d.Load()
	if err != nil || !found {
		t.Fatalf("load: found %v, %v", found, err)
	}
	if st.Img != img || st.Cycle != cycle {
		t.Errorf("loaded img %d, cycle %d, want %d, %d", st.Img, st.Cycle, img, cycle)
	}
	if err := checkState(st, arrays); err != nil {
		t.Error(err)
	}
	return damaged
}

func checkpointNames(t *testing.T, d *Dir) []string {
	t.Helper()
	entries, err := os.ReadDir(d.Path(checkpointName))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestSaveAndLoad(t *testing.T) {
	d := create(t, t.TempDir(), Options{})
	if _, _, found, damaged, err := d.Load(); found || damaged != nil || err != nil {
		t.Errorf("a new run: found %v, damaged %v, %v", found, damaged, err)
	}
	want := State{Img: 12000, Cycle: 7, Phase: 1, Repeat: 2, Updates: map[string]int64{"generator": 7, "discriminator": 36},
		Seed: 1<<60 + 1, NaNs: 1, Seconds: 12.5, Versions: map[string]string{"gogan": "0.1"}, Time: time.Date(2026, 11, 23, 10, 0, 0, 5, time.UTC)}
	if err := d.Save(want, stateArrays(12000, 7)); err != nil {
		t.Fatal(err)
	}
	got, arrays, found, damaged, err := d.Load()
	if err != nil || !found || damaged != nil {
		t.Fatalf("found %v, damaged %v, %v", found, damaged, err)
	}
	if len(got.SHA256) != 64 {
		t.Errorf("SHA-256 is %q", got.SHA256)
	}
	got.SHA256 = ""
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if err := checkState(got, arrays); err != nil {
		t.Error(err)
	}
	wantError(t, d.Save(State{Img: -1}, nil), "-1")
}

func TestKeepLast(t *testing.T) {
	d := create(t, t.TempDir(), Options{KeepLast: 3})
	for img := int64(1000); img <= 6000; img += 1000 {
		save(t, d, img, 0)
		if img == 2000 {
			if err := d.MarkBest(2000, stats.Result{Name: "fid", Value: 20}); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := []string{"000002000", "000004000", "000005000", "000006000"}
	if got := checkpointNames(t, d); !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	wantLoad(t, d, 6000, 0)

	// The mark outlives the process.
	dir := d.Path()
	d.Close()
	d = create(t, dir, Options{})
	if img, score, found, err := d.Best(); img != 2000 || score.Value != 20 || !found || err != nil {
		t.Errorf("best is %d, %v, %v, %v", img, score, found, err)
	}
	save(t, d, 1_234_567_890, 0)
	want = []string{"000002000", "000006000", "1234567890"}
	if got := checkpointNames(t, d); !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	wantLoad(t, d, 1_234_567_890, 0)

	// Another mark frees the first.
	if err := d.MarkBest(6000, stats.Result{Name: "fid", Value: 10}); err != nil {
		t.Fatal(err)
	}
	save(t, d, 1_234_567_891, 0)
	want = []string{"000006000", "1234567890", "1234567891"}
	if got := checkpointNames(t, d); !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	wantError(t, d.MarkBest(2000, stats.Result{Name: "fid"}), "no checkpoint")
}

func TestLoadBest(t *testing.T) {
	d := create(t, t.TempDir(), Options{})
	save(t, d, 1000, 0)
	_, _, err := d.LoadBest()
	wantError(t, err, "no checkpoint", "best", "scores")
	if err := d.MarkBest(1000, stats.Result{Name: "fid", Value: 20}); err != nil {
		t.Fatal(err)
	}
	save(t, d, 2000, 0)
	st, arrays, err := d.LoadBest()
	if err != nil || st.Img != 1000 {
		t.Fatalf("the best is at %d (%v), want 1000", st.Img, err)
	}
	if err := checkState(st, arrays); err != nil {
		t.Error(err)
	}
	if err := os.Truncate(d.Path(checkpointName, checkpointDir(1000), arraysName), 10); err != nil {
		t.Fatal(err)
	}
	_, _, err = d.LoadBest()
	wantError(t, err, "best checkpoint", "SHA-256")
}

// What was just saved stays, even below older checkpoints.
func TestKeepJustSaved(t *testing.T) {
	d := create(t, t.TempDir(), Options{KeepLast: 1})
	save(t, d, 2000, 0)
	save(t, d, 1000, 0)
	if got, want := checkpointNames(t, d), []string{"000001000", "000002000"}; !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
}

func TestSaveReplacesSameImg(t *testing.T) {
	d := create(t, t.TempDir(), Options{})
	save(t, d, 1000, 1)
	save(t, d, 1000, 2)
	wantLoad(t, d, 1000, 2)
	if got, want := checkpointNames(t, d), []string{"000001000"}; !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
}

// A replacement has two moments at which a kill leaves something: the old checkpoint stepped aside, and the new one is
// not there yet or is.
func TestInterruptedReplacement(t *testing.T) {
	for _, replaced := range []bool{false, true} {
		dir := t.TempDir()
		d := create(t, dir, Options{})
		save(t, d, 1000, 1)
		path := d.Path(checkpointName, "000001000")
		if err := os.Rename(path, path+asideSuffix); err != nil {
			t.Fatal(err)
		}
		cycle := int64(1)
		if replaced {
			cycle = 2
			save(t, d, 1000, 2)
		}
		wantLoad(t, d, 1000, cycle) // a reader at this moment
		d.Close()
		d = create(t, dir, Options{})
		wantLoad(t, d, 1000, cycle)
		if got, want := checkpointNames(t, d), []string{"000001000"}; !slices.Equal(got, want) {
			t.Errorf("replaced %v: %v is there, want %v", replaced, got, want)
		}
	}
}

// Each way of damage makes Load fall back on the checkpoint before, and name the damaged one with the cause.
func TestDamagedCheckpoint(t *testing.T) {
	edit := func(name string, change func([]byte) []byte) func(string) error {
		return func(dir string) error {
			path := filepath.Join(dir, name)
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(path, change(data), 0o644)
		}
	}
	remove := func(name string) func(string) error {
		return func(dir string) error { return os.Remove(filepath.Join(dir, name)) }
	}
	for name, test := range map[string]struct {
		damage func(dir string) error
		cause  string
	}{
		"truncated":        {edit(arraysName, func(b []byte) []byte { return b[:len(b)/2] }), "SHA-256"},
		"flipped bit":      {edit(arraysName, func(b []byte) []byte { b[len(b)-1] ^= 1; return b }), "SHA-256"},
		"empty arrays":     {edit(arraysName, func(b []byte) []byte { return nil }), "SHA-256"},
		"arrays removed":   {remove(arraysName), "state.safetensors is missing"},
		"state removed":    {remove(stateName), "state.json is missing"},
		"state truncated":  {edit(stateName, func(b []byte) []byte { return b[:len(b)/2] }), "state.json cannot be read"},
		"state of another": {edit(stateName, func(b []byte) []byte { return []byte(strings.Replace(string(b), "2000", "3000", 1)) }), "state.json is of 3k img"},
		"arrays no file": {func(dir string) error { // with the right hash, but no safetensors file
			if err := os.WriteFile(filepath.Join(dir, arraysName), nil, 0o644); err != nil {
				return err
			}
			const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // SHA-256 of nothing
			return os.WriteFile(filepath.Join(dir, stateName), []byte(`{"img":2000,"sha256":"`+empty+`"}`), 0o644)
		}, "truncated"},
	} {
		t.Run(name, func(t *testing.T) {
			d := create(t, t.TempDir(), Options{})
			save(t, d, 1000, 0)
			save(t, d, 2000, 0)
			if err := test.damage(d.Path(checkpointName, "000002000")); err != nil {
				t.Fatal(err)
			}
			damaged := wantLoad(t, d, 1000, 0)
			if len(damaged) != 1 || !strings.HasPrefix(damaged[0], "checkpoint/000002000 (") || !strings.Contains(damaged[0], test.cause) {
				t.Errorf("named %q, want checkpoint/000002000 and %q", damaged, test.cause)
			}
			// Going on from there, the damaged one is out of the way.
			if err := d.CutAfter(1000); err != nil {
				t.Fatal(err)
			}
			if damaged := wantLoad(t, d, 1000, 0); damaged != nil {
				t.Errorf("after CutAfter still damaged: %q", damaged)
			}

			// With nothing left to fall back on, Load says so instead of starting anew.
			save(t, d, 2000, 0)
			if err := d.discard("000001000"); err != nil {
				t.Fatal(err)
			}
			if err := test.damage(d.Path(checkpointName, "000002000")); err != nil {
				t.Fatal(err)
			}
			_, _, found, damaged, err := d.Load()
			wantError(t, err, d.Path(), "checkpoint/000002000", test.cause)
			if found || len(damaged) != 1 {
				t.Errorf("found %v, damaged %q", found, damaged)
			}
		})
	}
}

// A failed Save leaves the checkpoints as they were, and nothing half done.
func TestSaveFails(t *testing.T) {
	d := create(t, t.TempDir(), Options{})
	save(t, d, 1000, 0)
	err := d.Save(State{Img: 2000}, map[string]weights.Array{"a": {DType: weights.F32, Shape: []int{2}, Data: make([]byte, 7)}})
	wantError(t, err, "2k img", d.Path(), `array "a"`)
	if got, want := checkpointNames(t, d), []string{"000001000"}; !slices.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}
	wantLoad(t, d, 1000, 0)
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	cmd, out := child(t, "full", dir)
	if !out.Scan() || !strings.HasPrefix(out.Text(), "run: cannot save the state at 2k img in "+dir) || !strings.Contains(out.Text(), "file too large") {
		t.Errorf("got %q", out.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%s: %v", out.Text(), err)
	}
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	wantLoad(t, d, 1000, 0)
	if got, want := checkpointNames(t, d), []string{"000001000"}; !slices.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}
}

func TestEqualStatesAreEqualFiles(t *testing.T) {
	var texts [2][]byte
	for i := range texts {
		d := create(t, t.TempDir(), Options{})
		arrays := map[string]weights.Array{}
		for _, k := range rand.Perm(20) {
			arrays[strings.Repeat("x", k+1)] = weights.FromInt64([]int64{int64(k)}, 1)
		}
		if err := d.Save(State{Img: 1}, maps.Clone(arrays)); err != nil {
			t.Fatal(err)
		}
		var err error
		if texts[i], err = os.ReadFile(d.Path(checkpointName, "000000001", arraysName)); err != nil {
			t.Fatal(err)
		}
	}
	if string(texts[0]) != string(texts[1]) {
		t.Error("equal arrays gave other bytes")
	}
}

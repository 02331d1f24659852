//go:build cgo && linux

package accel_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/accel"
)

// programs returns the files of compiled programs below a home directory.
func programs(t *testing.T, home string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(home, "compiled", "*.pjrt"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// wantCache compares the counts, not the seconds, of a report.
func wantCache(t *testing.T, what string, r report, want accel.CacheStats) {
	t.Helper()
	got := r.Cache
	got.LoadSeconds, got.CompileSeconds, got.LastError = 0, 0, ""
	if got != want {
		t.Errorf("%s: cache %+v, want %+v", what, r.Cache, want)
	}
}

func TestSecondProcessLoadsTheProgram(t *testing.T) {
	home := filepath.Join(t.TempDir(), "with space")
	first := child(t, "one", home)
	wantCache(t, "first process", first, accel.CacheStats{Misses: 1, Stored: 1})
	second := child(t, "one", home)
	wantCache(t, "second process", second, accel.CacheStats{Hits: 1})
	if !slices.Equal(first.Digest, second.Digest) {
		t.Errorf("results differ: compiled %s, loaded %s", first.Digest, second.Digest)
	}
	if first.Cache.CompileSeconds <= 0 || second.Cache.LoadSeconds <= 0 {
		t.Errorf("no time was counted: %+v, %+v", first.Cache, second.Cache)
	}
	for path, want := range map[string]os.FileMode{filepath.Join(home, "compiled"): 0o700, programs(t, home)[0]: 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v (%v), want %v", path, info.Mode(), err, want)
		}
	}
	// Another option of the compiler is another program.
	wantCache(t, "other XLA_FLAGS", child(t, "one", home, "XLA_FLAGS=--xla_cpu_enable_fast_math=true"),
		accel.CacheStats{Misses: 1, Stored: 1})
}

func TestDamagedProgramsAreCompiledAgain(t *testing.T) {
	home := t.TempDir()
	first := child(t, "one", home)
	file := programs(t, home)[0]
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for name, content := range map[string][]byte{
		"empty": {}, "truncated": whole[:len(whole)-1], "flipped": flipped, "appended": append(bytes.Clone(whole), 0),
		"sealed nonsense": seal(file, []byte("no program")), // only the plugin can tell
	} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		r := child(t, "one", home)
		wantCache(t, name, r, accel.CacheStats{Misses: 1, Damaged: 1, Stored: 1})
		if !slices.Equal(r.Digest, first.Digest) || r.Cache.LastError == "" {
			t.Errorf("%s: results %s, error %q; want %s and an error", name, r.Digest, r.Cache.LastError, first.Digest)
		}
	}
	wantCache(t, "after all", child(t, "one", home), accel.CacheStats{Hits: 1})
}

// seal returns a file with a valid header around content.
func seal(path string, content []byte) []byte {
	key := strings.TrimSuffix(filepath.Base(path), ".pjrt")
	sum := sha256.Sum256(append([]byte(key), content...))
	file := binary.LittleEndian.AppendUint64([]byte("gogan-c\x01"), uint64(len(content)))
	return append(append(file, sum[:]...), content...)
}

func TestDirectoryOpenToOthersIsNotUsed(t *testing.T) {
	home := t.TempDir()
	first := child(t, "one", home)
	if first.Notice != "" {
		t.Errorf("notice %q", first.Notice)
	}
	dir := filepath.Join(home, "compiled")
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	r := child(t, "one", home)
	wantCache(t, "writable for others", r, accel.CacheStats{})
	if !strings.Contains(r.Notice, dir) || !strings.Contains(r.Notice, "writable for others") || strings.Contains(r.Notice, "\n") {
		t.Errorf("notice %q, want one line that names %s", r.Notice, dir)
	}
	if r.Name != "xla:cpu" || !slices.Equal(r.Digest, first.Digest) {
		t.Errorf("%s computed %s, want %s", r.Name, r.Digest, first.Digest)
	}
}

func TestSwitchedOff(t *testing.T) {
	home := t.TempDir()
	r := child(t, "one", home, "GOGAN_COMPILE_CACHE=off")
	wantCache(t, "off", r, accel.CacheStats{})
	if len(programs(t, home)) != 0 || r.Notice != "" || r.Digest[0] == "" {
		t.Errorf("off: %+v, files %v", r, programs(t, home))
	}
}

func TestParallelCompilation(t *testing.T) {
	home := t.TempDir()
	first := child(t, "parallel", home)
	if c := first.Cache; c.Hits+c.Misses != 8 || c.Stored != c.Misses || c.Misses < 4 || c.Damaged != 0 {
		t.Errorf("first process: %+v, want 8 programs of which at least 4 are compiled and stored", c)
	}
	if !slices.Equal(first.Digest[:4], first.Digest[4:]) {
		t.Errorf("equal programs gave %s and %s", first.Digest[:4], first.Digest[4:])
	}
	if n := len(programs(t, home)); n != 4 {
		t.Errorf("%d files, want 4", n)
	}
	second := child(t, "parallel", home)
	wantCache(t, "second process", second, accel.CacheStats{Hits: 8})
	if !slices.Equal(first.Digest, second.Digest) {
		t.Errorf("results differ: compiled %s, loaded %s", first.Digest, second.Digest)
	}
}

func TestProcessesAtOnceShareTheDirectory(t *testing.T) {
	home := t.TempDir()
	results := make([]report, 3)
	t.Run("together", func(t *testing.T) {
		for i := range results {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				results[i] = child(t, "parallel", home)
			})
		}
	})
	for _, r := range results {
		if !slices.Equal(r.Digest, results[0].Digest) || r.Cache.Damaged != 0 {
			t.Errorf("results %s and %s, cache %+v", results[0].Digest, r.Digest, r.Cache)
		}
	}
	wantCache(t, "afterwards", child(t, "parallel", home), accel.CacheStats{Hits: 8})
}

// BenchmarkSecondProcess measures what a second process saves on a graph like a training step: seconds to build, compile
// and run it once, in the first process and in the second.
func BenchmarkSecondProcess(b *testing.B) {
	for b.Loop() {
		home := b.TempDir()
		first, second := child(b, "step", home), child(b, "step", home)
		if !slices.Equal(first.Digest, second.Digest) || second.Cache.Hits == 0 || second.Cache.Misses > 0 {
			b.Fatalf("first %+v, second %+v", first, second)
		}
		b.ReportMetric(first.Seconds, "first-s")
		b.ReportMetric(second.Seconds, "second-s")
		b.ReportMetric(first.Cache.CompileSeconds, "compile-s")
		b.ReportMetric(second.Cache.LoadSeconds, "load-s")
	}
}

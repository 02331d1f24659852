package install

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const library = "the library\n"

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// fakeWheel returns a small wheel that holds the member with the given content, and its description.
func fakeWheel(t *testing.T, member, content string) (data []byte, w wheel) {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, f := range []struct{ name, content string }{
		{"pkg/__init__.py", "print('never run')\n"}, {"../../escape.so", "x"}, {"pkg/" + member, content},
	} {
		out, err := z.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write([]byte(f.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), wheel{name: "fake", version: "1.0", sha256: hexSum(buf.Bytes()), member: "lib.so",
		memberSHA256: hexSum([]byte(library)), maxSize: int64(len(library))}
}

// from returns a fetcher that copies data, and counts its calls.
func from(data []byte, calls *atomic.Int32) fetcher {
	return func(_ context.Context, w wheel, dir string) (string, error) {
		calls.Add(1)
		time.Sleep(50 * time.Millisecond) // long enough for another installer to arrive
		path := filepath.Join(dir, w.name+".whl")
		return path, os.WriteFile(path, data, 0o644)
	}
}

func silent(string) {}

// tree returns the slash paths of all files below root.
func tree(t *testing.T, root string) string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

const installedTree = "fake-1.0/.lock fake-1.0/lib.so fake-1.0/lib.so.sha256"

func TestInstallExtractsOneFile(t *testing.T) {
	root := filepath.Join(t.TempDir(), "with space [1]")
	data, w := fakeWheel(t, "lib.so", library)
	var calls atomic.Int32
	for range 2 { // the second finds everything in place
		path, err := w.install(t.Context(), root, from(data, &calls), silent)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); string(got) != library {
			t.Fatalf("installed %q (%v)", got, err)
		}
		if err := Verify(path); err != nil {
			t.Error(err)
		}
	}
	if calls.Load() != 1 {
		t.Errorf("fetched %d times", calls.Load())
	}
	if got := tree(t, root); got != installedTree {
		t.Errorf("left %q, want %q", got, installedTree)
	}
}

func TestRecordIsReadableBySha256sum(t *testing.T) {
	root := t.TempDir()
	data, w := fakeWheel(t, "lib.so", library)
	path, err := w.install(t.Context(), root, from(data, new(atomic.Int32)), silent)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path + ".sha256")
	want := "# 12 bytes\n" + hexSum([]byte(library)) + "  lib.so\n"
	if err != nil || string(got) != want {
		t.Errorf("record %q (%v), want %q", got, err, want)
	}
}

func TestTwoInstallationsAtOnce(t *testing.T) {
	root := t.TempDir()
	data, w := fakeWheel(t, "lib.so", library)
	var calls, waited atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			_, err := w.install(context.Background(), root, from(data, &calls), func(line string) {
				if strings.HasPrefix(line, "waiting") {
					waited.Add(1)
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if calls.Load() != 1 || waited.Load() == 0 {
		t.Errorf("fetched %d times, %d waited: want 1 and at least 1", calls.Load(), waited.Load())
	}
	if got := tree(t, root); got != installedTree {
		t.Errorf("left %q, want %q", got, installedTree)
	}
}

func TestDamagedInstallationIsReplaced(t *testing.T) {
	root := t.TempDir()
	data, w := fakeWheel(t, "lib.so", library)
	var calls atomic.Int32
	path, err := w.install(t.Context(), root, from(data, &calls), silent)
	if err != nil {
		t.Fatal(err)
	}
	for _, damage := range []func() error{
		func() error { return os.WriteFile(path, []byte("the Library\n"), 0o755) }, // same size
		func() error { return os.Truncate(path, 3) },
		func() error { return os.Remove(path) },
		func() error { return os.WriteFile(recordPath(path), []byte("nonsense"), 0o644) },
		func() error { return os.Remove(recordPath(path)) }, // cut between library and record
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		if Verify(path) == nil {
			t.Error("Verify did not see the damage")
		}
		if _, err := w.install(t.Context(), root, from(data, &calls), silent); err != nil {
			t.Fatal(err)
		}
		if err := Verify(path); err != nil {
			t.Error(err)
		}
	}
	if calls.Load() != 6 {
		t.Errorf("fetched %d times, want 6", calls.Load())
	}
}

func TestBadWheelsAreRefused(t *testing.T) {
	good, w := fakeWheel(t, "lib.so", library)
	other, _ := fakeWheel(t, "lib.so", "another one\n")
	missing, _ := fakeWheel(t, "lib.dll", library)
	long, _ := fakeWheel(t, "lib.so", library+library)
	for _, c := range []struct {
		name string
		data []byte
		trim func(*wheel, []byte) // makes the wheel's own hash right, to reach the later checks
		want string
	}{
		{"another wheel", other, nil, "SHA-256"},
		{"a flipped bit", append(bytes.Clone(good[:40]), append([]byte{good[40] ^ 1}, good[41:]...)...), nil, "SHA-256"},
		{"truncated", good[:len(good)-9], nil, "SHA-256"},
		{"another library", other, rehash, "lib.so has SHA-256"},
		{"no library", missing, rehash, "holds no lib.so"},
		{"a longer library", long, rehash, "more than the 12 expected"},
		{"no zip", []byte("no zip"), rehash, "zip"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, w := t.TempDir(), w
			if c.trim != nil {
				c.trim(&w, c.data)
			}
			path, err := w.install(t.Context(), root, from(c.data, new(atomic.Int32)), silent)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("install = %q, %v; want an error with %q", path, err, c.want)
			}
			if got := tree(t, root); got != "fake-1.0/.lock" {
				t.Errorf("left %q", got)
			}
		})
	}
}

func rehash(w *wheel, data []byte) { w.sha256 = hexSum(data) }

func TestInstallationEndsWithItsContext(t *testing.T) {
	root := t.TempDir()
	data, w := fakeWheel(t, "lib.so", library)
	dir := filepath.Join(root, "fake-1.0")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	unlock, err := lock(t.Context(), filepath.Join(dir, ".lock"), func() {})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := w.install(ctx, root, from(data, new(atomic.Int32)), silent); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while locked: %v, want deadline exceeded", err)
	}
	unlock()
	if _, err := w.install(ctx, root, from(data, new(atomic.Int32)), silent); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while extracting: %v, want deadline exceeded", err)
	}
	if got := tree(t, root); got != "fake-1.0/.lock" {
		t.Errorf("left %q", got)
	}
}

func TestPathNamesTheCommandThatHelps(t *testing.T) {
	t.Setenv("GOGAN_HOME", t.TempDir())
	_, err := Path()
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), Command) {
		t.Errorf("Path() without a plugin: %v", err)
	}
}

func TestPathSeesATruncatedPlugin(t *testing.T) {
	if !checksummed {
		t.Skip("no record is kept on this platform")
	}
	root := t.TempDir()
	t.Setenv("GOGAN_HOME", root)
	path := filepath.Join(root, "pjrt", pluginDir, pluginFile)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(library), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := (record{sha256: hexSum([]byte(library)), size: int64(len(library))}).write(path); err != nil {
		t.Fatal(err)
	}
	if got, err := Path(); got != path || err != nil {
		t.Errorf("Path() = %q, %v; want %q", got, err, path)
	}
	if err := os.Truncate(path, 5); err != nil {
		t.Fatal(err)
	}
	if _, err := Path(); !errors.Is(err, ErrDamaged) {
		t.Errorf("Path() of a truncated plugin: %v, want ErrDamaged", err)
	}
}

func TestPipFailsWithoutPython(t *testing.T) {
	t.Setenv(EnvPython, filepath.Join(t.TempDir(), "no-python"))
	_, err := pip(t.Context(), wheel{}, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), EnvPython) {
		t.Errorf("pip without Python: %v", err)
	}
}

// TestPipCommand runs the package client's part against a script that records its arguments and "downloads" a file.
func TestPipCommand(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "python with space")
	text := "#!/bin/sh\n[ \"$3\" = --version ] && exit 0\necho \"$@\" > \"" + dir + "/args\"\n" +
		"while [ \"$1\" != -r ]; do shift; done\ncp \"$2\" \"$4/fake.whl\"\n"
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv(EnvPython, script)
	target := t.TempDir()
	got, err := pip(t.Context(), wheel{name: "fake", version: "1.0", sha256: "abc"}, target)
	if err != nil {
		t.Fatal(err)
	}
	requirement, err := os.ReadFile(got)
	if err != nil || string(requirement) != "fake==1.0 --hash=sha256:abc\n" {
		t.Errorf("requirements %q (%v)", requirement, err)
	}
	args, err := os.ReadFile(filepath.Join(dir, "args"))
	if err != nil || !strings.HasPrefix(string(args), "-m pip download --no-deps --require-hashes ") {
		t.Errorf("arguments %q (%v)", args, err)
	}
}

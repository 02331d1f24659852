package home

import (
	"os"
	"path/filepath"
	"testing"
)

// clone makes a directory that looks like a clone of gogan, with a working directory inside it.
func clone(t *testing.T, module string) (root string) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	inner := filepath.Join(root, "a b", "c")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	content := "// a comment\nmodule " + module + "\n\ngo 1.27\n"
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(inner)
	return root
}

// blocked returns a path below which nothing can be created, not even by root: its parent is a file.
func blocked(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(file, "cache")
}

func TestDirPrefersTheVariable(t *testing.T) {
	want := filepath.Join(t.TempDir(), "with space", "home")
	t.Setenv(Env, want)
	if got := Dir(); got != want {
		t.Errorf("Dir() = %q, want %q", got, want)
	}
	if got := Join("data", "x"); got != filepath.Join(want, "data", "x") {
		t.Errorf("Join = %q", got)
	}
	if _, err := os.Stat(want); !os.IsNotExist(err) {
		t.Errorf("Dir() created $%s", Env)
	}
}

func TestDirMakesARelativeVariableAbsolute(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv(Env, "here")
	if got := Dir(); !filepath.IsAbs(got) || filepath.Base(got) != "here" {
		t.Errorf("Dir() = %q, want an absolute path that ends with here", got)
	}
}

func TestDirInUserCache(t *testing.T) {
	cache := t.TempDir()
	t.Setenv(Env, "")
	t.Setenv("XDG_CACHE_HOME", cache)
	if got, want := Dir(), filepath.Join(cache, "gogan"); got != want {
		t.Errorf("Dir() = %q, want %q", got, want)
	}
	left, err := os.ReadDir(filepath.Join(cache, "gogan"))
	if err != nil || len(left) != 0 {
		t.Errorf("the probe left %v (%v)", left, err)
	}
}

func TestDirInRepositoryWhenCacheIsReadOnly(t *testing.T) {
	t.Setenv(Env, "")
	t.Setenv("XDG_CACHE_HOME", blocked(t))
	root := clone(t, modulePath)
	if got, want := Dir(), filepath.Join(root, ".cache", "gogan"); got != want {
		t.Errorf("Dir() = %q, want %q", got, want)
	}
}

func TestDirInTemporaryDirectory(t *testing.T) {
	t.Setenv(Env, "")
	t.Setenv("XDG_CACHE_HOME", blocked(t))
	clone(t, "example.com/other")
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	got := Dir()
	info, err := os.Stat(got)
	if err != nil || filepath.Dir(got) != tmp || info.Mode().Perm() != 0o700 {
		t.Fatalf("Dir() = %q (%v, %v), want a directory of mode 0700 in %q", got, info, err, tmp)
	}
	if again := Dir(); again != got {
		t.Errorf("second Dir() = %q, want %q", again, got)
	}
}

func TestTemporaryDirectoryOfOthersIsNotUsed(t *testing.T) {
	tmp := t.TempDir()
	first := private(tmp)
	if err := os.Chmod(first, 0o777); err != nil { // as if another user had made it
		t.Fatal(err)
	}
	second := private(tmp)
	info, err := os.Stat(second)
	if second == first || err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("private() = %q (%v, %v) although %q is open to others", second, info, err, first)
	}
}

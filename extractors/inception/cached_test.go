package inception

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gogan-ml/gogan/internal/home"
)

func TestCached(t *testing.T) {
	t.Setenv(home.Env, t.TempDir())
	path, ok := Cached()
	if ok {
		t.Fatalf("an empty cache has %s", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if again, ok := Cached(); !ok || again != path {
		t.Errorf("Cached returns %s, %v; want %s", again, ok, path)
	}
}

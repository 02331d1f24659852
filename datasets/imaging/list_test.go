package imaging

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestListImages(t *testing.T) {
	root := filepath.Join(t.TempDir(), "a root")
	for _, name := range []string{"b.png", "a-c.JPG", "a/z.jpeg", "a/1.webp", "Z.tiff", "a.b/q.bmp", "notes.txt", ".x.png",
		".hidden/y.png", "__MACOSX/a.png", "deep/er/s.gif", "ä.tif"} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for target, link := range map[string]string{"b.png": "link.png", "nowhere": "dangling.png", "a": "folder.png"} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"Z.tiff", "a-c.JPG", "a.b/q.bmp", "a/1.webp", "a/z.jpeg", "b.png", "deep/er/s.gif", "link.png", "ä.tif"}
	rootLink := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, rootLink); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{root, rootLink} {
		got, err := ListImages(dir)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", dir, got, want)
		}
	}
	if got, err := ListImages(t.TempDir()); err != nil || len(got) != 0 {
		t.Errorf("an empty folder: %q, %v", got, err)
	}
	for _, bad := range []string{filepath.Join(root, "absent"), filepath.Join(root, "b.png")} {
		if _, err := ListImages(bad); err == nil {
			t.Errorf("%s was listed", bad)
		}
	}
}

package datasets

import (
	"archive/zip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/internal/fetch"
)

// sides are the files of a pair with 3 + 2 pictures to train on and 1 + 1 to test with. The number of a picture tells
// where it is from.
func sides(t testing.TB, top string) map[string][]byte {
	out := map[string][]byte{top + "readme.txt": []byte("no picture")}
	for i, name := range []string{"trainA/0.png", "trainA/1.png", "trainA/2.png", "trainB/0.png", "trainB/1.png", "testA/0.png", "testB/0.png"} {
		out[top+name] = pngOf(t, numbered(i, 4, 4, 3))
	}
	return out
}

func TestOpenPairOfFoldersAndZips(t *testing.T) {
	for kind, src := range map[string]string{
		"folder":              folderOf(t, sides(t, "")),
		"zip":                 zipOf(t, sides(t, ""), zip.Deflate),
		"zip with one folder": zipOf(t, sides(t, "horse2zebra/"), zip.Store),
	} {
		if !IsPair(src) || !IsPair(src+":test") {
			t.Errorf("%s: no pair", kind)
		}
		for _, test := range []struct {
			suffix, name string
			first        [2]uint8 // the first sample of the first picture of x and of y is its number
			n            [2]int
		}{{"", "train", [2]uint8{0, 3}, [2]int{3, 2}}, {":train", "train", [2]uint8{0, 3}, [2]int{3, 2}}, {":test", "test", [2]uint8{5, 6}, [2]int{1, 1}}} {
			x, y, err := OpenPair(src+test.suffix, WithRandomCrop(3))
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			if base := filepath.Base(src) + ":" + test.name; x.Name() != base+"A" || y.Name() != base+"B" {
				t.Errorf("%s: the sides are called %s and %s", kind, x.Name(), y.Name())
			}
			if x.Len() != test.n[0] || y.Len() != test.n[1] {
				t.Errorf("%s%s: %d and %d pictures", kind, test.suffix, x.Len(), y.Len())
			}
			if h, _, _ := y.ImageShape(); h != 3 {
				t.Errorf("%s: the options do not hold for y", kind)
			}
			for k, s := range []*Set{x, y} {
				m, _, err := s.at(0)
				if err != nil {
					t.Fatal(err)
				}
				if m.Pix[0] != test.first[k] {
					t.Errorf("%s%s: side %d begins with picture %d, want %d", kind, test.suffix, k, m.Pix[0], test.first[k])
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		}
		// One side, or any folder, as a set of its own.
		if IsPair(src + ":trainB") {
			t.Errorf("%s: trainB is a pair", kind)
		}
		if s := open(t, src+":trainB"); s.Len() != 2 || s.NumClasses() != 0 {
			t.Errorf("%s: trainB has %d pictures", kind, s.Len())
		}
	}
}

// The classes of a part are the folders in it, as of AFHQ.
func TestOpenPart(t *testing.T) {
	files := map[string][]byte{}
	for i, name := range []string{"train/cat/0.png", "train/cat/1.png", "train/dog/0.png", "val/cat/0.png"} {
		files["afhq/"+name] = pngOf(t, numbered(i, 2, 2, 3))
	}
	for _, src := range []string{zipOf(t, files, zip.Store), filepath.Join(folderOf(t, files), "afhq")} {
		if s := open(t, src+":train"); s.Len() != 3 || strings.Join(s.ClassNames(), " ") != "cat dog" {
			t.Errorf("%d pictures of the classes %v", s.Len(), s.ClassNames())
		}
		if s := open(t, src+":train/dog"); s.Len() != 1 || picture(t, s, 0).Pix[0] != 2 {
			t.Errorf("%d dogs", s.Len())
		}
		for part, want := range map[string]string{"train/fox": "fox", "../x": "cannot be a folder", "": "cannot be a folder"} {
			if _, err := Open(src + ":" + part); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("part %q: %v", part, err)
			}
		}
	}
	if _, err := Open(filepath.Join(folderOf(t, files), "afhq/train/cat/0.png") + ":x"); err == nil || !strings.Contains(err.Error(), "neither a folder nor a .zip") {
		t.Errorf("a part of a picture: %v", err)
	}
}

func TestOpenPairRefuses(t *testing.T) {
	without := func(gone ...string) map[string][]byte {
		files := sides(t, "")
		for name := range files {
			for _, folder := range gone {
				if strings.HasPrefix(name, folder+"/") {
					delete(files, name)
				}
			}
		}
		return files
	}
	oneSide, noTest, none := folderOf(t, without("trainB")), folderOf(t, without("testA", "testB")), folderOf(t, many(t, 2, 2, 2, 1))
	empty := folderOf(t, without("trainB"))
	if err := os.Mkdir(filepath.Join(empty, "trainB"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		src    string
		isPair bool
		want   string
	}{
		{oneSide, true, "has trainA and no trainB"},
		{zipOf(t, without("testA"), zip.Store) + ":test", true, "has testB and no testA"},
		{noTest + ":test", true, "no split test: there are the folders trainA, trainB"},
		{none, false, "no folders trainA and trainB"},
		{empty, true, "no picture below"},
		{"nosuch", false, "glyphs"},
		{"glyphs:valid", true, "want train or test"},
		{"glyphs:trainA", false, "no split \"trainA\""},
		{"fashion-mini", false, "no pair"},
		{filepath.Join(none, "00000.png"), false, "no pair"},
	} {
		x, y, err := OpenPair(test.src)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") || x != nil || y != nil {
			t.Errorf("%s: %v, want %q", test.src, err, test.want)
		}
		if IsPair(test.src) != test.isPair {
			t.Errorf("IsPair(%s) is %v", test.src, !test.isPair)
		}
	}
	for src, want := range map[string]string{"glyphs": "glyphs:trainA", "glyphs:test": "one side", "horse2zebra:valA": "one side"} {
		if _, err := Open(src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", src, err)
		}
	}
}

// flaky serves a file whose transfer breaks off once after half of it.
func flaky(t *testing.T, content []byte, resumed *bool) *httptest.Server {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls == 1 {
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			w.Write(content[:len(content)/2]) //nolint:errcheck // the client will see it
			return
		}
		half := len(content) / 2
		*resumed = r.Header.Get("Range") == fmt.Sprintf("bytes=%d-", half)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", half, len(content)-1, len(content)))
		w.WriteHeader(http.StatusPartialContent)
		w.Write(content[half:]) //nolint:errcheck // the client will see it
	}))
	t.Cleanup(server.Close)
	return server
}

func TestArchiveIsDownloaded(t *testing.T) {
	content, err := os.ReadFile(zipOf(t, sides(t, "horse2zebra/"), zip.Deflate))
	if err != nil {
		t.Fatal(err)
	}
	resumed := false
	server := flaky(t, content, &resumed)
	a := archive{name: "horse2zebra", file: "horse2zebra.zip", bytes: int64(len(content)), sha256: fmt.Sprintf("%x", sha256.Sum256(content)),
		dir: filepath.Join(t.TempDir(), "data"), mirrors: []string{server.URL + "/"}, options: &fetch.Options{}}
	if info := a.info(); info.Ready || info.Splits != nil || !strings.Contains(info.Where, "gogan data fetch horse2zebra") {
		t.Errorf("before the download: %+v", info)
	}
	c, err := newConfig(nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time from the disk
		s, err := a.open(side{split: "train"}, c)
		if err != nil {
			t.Fatal(err)
		}
		if s.count() != 3 || s.name != "horse2zebra:trainA" {
			t.Errorf("%s has %d pictures", s.name, s.count())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	}
	if !resumed {
		t.Error("the transfer did not go on where it broke off")
	}
	if info := a.info(); !info.Ready || fmt.Sprint(info.Splits) != "[{trainA 3} {trainB 2} {testA 1} {testB 1}]" || info.Where != a.path() {
		t.Errorf("after the download: %+v", info)
	}

	a.dir, a.options.Retries = t.TempDir(), -1
	if _, err := a.open(side{split: "train"}, c); err == nil || !strings.Contains(err.Error(), a.path()) || strings.Contains(err.Error(), "\n") {
		t.Errorf("offline: %v", err)
	}
	if err := os.WriteFile(a.path(), make([]byte, a.bytes), 0o644); err != nil {
		t.Fatal(err)
	}
	if info := a.info(); info.Ready || !strings.Contains(info.Where, "not a zip file") {
		t.Errorf("a damaged zip: %+v", info)
	}
}

// The sums are well formed, and no set is listed twice.
func TestCycleGANSets(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range cycleGANSets() {
		if len(a.sha256) != 64 || strings.Trim(a.sha256, "0123456789abcdef") != "" || a.bytes < 30<<20 || a.licence == "" || seen[a.sha256] || seen[a.name] {
			t.Errorf("%+v", a)
		}
		seen[a.sha256], seen[a.name] = true, true
	}
	if len(seen) != 20 {
		t.Errorf("%d sets, want 10", len(seen)/2)
	}
}

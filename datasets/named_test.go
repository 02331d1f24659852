package datasets

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/internal/fashion"
	"github.com/gogan-ml/gogan/internal/fetch"
)

// pixelsOf returns the pixels of a named set.
func pixelsOf(t *testing.T, src string) []byte {
	t.Helper()
	s, err := Open(src)
	if err != nil {
		t.Fatal(err)
	}
	return s.src.source.(*arrays).pix
}

func TestFashionMini(t *testing.T) {
	for split, want := range map[string]struct {
		perClass int
		sha256   string
	}{"train": {1200, miniTrainSHA256}, "test": {200, miniTestSHA256}} {
		s, err := Open("fashion-mini:" + split)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(pixelsOf(t, "fashion-mini:"+split))); got != want.sha256 {
			t.Errorf("%s: the pixels have the SHA-256 %s, want %s", split, got, want.sha256)
		}
		if h, w, c := s.ImageShape(); s.Len() != 10*want.perClass || h != 28 || w != 28 || c != 1 || s.NumClasses() != 10 {
			t.Errorf("%s: %d pictures of %dx%dx%d in %d classes", split, s.Len(), h, w, c, s.NumClasses())
		}
		var count [10]int
		for i := range s.Len() {
			_, class, err := s.At(i)
			if err != nil {
				t.Fatal(err)
			}
			count[class]++
		}
		for class, n := range count {
			if n != want.perClass {
				t.Errorf("%s: class %d has %d pictures, want %d", split, class, n, want.perClass)
			}
		}
		if s.Name() != "fashion-mini:"+split {
			t.Errorf("the name is %q", s.Name())
		}
	}
	if _, err := Open("fashion-mini"); err != nil {
		t.Errorf("without a split: %v", err)
	}
}

// The embedded pictures are those of the originals. Every picture is found again: the first so many of its class.
func TestFashionMiniEqualsTheOriginals(t *testing.T) {
	dir := ""
	for _, d := range []string{fashionPlaces().cache, fashion.DebianDir} {
		if _, err := os.Stat(filepath.Join(d, "train-images-idx3-ubyte.gz")); err == nil {
			dir = d
		}
	}
	if dir == "" {
		t.Skip("the originals of Fashion-MNIST are not on this machine; TestFashionMini checks the SHA-256")
	}
	for _, name := range []string{"train", "test"} {
		split, _ := fashion.SplitOf(name)
		pixels, err := split.Images.Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		labels, err := split.Labels.Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		mini := pixelsOf(t, "fashion-mini:"+name)
		var count [10]int
		for i, class := range labels {
			k := count[class]
			if count[class]++; k >= fashion.MiniPerClass(name) {
				continue
			}
			at := (k*10 + int(class)) * fashion.Pixels
			if !bytes.Equal(mini[at:at+fashion.Pixels], pixels[i*fashion.Pixels:(i+1)*fashion.Pixels]) {
				t.Fatalf("%s: picture %d of class %d is not number %d of the originals", name, k, class, i)
			}
		}
	}
}

func TestFashionMNISTOfDebian(t *testing.T) {
	if _, err := os.Stat(fashion.DebianDir); err != nil {
		t.Skip("Debian's dataset-fashion-mnist is not installed")
	}
	t.Setenv("GOGAN_HOME", t.TempDir()) // nothing in the cache
	s, err := Open("fashion-mnist:test")
	if err != nil {
		t.Fatal(err)
	}
	if h, w, c := s.ImageShape(); s.Len() != 10000 || h != 28 || w != 28 || c != 1 {
		t.Errorf("%d pictures of %dx%dx%d", s.Len(), h, w, c)
	}
	if _, class, err := s.At(0); err != nil || s.ClassNames()[class] != "Ankle boot" {
		t.Errorf("the first test picture has the class %d, %v; it is an ankle boot", class, err)
	}
}

// original serves files as a mirror would: the gzip of Debian has other sums than the published one.
func original(t *testing.T) http.Handler {
	if _, err := os.Stat(fashion.DebianDir); err != nil {
		t.Skip("Debian's dataset-fashion-mnist is not installed")
	}
	return http.FileServer(http.Dir(fashion.DebianDir))
}

func TestFashionMNISTIsDownloaded(t *testing.T) {
	dead := httptest.NewServer(http.NotFoundHandler())
	defer dead.Close()
	mirror := httptest.NewServer(original(t))
	defer mirror.Close()
	p := places{cache: filepath.Join(t.TempDir(), "data"), debian: "nowhere", mirrors: []string{dead.URL + "/", mirror.URL + "/"}}
	if _, ready := p.where(); ready {
		t.Error("ready before the download")
	}
	calls := 0
	for range 2 { // the second time from the cache
		pixels, labels, err := p.read(t.Context(), "test", func(string, int64, int64) { calls++ })
		if err != nil {
			t.Fatal(err)
		}
		if len(pixels) != 10000*784 || len(labels) != 10000 {
			t.Errorf("%d pixels, %d labels", len(pixels), len(labels))
		}
		mirror.Close()
	}
	if calls == 0 {
		t.Error("no progress was reported")
	}
}

func TestFashionMNISTOffline(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	cache := filepath.Join(t.TempDir(), "data")
	p := places{cache, "nowhere", []string{closed.URL + "/"}, &fetch.Options{Retries: -1}}
	_, _, err := p.read(t.Context(), "train", nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"train-images-idx3-ubyte.gz", cache, "dataset-fashion-mnist", "fashion-mini", "refused"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the error has several lines: %v", err)
	}
}

// A damaged or foreign file in the cache is not used, and the error says so.
func TestFashionMNISTDamaged(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	p := places{t.TempDir(), "nowhere", []string{closed.URL + "/"}, &fetch.Options{Retries: -1}}
	for _, content := range []string{"", "<html>", "\x1f\x8b\x08"} {
		if err := os.WriteFile(filepath.Join(p.cache, "train-images-idx3-ubyte.gz"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.read(t.Context(), "train", nil); err == nil || !strings.Contains(err.Error(), "gzip") {
			t.Errorf("%q: %v", content, err)
		}
	}
	if _, err := (fashion.File{Name: "absent"}).Read(p.cache); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an absent file: %v", err)
	}
}

func TestListAndFetch(t *testing.T) {
	t.Setenv("GOGAN_HOME", t.TempDir())
	infos := List()
	if len(infos) != len(Names()) || infos[0].Name != "fashion-mini" || !infos[0].Ready || infos[0].Where != "embedded" {
		t.Errorf("%+v", infos)
	}
	for _, info := range infos {
		for _, split := range info.Splits {
			if !info.Ready || strings.HasPrefix(info.Name, "fashion-mnist-") { // they are made as those of fashion-mini are
				continue
			}
			s, err := Open(info.Name + ":" + split.Name)
			if err != nil {
				t.Fatal(err)
			}
			if h, w, c := s.ImageShape(); s.Len() != split.N || h != info.Height || w != info.Width || c != info.Channels || s.NumClasses() != info.Classes {
				t.Errorf("%s:%s is not as listed", info.Name, split.Name)
			}
		}
	}
	if err := Fetch(context.Background(), "fashion-mini", nil); err != nil {
		t.Error(err)
	}
	if err := Fetch(context.Background(), "cifar", nil); err == nil || !strings.Contains(err.Error(), "fashion-mnist") {
		t.Errorf("an unknown set: %v", err)
	}
	for _, bad := range []string{"fashion-mini:valid", "fashion-mnist:x"} {
		if _, err := Open(bad); err == nil || !strings.Contains(err.Error(), ":train or") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

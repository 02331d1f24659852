package inception

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/internal/home"
)

const content = "weights"

// server offers content at /good, other content at /bad and nothing elsewhere.
func server(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/good":
			_, _ = w.Write([]byte(content))
		case "/bad":
			_, _ = w.Write([]byte("<html>"))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func optionsOf(urls ...string) Options {
	sum := sha256.Sum256([]byte(content))
	return Options{mirrors: urls, sha256: hex.EncodeToString(sum[:])}
}

// TestDownload: the second mirror serves if the first does not; afterwards the file lies in the cache.
func TestDownload(t *testing.T) {
	t.Setenv(home.Env, t.TempDir())
	s := server(t)
	o := optionsOf(s.URL+"/gone", s.URL+"/good")
	var told string
	o.Progress = func(name string, _, _ int64) { told = name }
	path, sum, err := o.published(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != content || sum != o.sha256 || told != fileName {
		t.Errorf("got %q with SHA-256 %s, error %v; progress of %q", got, sum, err, told)
	}
	s.Close()
	if again, _, err := o.published(context.Background()); err != nil || again != path {
		t.Errorf("from the cache: %s, error %v", again, err)
	}
}

// TestNoDownload: the error is one line with all that is needed to get the file by hand.
func TestNoDownload(t *testing.T) {
	t.Setenv(home.Env, t.TempDir())
	s := server(t)
	o := optionsOf(s.URL+"/gone", s.URL+"/bad")
	_, _, err := load(context.Background(), &o)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{s.URL + "/gone", o.sha256, "--weights FILE", fileName, "404"} {
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %q, want one line with %q", err, want)
		}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := load(cancelled, &o); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("cancelled: error %v", err)
	}
}

// TestPublished: what is asked for without a file is the published one, and its checksum is in its name.
func TestPublished(t *testing.T) {
	t.Setenv(home.Env, t.TempDir())
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := load(cancelled, nil); err == nil || !strings.Contains(err.Error(), fileName) {
		t.Errorf("error %v, want %s in it", err, fileName)
	}
	for _, url := range mirrors {
		if !strings.HasPrefix(url, "https://") || !strings.Contains(url, SHA256[:8]) {
			t.Errorf("mirror %s", url)
		}
	}
}

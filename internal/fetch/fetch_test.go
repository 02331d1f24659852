package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// content is what all tests fetch: too much for one packet, not repeating.
var content = func() []byte {
	out := make([]byte, 300_000)
	x := uint32(1)
	for i := range out {
		x = x*1664525 + 1013904223
		out[i] = byte(x >> 24)
	}
	return out
}()

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// mirror is a server that counts the requests and their Range headers.
type mirror struct {
	*httptest.Server
	mu     sync.Mutex
	ranges []string
}

func serve(t *testing.T, handler http.HandlerFunc) *mirror {
	m := &mirror{}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		m.ranges = append(m.ranges, r.Header.Get("Range"))
		m.mu.Unlock()
		handler(w, r)
	}))
	t.Cleanup(m.Close)
	return m
}

// whole answers with all of data and understands Range.
func whole(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}
}

// dropping breaks the connection off after n bytes of each answer; ranged says whether it understands Range.
func dropping(data []byte, n int, ranged bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		offset := 0
		if ranged {
			fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &offset)
		}
		rest := data[offset:]
		w.Header().Set("Content-Length", fmt.Sprint(len(rest)))
		if offset > 0 {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", offset, len(data)-1, len(data)))
			w.WriteHeader(http.StatusPartialContent)
		}
		w.Write(rest[:min(n, len(rest))])
		if len(rest) > n {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	}
}

func file(t *testing.T, urls ...string) File {
	return File{Path: filepath.Join(t.TempDir(), "a folder", "x[1].bin"), URLs: urls, SHA256: sum(content)}
}

var quick = &Options{sleep: func(context.Context, time.Duration) {}}

// wantFile checks the file and that nothing but it and its lock is left.
func wantFile(t *testing.T, f File, want []byte) {
	t.Helper()
	got, err := os.ReadFile(f.Path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the file has %d bytes, %v; want %d", len(got), err, len(want))
	}
	entries, err := os.ReadDir(filepath.Dir(f.Path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != f.name() && e.Name() != f.name()+".lock" {
			t.Errorf("%s was left", e.Name())
		}
	}
}

func TestGet(t *testing.T) {
	m := serve(t, whole(content))
	f := file(t, m.URL)
	var last, calls int64
	opt := &Options{Progress: func(name string, done, total int64) {
		if name != "x[1].bin" || total != int64(len(content)) || done < last {
			t.Errorf("progress %s %d of %d after %d", name, done, total, last)
		}
		last = done
		calls++
	}}
	for range 2 {
		if err := Get(t.Context(), f, opt); err != nil {
			t.Fatal(err)
		}
	}
	wantFile(t, f, content)
	if len(m.ranges) != 1 || last != int64(len(content)) || calls < 1 {
		t.Errorf("%d requests, progress up to %d in %d calls", len(m.ranges), last, calls)
	}
}

func TestGetResumesAfterADrop(t *testing.T) {
	m := serve(t, dropping(content, 70_000, true))
	f := file(t, m.URL)
	if err := Get(t.Context(), f, quick); err != nil {
		t.Fatal(err)
	}
	wantFile(t, f, content)
	// A dropped connection may lose bytes on the way, so that the offsets are not known beforehand.
	if len(m.ranges) < 5 || m.ranges[0] != "" || !strings.HasPrefix(m.ranges[1], "bytes=") {
		t.Errorf("requests %q", m.ranges)
	}
}

func TestGetResumesInAnotherProcess(t *testing.T) {
	m := serve(t, whole(content))
	f := file(t, m.URL)
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(partPath(f, m.URL), content[:100_000], 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Get(t.Context(), f, quick); err != nil {
		t.Fatal(err)
	}
	wantFile(t, f, content)
	if want := []string{"bytes=100000-"}; !slices.Equal(m.ranges, want) {
		t.Errorf("requests %q, want %q", m.ranges, want)
	}
}

// A part may be complete, too long, or of another version of the file.
func TestGetWithUselessParts(t *testing.T) {
	for name, part := range map[string][]byte{
		"complete": content, "too long": append(slices.Clone(content), 1), "another version": make([]byte, 1000),
		"complete and wrong": make([]byte, len(content)),
	} {
		m := serve(t, whole(content))
		f := file(t, m.URL)
		if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(partPath(f, m.URL), part, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := Get(t.Context(), f, quick); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		wantFile(t, f, content)
		if len(m.ranges) > 2 {
			t.Errorf("%s: requests %q", name, m.ranges)
		}
	}
}

func TestGetWithoutRangeSupport(t *testing.T) {
	calls := atomic.Int32{}
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 1 {
			dropping(content, 70_000, false)(w, r)
			return
		}
		dropping(content, len(content), false)(w, r)
	})
	f := file(t, m.URL)
	if err := Get(t.Context(), f, quick); err != nil {
		t.Fatal(err)
	}
	wantFile(t, f, content)
}

func TestGetTakesTheNextMirror(t *testing.T) {
	page := "  <!DOCTYPE HTML><html>Quota exceeded</html>"
	bad := map[string]http.HandlerFunc{
		"404": http.NotFound,
		"503": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
		"HTML by type": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "x")
		},
		"HTML by content":  func(w http.ResponseWriter, r *http.Request) { whole([]byte(page))(w, r) },
		"wrong content":    whole(content[1:]),
		"drops everything": dropping(content, 0, true),
		"wrong range": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 7-9/10")
			w.WriteHeader(206)
		},
		"too long": whole(make([]byte, 400_000)),
		"too long without a length": func(w http.ResponseWriter, _ *http.Request) {
			for range 5 {
				w.Write(make([]byte, 100_000))
				w.(http.Flusher).Flush()
			}
		},
	}
	for name, handler := range bad {
		first, second := serve(t, handler), serve(t, whole(content))
		f := file(t, first.URL, second.URL)
		f.MaxBytes = 350_000
		if err := Get(t.Context(), f, quick); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		wantFile(t, f, content)
		if n := len(first.ranges); n < 1 || n > 4 || len(second.ranges) != 1 {
			t.Errorf("%s: %d and %d requests", name, n, len(second.ranges))
		}
	}
}

func TestGetNamesEveryFailure(t *testing.T) {
	a := serve(t, http.NotFound)
	b := serve(t, whole([]byte("<html>log in</html>")))
	c := serve(t, whole([]byte("other")))
	closed := httptest.NewServer(nil)
	closed.Close()
	f := file(t, a.URL, b.URL, c.URL, closed.URL)
	err := Get(t.Context(), f, quick)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"x[1].bin", "404", "HTML page", "SHA-256", "refused", a.URL, closed.URL} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	if _, err := os.Stat(f.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file is in place: %v", err)
	}
}

// The checksum is that of what the gzip file holds, so that it may be packed in any way.
func TestGetGzip(t *testing.T) {
	pack := func(level int) []byte {
		var buf bytes.Buffer
		z, err := gzip.NewWriterLevel(&buf, level)
		if err != nil {
			t.Fatal(err)
		}
		z.Write(content)
		z.Close()
		return buf.Bytes()
	}
	for level := range 2 {
		packed := pack(level)
		m := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "identity" {
				t.Errorf("Accept-Encoding %q", r.Header.Get("Accept-Encoding"))
			}
			whole(packed)(w, r)
		})
		f := file(t, m.URL)
		f.Gzip = true
		if err := Get(t.Context(), f, quick); err != nil {
			t.Fatal(err)
		}
		wantFile(t, f, packed)
	}
	m := serve(t, whole(pack(1)))
	f := file(t, m.URL)
	f.Gzip, f.MaxBytes = true, int64(len(content))-1
	if err := Get(t.Context(), f, quick); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("content beyond the limit: %v", err)
	}
}

func TestGetBreaksOffAStalledTransfer(t *testing.T) {
	release := make(chan struct{})
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.Write(make([]byte, 10))
		w.(http.Flusher).Flush()
		<-release
	})
	defer close(release)
	opt := &Options{Stall: 50 * time.Millisecond, Retries: -1, sleep: quick.sleep}
	err := Get(t.Context(), file(t, m.URL), opt)
	if err == nil || !strings.Contains(err.Error(), "no byte for 50ms") {
		t.Errorf("got %v", err)
	}
}

func TestGetIsCancelled(t *testing.T) {
	release := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		w.Write(content[:1000])
		w.(http.Flusher).Flush()
		time.AfterFunc(50*time.Millisecond, cancel)
		<-release
	})
	defer close(release)
	f := file(t, m.URL)
	if err := Get(ctx, f, quick); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if size(partPath(f, m.URL)) != 1000 {
		t.Errorf("the part has %d bytes, want 1000", size(partPath(f, m.URL)))
	}
}

// Of several that want one file, one fetches it and the others wait.
func TestGetAtOnce(t *testing.T) {
	var waited atomic.Int32
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(100 * time.Millisecond)
		whole(content)(w, r)
	})
	f := file(t, m.URL)
	opt := &Options{Wait: func(string) { waited.Add(1) }}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if err := Get(t.Context(), f, opt); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	wantFile(t, f, content)
	if len(m.ranges) != 1 || waited.Load() != 3 {
		t.Errorf("%d requests, %d waited", len(m.ranges), waited.Load())
	}
}

func TestVerify(t *testing.T) {
	f := file(t, "http://localhost")
	if err := Verify(f); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.Path, content[1:], 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Verify(f); err == nil || !strings.Contains(err.Error(), "SHA-256") {
		t.Errorf("wrong content: %v", err)
	}
	// Get replaces it.
	f.URLs = []string{serve(t, whole(content)).URL}
	if err := Get(t.Context(), f, quick); err != nil {
		t.Fatal(err)
	}
	wantFile(t, f, content)
	for _, bad := range []File{{}, {Path: "x", URLs: []string{"u"}, SHA256: "AB"}} {
		if err := Get(t.Context(), bad, nil); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}

// Package fetch downloads files that are known beforehand by the SHA-256 of their content: from several mirrors, going
// on where a transfer broke off, by one process at a time, and into place only when complete and verified.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// File is one file to have.
type File struct {
	Path     string   // where it is to be; its folder is made if need be
	URLs     []string // mirrors, tried in this order
	SHA256   string   // of the content, 64 hex digits in lower case
	Gzip     bool     // the file is gzip and SHA256 that of its decompressed content, which re-packing leaves alone
	MaxBytes int64    // the most bytes that a transfer, and the decompressed content, may have; 0 means 1 GiB
}

// Options changes how files are fetched. The zero value, like a nil pointer, means the defaults.
type Options struct {
	Client   *http.Client                         // default: the proxy of the environment, 15 s to connect, 30 s to answer
	Stall    time.Duration                        // a transfer without a byte for so long is broken off; default 30 s
	Retries  int                                  // connections to one mirror beyond the first; default 3, none if negative
	Progress func(name string, done, total int64) // called at most ten times a second; total is -1 if unknown
	Wait     func(path string)                    // called once if another process fetches the file already
	sleep    func(context.Context, time.Duration) // between retries; tests replace it
}

func (f File) name() string { return filepath.Base(f.Path) }

func (f File) maxBytes() int64 {
	if f.MaxBytes > 0 {
		return f.MaxBytes
	}
	return 1 << 30
}

// Get makes sure that the file is in its place with the right content. A file that is there with other content is
// replaced. What was transferred before an error stays beside it (".part") and is used by the next call. The error
// tells for each mirror what went wrong; it wraps ctx's error if that ended the work.
func Get(ctx context.Context, f File, opt *Options) error {
	o := opt.withDefaults()
	if err := f.check(); err != nil {
		return err
	}
	if Verify(f) == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
		return fmt.Errorf("fetch: %s: %w", f.name(), err)
	}
	unlock, err := lock(ctx, f.Path, o.Wait)
	if err != nil {
		return fmt.Errorf("fetch: %s: %w", f.name(), err)
	}
	defer unlock()
	if Verify(f) == nil { // another process has just done it
		return nil
	}
	var failures []string
	for _, url := range f.URLs {
		t := transfer{file: f, url: url, part: partPath(f, url), opt: o}
		err := t.run(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("fetch: %s: %w", f.name(), context.Cause(ctx))
		}
		failures = append(failures, fmt.Sprintf("%s: %v", url, err))
	}
	return fmt.Errorf("fetch: %s: no mirror delivered it: %s", f.name(), strings.Join(failures, "; "))
}

// check finds mistakes of the caller.
func (f File) check() error {
	switch {
	case f.Path == "" || len(f.URLs) == 0:
		return errors.New("fetch: a file needs a path and at least one URL")
	case len(f.SHA256) != 64 || strings.Trim(f.SHA256, "0123456789abcdef") != "":
		return fmt.Errorf("fetch: %s: %q is no SHA-256", f.name(), f.SHA256)
	}
	return nil
}

// Verify returns nil if the file is in its place with the right content, an error that wraps fs.ErrNotExist if there
// is none, and otherwise an error that says what is wrong with it.
func Verify(f File) error {
	in, err := os.Open(f.Path)
	if err != nil {
		return fmt.Errorf("fetch: %w", err)
	}
	defer in.Close()
	sum, err := contentSHA256(in, f.Gzip, f.maxBytes())
	if err != nil {
		return fmt.Errorf("fetch: %s: %w", f.Path, err)
	}
	if sum != f.SHA256 {
		return fmt.Errorf("fetch: %s: %w", f.Path, errChecksum(sum, f.SHA256))
	}
	return nil
}

func errChecksum(got, want string) error {
	return fmt.Errorf("the SHA-256 of the content is %s, want %s", got, want)
}

func (o *Options) withDefaults() Options {
	var out Options
	if o != nil {
		out = *o
	}
	if out.Client == nil {
		out.Client = defaultClient()
	}
	if out.Stall <= 0 {
		out.Stall = 30 * time.Second
	}
	switch {
	case out.Retries == 0:
		out.Retries = 3
	case out.Retries < 0:
		out.Retries = 0
	}
	if out.Progress == nil {
		out.Progress = func(string, int64, int64) {}
	}
	if out.Wait == nil {
		out.Wait = func(string) {}
	}
	if out.sleep == nil {
		out.sleep = func(ctx context.Context, d time.Duration) {
			select {
			case <-ctx.Done():
			case <-time.After(d):
			}
		}
	}
	return out
}

// moveIntoPlace makes a verified part the file, so that after a crash there is the whole file or none.
func moveIntoPlace(part, path string) error {
	f, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		// Some file systems cannot sync a folder; the file itself is safe then.
		_ = errors.Join(dir.Sync(), dir.Close())
	}
	return nil
}

// removeParts deletes what other mirrors left.
func removeParts(path string) {
	parts, err := filepath.Glob(globQuote(path) + ".*.part")
	if err != nil {
		return
	}
	for _, part := range parts {
		if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return // it costs space, nothing else
		}
	}
}

// globQuote escapes what filepath.Glob would take for a pattern.
func globQuote(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

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
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// defaultClient bounds everything but the transfer itself, which the stall timer bounds.
func defaultClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: 15 * time.Second}).DialContext
	transport.TLSHandshakeTimeout = 15 * time.Second
	transport.ResponseHeaderTimeout = 30 * time.Second
	return &http.Client{Transport: transport}
}

// transfer is one file from one mirror.
type transfer struct {
	file File
	url  string
	part string
	opt  Options
}

// partPath is where a mirror's bytes are collected. Mirrors may pack the same content differently, so that the bytes
// of one do not continue those of another: each has a part of its own.
func partPath(f File, url string) string {
	sum := sha256.Sum256([]byte(url))
	return f.Path + "." + hex.EncodeToString(sum[:4]) + ".part"
}

// noRetryError wraps failures that another connection to the same mirror would repeat.
type noRetryError struct{ error }

// run connects until the file is complete, the mirror says no, or the retries are used up. Retries that brought bytes
// are not counted, so that a bad line only makes it slow.
func (t *transfer) run(ctx context.Context) error {
	restarted := false
	for failures := 0; ; {
		before := size(t.part)
		err := t.connect(ctx)
		if err == nil {
			err = t.finish()
			if err == nil {
				return nil
			}
			// The bytes are complete and wrong. If they came in pieces, the pieces may be of two versions.
			if removeErr := os.Remove(t.part); removeErr != nil {
				return removeErr
			}
			if before == 0 || restarted {
				return err
			}
			restarted = true
			continue
		}
		if ctx.Err() != nil || errors.As(err, new(noRetryError)) {
			return err
		}
		if size(t.part) <= before {
			failures++
		}
		if failures > t.opt.Retries {
			return err
		}
		t.opt.sleep(ctx, time.Second<<min(failures, 4))
	}
}

// size is the length of a file, 0 if there is none.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// connect asks for the bytes that are missing and appends them to the part.
func (t *transfer) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := fmt.Errorf("no byte for %v", t.opt.Stall)
	timer := time.AfterFunc(t.opt.Stall, func() { cancel(stalled) })
	defer timer.Stop()

	offset := size(t.part)
	response, err := t.request(ctx, offset)
	if err != nil {
		return causeOf(ctx, err)
	}
	defer response.Body.Close()
	offset, err = t.begin(response, offset)
	if err != nil {
		return err
	}
	total := int64(-1)
	if response.ContentLength >= 0 {
		total = offset + response.ContentLength
	}
	if limit := t.file.maxBytes(); max(total, offset) > limit {
		return noRetryError{fmt.Errorf("it has %d bytes, more than the %d expected at most", max(total, offset), limit)}
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if offset == 0 {
		flags |= os.O_TRUNC
	}
	out, err := os.OpenFile(t.part, flags, 0o644)
	if err != nil {
		return noRetryError{err}
	}
	err = t.copy(out, response.Body, offset, total, func() { timer.Reset(t.opt.Stall) })
	return errors.Join(causeOf(ctx, err), out.Close())
}

// causeOf prefers the reason for which a context was cancelled to "context canceled".
func causeOf(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (t *transfer) request(ctx context.Context, offset int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url, nil)
	if err != nil {
		return nil, noRetryError{err}
	}
	request.Header.Set("User-Agent", "gogan")
	// Without this, Go would decompress on the way and Range would count other bytes.
	request.Header.Set("Accept-Encoding", "identity")
	if offset > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	return t.opt.Client.Do(request)
}

// begin looks at an answer and returns the offset at which its bytes begin.
func (t *transfer) begin(response *http.Response, asked int64) (int64, error) {
	switch code := response.StatusCode; {
	case code == http.StatusPartialContent:
		var first int64
		if _, err := fmt.Sscanf(response.Header.Get("Content-Range"), "bytes %d-", &first); err != nil || first != asked {
			return 0, t.restart(fmt.Errorf("asked for bytes from %d, got %q", asked, response.Header.Get("Content-Range")))
		}
		return asked, nil
	case code == http.StatusRequestedRangeNotSatisfiable && asked > 0:
		// Either the part is complete, then the next step finds the right checksum, or it is of no use.
		if _, total, ok := strings.Cut(response.Header.Get("Content-Range"), "/"); ok && total == strconv.FormatInt(asked, 10) {
			response.Body = io.NopCloser(bytes.NewReader(nil))
			response.ContentLength = 0
			return asked, nil
		}
		return 0, t.restart(errors.New("the mirror's file is shorter than the part"))
	case code != http.StatusOK:
		err := fmt.Errorf("HTTP status %s", response.Status)
		if code == http.StatusTooManyRequests || code >= 500 {
			return 0, err
		}
		return 0, noRetryError{err}
	}
	// The whole file, whatever was asked for.
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
		return 0, noRetryError{errHTML}
	}
	return 0, nil
}

// errHTML is what log-in pages, quota pages and captive portals are answered with.
var errHTML = errors.New("the server sent an HTML page instead of the file (a log-in, quota or error page)")

// restart gives up a part that cannot be continued.
func (t *transfer) restart(err error) error {
	if removeErr := os.Remove(t.part); removeErr != nil {
		return noRetryError{errors.Join(err, removeErr)}
	}
	return err
}

// copy appends the body to out, looking at its first bytes, and calls alive for each piece.
func (t *transfer) copy(out io.Writer, body io.Reader, offset, total int64, alive func()) error {
	buf := make([]byte, 64<<10)
	done := offset
	var reported time.Time
	for {
		n, err := body.Read(buf)
		if n > 0 {
			alive()
			if done == 0 && looksLikeHTML(buf[:n]) {
				return noRetryError{errHTML}
			}
			if done += int64(n); done > t.file.maxBytes() {
				return noRetryError{fmt.Errorf("it has more than the %d bytes expected at most", t.file.maxBytes())}
			}
			if _, err := out.Write(buf[:n]); err != nil {
				return noRetryError{err}
			}
			if now := time.Now(); now.Sub(reported) >= 100*time.Millisecond {
				reported = now
				t.opt.Progress(t.file.name(), done, total)
			}
		}
		switch {
		case err == io.EOF && total >= 0 && done < total:
			return io.ErrUnexpectedEOF
		case err == io.EOF:
			t.opt.Progress(t.file.name(), done, done)
			return nil
		case err != nil:
			return err
		}
	}
}

// looksLikeHTML knows a page by its first bytes.
func looksLikeHTML(head []byte) bool {
	head = bytes.ToLower(bytes.TrimLeft(head[:min(len(head), 256)], " \t\r\n\xef\xbb\xbf"))
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html"))
}

// finish verifies a complete part and moves it into place.
func (t *transfer) finish() error {
	in, err := os.Open(t.part)
	if err != nil {
		return err
	}
	sum, err := contentSHA256(in, t.file.Gzip, t.file.maxBytes())
	if err := errors.Join(err, in.Close()); err != nil {
		return err
	}
	if sum != t.file.SHA256 {
		return errChecksum(sum, t.file.SHA256)
	}
	if err := moveIntoPlace(t.part, t.file.Path); err != nil {
		return err
	}
	removeParts(t.file.Path)
	return nil
}

// contentSHA256 hashes a file, or what a gzip file holds, up to limit bytes.
func contentSHA256(in io.Reader, gz bool, limit int64) (string, error) {
	if gz {
		z, err := gzip.NewReader(in)
		if err != nil {
			return "", fmt.Errorf("not a gzip file: %w", err)
		}
		in = z
	}
	hash := sha256.New()
	n, err := io.Copy(hash, io.LimitReader(in, limit+1))
	if err != nil {
		return "", err
	}
	if n > limit {
		return "", fmt.Errorf("the content has more than the %d bytes expected at most", limit)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

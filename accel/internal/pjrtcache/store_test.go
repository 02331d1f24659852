//go:build cgo && linux

package pjrtcache

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func newStore(t *testing.T, limit int64) *store {
	t.Helper()
	s, err := openStore(filepath.Join(t.TempDir(), "compiled"), limit)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStoreKeepsContent(t *testing.T) {
	s := newStore(t, defaultLimit)
	if data, err := s.get("k"); data != nil || err != nil {
		t.Errorf("empty store: %q, %v", data, err)
	}
	for _, content := range []string{"first", "", "third"} { // put replaces
		if err := s.put("k", []byte(content)); err != nil {
			t.Fatal(err)
		}
		if data, err := s.get("k"); string(data) != content || data == nil || err != nil {
			t.Errorf("get = %q, %v; want %q", data, err, content)
		}
	}
	info, err := os.Stat(s.path("k"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file mode %v (%v), want 0600", info.Mode(), err)
	}
	if info, err = os.Stat(s.dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("directory mode %v (%v), want 0700", info.Mode(), err)
	}
}

func TestStoreRefusesEveryFlippedBit(t *testing.T) {
	s := newStore(t, defaultLimit)
	if err := s.put("k", []byte("content")); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(s.path("k"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(whole) * 8 {
		damaged := bytes.Clone(whole)
		damaged[i/8] ^= 1 << (i % 8)
		if err := os.WriteFile(s.path("k"), damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if data, err := s.get("k"); !errors.Is(err, errDamaged) {
			t.Fatalf("bit %d flipped: %q, %v; want errDamaged", i, data, err)
		}
	}
	for i := range whole {
		if err := os.WriteFile(s.path("k"), whole[:i], 0o600); err != nil {
			t.Fatal(err)
		}
		if data, err := s.get("k"); !errors.Is(err, errDamaged) {
			t.Fatalf("cut to %d bytes: %q, %v; want errDamaged", i, data, err)
		}
	}
	// A whole file under the name of another program is not that program.
	if err := os.WriteFile(s.path("other"), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := s.get("other"); !errors.Is(err, errDamaged) {
		t.Errorf("renamed file: %q, %v; want errDamaged", data, err)
	}
}

func TestStoreRefusesFilesOfOthers(t *testing.T) {
	s := newStore(t, defaultLimit)
	if err := s.put("k", []byte("content")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(s.path("k"), 0o620); err != nil {
		t.Fatal(err)
	}
	if _, err := s.get("k"); err == nil || !strings.Contains(err.Error(), "writable for others") {
		t.Errorf("group-writable file: %v", err)
	}
	if err := os.Symlink("k"+suffix, s.path("link")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.get("link"); err == nil {
		t.Error("a symbolic link was followed")
	}
	info, err := os.Stat(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := trusted(info, os.Geteuid()); err != nil {
		t.Errorf("our own directory: %v", err)
	}
	if err := trusted(info, os.Geteuid()+1); err == nil || !strings.Contains(err.Error(), "another user") {
		t.Errorf("another user's directory: %v", err)
	}
	for _, mode := range []os.FileMode{0o770, 0o707, 0o777, 0o702} {
		if err := os.Chmod(s.dir, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := openStore(s.dir, defaultLimit); err == nil || !strings.Contains(err.Error(), s.dir) {
			t.Errorf("directory of mode %v: %v", mode, err)
		}
	}
}

func TestStoreRemovesTheOldest(t *testing.T) {
	content := make([]byte, 100)
	size := int64(headerSize + len(content))
	s := newStore(t, 3*size)
	past := time.Now().Add(-2 * time.Hour)
	for i := range 3 {
		key := fmt.Sprint(i)
		if err := s.put(key, content); err != nil {
			t.Fatal(err)
		}
		used := past.Add(time.Duration(i) * time.Minute)
		if err := os.Chtimes(s.path(key), used, used); err != nil {
			t.Fatal(err)
		}
	}
	stale, fresh := filepath.Join(s.dir, temporary+"stale"), filepath.Join(s.dir, temporary+"fresh")
	for _, path := range []string{stale, fresh, filepath.Join(s.dir, "plugin-x.json")} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(stale, past, past); err != nil {
		t.Fatal(err)
	}
	if _, err := s.get("0"); err != nil { // now the one used last
		t.Fatal(err)
	}
	if err := s.put("3", content); err != nil {
		t.Fatal(err)
	}
	var left []string
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	if got, want := strings.Join(left, " "), ".new-fresh 0.pjrt 2.pjrt 3.pjrt plugin-x.json"; got != want {
		t.Errorf("left %q, want %q", got, want)
	}
	if err := s.put("big", make([]byte, 3*size)); err == nil {
		t.Error("a program above the limit was stored")
	}
}

func TestStoreServesManyAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "compiled")
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			s, err := openStore(dir, 2000) // holds some of the 20 programs
			if err != nil {
				t.Error(err)
				return
			}
			for i := range 100 {
				key := fmt.Sprint((worker*7 + i) % 20)
				content := bytes.Repeat([]byte(key), 100)
				data, err := s.get(key)
				if err != nil || data != nil && !bytes.Equal(data, content) {
					t.Errorf("get %s: %q, %v", key, data, err)
				}
				if err := s.put(key, content); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

//go:build cgo && linux

package pjrtcache

import (
	"os"
	"path/filepath"
	"testing"
)

func TestKeysDiffer(t *testing.T) {
	seen := make(map[string][]string)
	for _, parts := range [][]string{{}, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"ab", ""}, {"", "ab"}, {"b", "a"}} {
		k := newKey(nil)
		for _, part := range parts {
			k.add([]byte(part))
		}
		sum := k.sum()
		if other, found := seen[sum]; found {
			t.Errorf("%q and %q have the same key", parts, other)
		}
		seen[sum] = parts
	}
}

// TestProcessor reads two machines, one of x86 and one of ARM, and ignores what changes while a machine runs.
func TestProcessor(t *testing.T) {
	read := func(text string) (string, error) {
		file := filepath.Join(t.TempDir(), "cpuinfo")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return processor(file)
	}
	const x86 = "processor\t: 0\nvendor_id\t: V\nmodel name\t: M 2.0GHz\ncpu MHz\t: 2000.0\nflags\t\t: fpu avx2\n\n"
	base, err := read(x86 + "processor\t: 1\nflags\t: other\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text string
		same       bool
	}{
		{"another clock", "processor\t: 0\nvendor_id\t: V\nmodel name\t: M 2.0GHz\ncpu MHz\t: 3123.4\nflags\t\t: fpu avx2\n", true},
		{"another model", "vendor_id\t: V\nmodel name\t: N 2.0GHz\nflags\t\t: fpu avx2\n", false},
		{"other flags", "vendor_id\t: V\nmodel name\t: M 2.0GHz\nflags\t\t: fpu avx2 avx512f\n", false},
		{"ARM", "processor : 0\nCPU implementer\t: 0x41\nFeatures : fp asimd\n", false},
	} {
		got, err := read(c.text)
		if err != nil || (got == base) != c.same {
			t.Errorf("%s: %q (%v) beside %q, want equal: %t", c.name, got, err, base, c.same)
		}
	}
	if got, err := read("processor : 0\n"); err == nil {
		t.Errorf("a processor without instruction sets gave %q", got)
	}
}

func TestXLAFlagsMayNameAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "flags")
	t.Setenv("XLA_FLAGS", " --a --b")
	if got := string(xlaFlags()); got != " --a --b" {
		t.Errorf("flags %q", got)
	}
	t.Setenv("XLA_FLAGS", file)
	absent := string(xlaFlags())
	var contents []string
	for _, content := range []string{"--a", "--b"} {
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		contents = append(contents, string(xlaFlags()))
	}
	if contents[0] == contents[1] || contents[0] == absent {
		t.Errorf("different files give %q, %q and %q", absent, contents[0], contents[1])
	}
}

func TestPluginHashIsRemembered(t *testing.T) {
	s := newStore(t, defaultLimit)
	file := filepath.Join(t.TempDir(), "plugin.so")
	if err := os.WriteFile(file, []byte("one"), 0o644); err != nil {
		t.Fatal(err)
	}
	first, err := pluginHash(file, s)
	if err != nil || first != "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed" { // sha256sum of "one"
		t.Fatalf("pluginHash = %s, %v", first, err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	// The same size and time: only the time of the inode's change tells.
	if err := os.WriteFile(file, []byte("two"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	second, err := pluginHash(file, s)
	if err != nil || second != "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3" { // of "two"
		t.Errorf("after a change: %s, %v", second, err)
	}
	// What is remembered is taken: a wrong record, for the right file, shows.
	id, err := identify(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := rememberHash(s, knownPlugin{id, "from the record"}); err != nil {
		t.Fatal(err)
	}
	if got, err := pluginHash(file, s); got != "from the record" || err != nil {
		t.Errorf("unchanged file: %s, %v; want what the record says", got, err)
	}
}

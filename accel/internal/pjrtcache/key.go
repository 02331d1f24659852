//go:build cgo && linux

package pjrtcache

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// key hashes parts, each with its length, so that no two lists of parts look alike.
type key struct{ hash.Hash }

func newKey(base []byte) key {
	k := key{sha256.New()}
	k.add(base)
	return k
}

func (k key) add(part []byte) {
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(len(part)))
	k.Write(length[:])
	k.Write(part)
}

func (k key) sum() string { return hex.EncodeToString(k.Sum(nil)) }

// machineKey returns what all programs of a plugin in this process share: the plugin, the processor and the driver.
func machineKey(path string, s *store) ([]byte, error) {
	sum, err := pluginHash(path, s)
	if err != nil {
		return nil, err
	}
	processor, err := processor("/proc/cpuinfo")
	if err != nil {
		return nil, err
	}
	// XLA divides loops among as many threads as the process may use, or NPROC says, when it compiles.
	threads := strconv.Itoa(runtime.NumCPU()) + " " + os.Getenv("NPROC")
	driver, _ := os.ReadFile("/proc/driver/nvidia/version") // absent without NVIDIA's driver
	k := newKey([]byte("gogan compiled program 1"))
	for _, part := range []string{sum, runtime.GOARCH, processor, threads, string(driver)} {
		k.add([]byte(part))
	}
	return k.Sum(nil), nil
}

// processorFields are the lines of /proc/cpuinfo that decide which instructions LLVM chooses (x86, then ARM).
var processorFields = []string{"vendor_id", "cpu family", "model", "model name", "stepping", "flags",
	"CPU implementer", "CPU architecture", "CPU variant", "CPU part", "Features"}

// processor returns model and instruction sets of the first processor in a file like /proc/cpuinfo.
func processor(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	values := make(map[string]string)
	for lines := bufio.NewScanner(f); lines.Scan() && lines.Text() != ""; { // an empty line ends a processor
		name, value, _ := strings.Cut(lines.Text(), ":")
		values[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	if values["flags"]+values["Features"] == "" {
		return "", fmt.Errorf("%s does not name the instruction sets of the processor", file)
	}
	var text strings.Builder
	for _, name := range processorFields {
		fmt.Fprintf(&text, "%s=%s\n", name, values[name])
	}
	return text.String(), nil
}

// xlaFlags returns the options of XLA's compiler that the environment sets, with the content of the file if XLA_FLAGS
// names one, as it may.
func xlaFlags() []byte {
	flags := os.Getenv("XLA_FLAGS")
	if flags == "" || strings.HasPrefix(strings.TrimSpace(flags), "-") {
		return []byte(flags)
	}
	content, err := os.ReadFile(flags)
	return bytes.Join([][]byte{[]byte(flags), fmt.Append(nil, err), content}, []byte{0})
}

// fileIdentity changes when a file is replaced or written to. Reading a whole plugin takes 0.2 to 0.5 s, which must not
// be paid in each process, so its SHA-256 is kept with the identity it was computed for.
type fileIdentity struct {
	Path     string
	Size     int64
	Modified int64 // nanoseconds since 1970
	Changed  int64 // of the inode: also moves when the times are set back
	Device   uint64
	Inode    uint64
}

type knownPlugin struct {
	fileIdentity
	SHA256 string
}

func identify(path string) (fileIdentity, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileIdentity{}, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fileIdentity{}, errors.New("no inode of " + path)
	}
	return fileIdentity{Path: path, Size: info.Size(), Modified: info.ModTime().UnixNano(), Changed: stat.Ctim.Nano(),
		Device: uint64(stat.Dev), Inode: stat.Ino}, nil
}

// pluginHash returns the SHA-256 of the plugin at path, from the store if the file is the one that was hashed before.
func pluginHash(path string, s *store) (string, error) {
	id, err := identify(path)
	if err != nil {
		return "", err
	}
	var known knownPlugin
	if data, err := os.ReadFile(hashRecord(s, path)); err == nil && json.Unmarshal(data, &known) == nil && known.fileIdentity == id {
		return known.SHA256, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	known = knownPlugin{id, hex.EncodeToString(h.Sum(nil))}
	return known.SHA256, rememberHash(s, known)
}

// hashRecord returns the file in which the SHA-256 of the plugin at path is kept.
func hashRecord(s *store, path string) string {
	name := sha256.Sum256([]byte(path))
	return filepath.Join(s.dir, "plugin-"+hex.EncodeToString(name[:8])+".json")
}

func rememberHash(s *store, known knownPlugin) error {
	data, err := json.Marshal(known)
	if err != nil {
		return err
	}
	return s.write(hashRecord(s, known.Path), data)
}

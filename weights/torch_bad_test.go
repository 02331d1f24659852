package weights

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// pickled returns the pickle of what build pushes.
func pickled(build func(p *pickler)) []byte {
	p := newPickler()
	build(p)
	p.op('.')
	return p.out
}

// entry pushes a dictionary with one entry.
func entry(p *pickler, name string, value func(p *pickler)) {
	p.op('}')
	p.text(name)
	value(p)
	p.op('s')
}

// view pushes a float tensor of any part of a storage that claims to have count elements.
func view(p *pickler, key string, count, offset int, shape, stride []int) {
	p.global("torch._utils", "_rebuild_tensor_v2")
	p.op('(')
	p.op('(')
	p.text("storage")
	p.global("torch", "FloatStorage")
	p.text(key)
	p.text("cpu")
	p.int(count)
	p.op('t')
	p.op('Q')
	p.int(offset)
	p.ints(shape)
	p.ints(stride)
	p.op('t')
	p.op('R')
}

// oneView is the pickle of {"a": tensor}.
func oneView(count, offset int, shape, stride []int) []byte {
	return pickled(func(p *pickler) { entry(p, "a", func(p *pickler) { view(p, "0", count, offset, shape, stride) }) })
}

// torchZip is an archive with a pickle and the storage "0" of the given bytes.
func torchZip(t *testing.T, pickle []byte, storage int) []byte {
	t.Helper()
	return zipOf(t, map[string][]byte{"x/data.pkl": pickle, "x/data/0": make([]byte, storage)}, nil)
}

// torchStream is a legacy file with a pickle and storages: keys, and the bytes behind them.
func torchStream(pickle []byte, keys []string, data []byte) []byte {
	out := append(legacyHead(), pickle...)
	out = append(out, keysPickle(keys)...)
	return append(out, data...)
}

// floats are a count and as many floats of a legacy file.
func floats(count uint64, bytes int) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, count), make([]byte, bytes)...)
}

// bad is a file that must be refused, and what the error must say.
type bad struct {
	name string
	file []byte
	want string
}

// badTensors are tensors that are not what they say.
func badTensors(t *testing.T) []bad {
	deep := func(open func(p *pickler), levels int) []byte {
		return pickled(func(p *pickler) {
			for range levels {
				open(p)
			}
			p.op('N')
			for range levels {
				p.op('s')
			}
		})
	}
	return []bad{
		{"2^60 elements", torchZip(t, oneView(1<<60, 0, []int{2}, []int{1}), 8),
			`tensor "a": storage "0": the pickle claims 4611686018427387904 bytes, the archive has 8`},
		{"2^60 elements in a legacy file", torchStream(oneView(1<<60, 0, []int{2}, []int{1}), []string{"0"}, floats(1<<60, 8)),
			`truncated: storage "0" has 4611686018427387904 bytes, 8 are there`},
		{"2^60 elements, all of them used", torchZip(t, oneView(1<<60, 0, []int{1 << 60}, []int{1}), 8), "the archive has 8"},
		{"2^62 elements", torchZip(t, oneView(1<<62, 0, []int{2}, []int{1}), 8), `storage "0" claims 4611686018427387904 elements, more than fit`},
		{"fewer bytes than elements", torchZip(t, oneView(3, 0, []int{2}, []int{1}), 8), "claims 12 bytes, the archive has 8"},
		{"more bytes than elements", torchZip(t, oneView(2, 0, []int{2}, []int{1}), 12), "claims 8 bytes, the archive has 12"},
		{"shape beyond the storage", torchZip(t, oneView(2, 0, []int{3}, []int{1}), 8), "shape [3] with strides [1] from element 0 lies outside of its storage of 2"},
		{"offset beyond the storage", torchZip(t, oneView(2, 2, []int{1}, []int{1}), 8), "from element 2 lies outside"},
		{"scalar beyond the storage", torchZip(t, oneView(2, 5, nil, nil), 8), "from element 5 lies outside"},
		{"strides beyond the storage", torchZip(t, oneView(8, 0, []int{2, 2}, []int{7, 1}), 32), "lies outside"},
		{"stride overflow", torchZip(t, oneView(8, 0, []int{3, 3}, []int{1 << 62, 1 << 62}), 32), "lies outside"},
		{"repeated beyond the file", torchZip(t, oneView(1, 0, []int{1 << 40}, []int{0}), 4), `tensor "a": the file grows by more than`},
		{"repeated beyond memory", torchZip(t, oneView(1, 0, []int{1 << 32, 1 << 32}, []int{0, 0}), 4), "more elements than fit"},
		{"bytes beyond memory", torchZip(t, oneView(1, 0, []int{1 << 61}, []int{0}), 4), "more bytes than fit"},
		{"shape and strides differ", torchZip(t, oneView(2, 0, []int{2}, []int{1, 1}), 8), "1 axes, 2 strides"},
		{"65 axes", torchZip(t, oneView(1, 0, make([]int, 65), make([]int, 65)), 4), "65 axes, PyTorch allows 64"},
		{"two sizes of one storage", torchZip(t, pickled(func(p *pickler) {
			p.op('(')
			view(p, "0", 2, 0, []int{2}, []int{1})
			view(p, "0", 3, 0, []int{2}, []int{1})
			p.op('t')
		}), 8), `storage "0" has 8 bytes in one place and 12 in another`},
		{"no storage", torchZip(t, pickled(func(p *pickler) { view(p, "1", 2, 0, []int{2}, []int{1}) }), 8), `storage "1": the archive has no such storage`},
		{"many names for one storage", torchZip(t, pickled(func(p *pickler) {
			view(p, "0", 1<<18, 0, []int{1 << 18}, []int{1})
			n := p.keep()
			p.op('(')
			for range 100 {
				p.out = append(p.out, 'h', byte(n))
			}
			p.op('t')
		}), 1<<20), "grows by more than"},
		{"one name twice", torchZip(t, pickled(func(p *pickler) {
			p.op('}')
			p.op('(')
			for _, nested := range []bool{true, false} {
				tensor := func(p *pickler) { view(p, "0", 2, 0, []int{2}, []int{1}) }
				if nested {
					p.text("a")
					entry(p, "b", tensor)
				} else {
					p.text("a.b")
					tensor(p)
				}
			}
			p.op('u')
		}), 8), `two tensors have the name "a.b"`},
		{"nested too deeply", torchZip(t, deep(func(p *pickler) { p.op('}'); p.text("k") }, 200), 8), "nested more than 100 deep"},
		{"a dictionary in itself", torchZip(t, pickled(func(p *pickler) { p.op('}'); n := p.keep(); p.text("k"); p.out = append(p.out, 'h', byte(n), 's') }), 8),
			"nested more than 100 deep, or in itself"},
		{"a list in itself, twice", torchZip(t, pickled(func(p *pickler) {
			p.op(']')
			n := p.keep()
			p.out = append(p.out, '(', 'h', byte(n), 'h', byte(n), 'e')
		}), 8), "nested more than 100 deep, or in itself"},
	}
}

func TestReadBadTorch(t *testing.T) {
	cases := badTensors(t)
	for _, b := range badPickles() {
		cases = append(cases, bad{b.name, torchZip(t, b.file, 4), b.want},
			bad{b.name + " in a legacy file", torchStream(b.file, nil, nil), b.want})
	}
	dir := t.TempDir()
	for i, test := range cases {
		path := filepath.Join(dir, fmt.Sprintf("%d.pth", i))
		if err := os.WriteFile(path, test.file, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := ReadTorch(path)
		wantError(t, test.name, err, path, test.want)
		_, err = Read(path)
		wantError(t, test.name, err, path, test.want)
	}
}

func TestReadBadTorchArchive(t *testing.T) {
	good := oneView(1, 0, []int{1}, []int{1})
	entries := func(more map[string][]byte) map[string][]byte {
		all := map[string][]byte{"x/data.pkl": good, "x/data/0": make([]byte, 4)}
		maps.Copy(all, more)
		return all
	}
	bytesOf := func(more map[string][]byte) []byte { return zipOf(t, entries(more), nil) }
	edit := func(name string, edit func(h *zip.FileHeader)) []byte {
		return zipOf(t, entries(nil), func(h *zip.FileHeader) {
			if h.Name == name {
				edit(h)
			}
		})
	}
	for _, test := range []bad{
		{"no archive", []byte(zipMagic + "and no more"), "truncated"},
		{"two pickles", bytesOf(map[string][]byte{"y/data.pkl": good}), "2 entries have the name DIRECTORY/data.pkl"},
		{"absolute name", zipOf(t, map[string][]byte{"/x/data.pkl": good}, nil), "0 entries have the name DIRECTORY/data.pkl"},
		{"name of the directory above", zipOf(t, map[string][]byte{"../data.pkl": good}, nil), "0 entries have the name DIRECTORY/data.pkl"},
		{"nested name", zipOf(t, map[string][]byte{"a/x/data.pkl": good}, nil), "0 entries have the name DIRECTORY/data.pkl"},
		{"program", bytesOf(map[string][]byte{"x/constants.pkl": good}), "a TorchScript program"},
		{"byte order", bytesOf(map[string][]byte{"x/byteorder": []byte("middle\n")}), `the byte order is "middle\n"`},
		{"pickle twice", bytesOf(map[string][]byte{"x/data.pkl": append(good, good...)}), "bytes follow the pickle"},
		{"empty pickle", bytesOf(map[string][]byte{"x/data.pkl": nil}), "data.pkl: pickle byte 0: truncated"},
		{"wrong checksum", edit("x/data/0", func(h *zip.FileHeader) { h.CRC32++ }), `entry "x/data/0": the checksum differs`},
		{"wrong checksum of the pickle", edit("x/data.pkl", func(h *zip.FileHeader) { h.CRC32++ }), `entry "x/data.pkl": the checksum differs`},
		{"encrypted", edit("x/data/0", func(h *zip.FileHeader) { h.Flags |= 1 }), "is encrypted"},
		{"method", edit("x/data/0", func(h *zip.FileHeader) { h.Method = 12 }), "zip method 12"},
		{"two sizes", edit("x/data/0", func(h *zip.FileHeader) { h.CompressedSize64 = 3 }), "has two sizes"},
		{"beyond the end", edit("x/data/0", func(h *zip.FileHeader) { h.CompressedSize64, h.UncompressedSize64 = 1<<20, 1<<20 }), "beyond the end of the file"},
		{"bomb", edit("x/data/0", func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 40 }), "refused as a zip bomb"},
		{"no deflate stream", edit("x/data/0", func(h *zip.FileHeader) { h.Method = zip.Deflate }), `entry "x/data/0"`},
		{"more than it says", zipOf(t, entries(map[string][]byte{"x/data/0": deflated(t, make([]byte, 9))}), func(h *zip.FileHeader) {
			if h.Name == "x/data/0" {
				h.Method, h.UncompressedSize64 = zip.Deflate, 4
			}
		}), "unpacks to more than 4 bytes"},
	} {
		_, _, err := decodeTorch(bytes.NewReader(test.file), int64(len(test.file)))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// Two entries that share bytes, or a name.
func TestReadTorchEntriesApart(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"x/data.pkl", "x/data/0", "x/data/1"} {
		f, err := w.CreateRaw(&zip.FileHeader{Name: name, CompressedSize64: 100, UncompressedSize64: 100})
		if err == nil {
			_, err = f.Write(make([]byte, 100))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(data []byte){
		"entries of the archive overlap": func(data []byte) {
			last := bytes.LastIndex(data, []byte("PK\x01\x02")) // the directory's record of data/1: its place 42 bytes on
			second := bytes.LastIndex(data[:last], []byte("PK\x01\x02"))
			copy(data[last+42:last+46], data[second+42:second+46])
		},
		`entry "x/data/0" occurs twice`: func(data []byte) { data[bytes.LastIndex(data, []byte("data/1"))+5] = '0' },
	} {
		data := bytes.Clone(b.Bytes())
		change(data)
		_, _, err := decodeTorch(bytes.NewReader(data), int64(len(data)))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want %q", err, name)
		}
	}
}

func TestReadBadTorchLegacy(t *testing.T) {
	good := oneView(1, 0, []int{1}, []int{1})
	number := func(n int) []byte { return pickled(func(p *pickler) { p.int(n) }) }
	magic := pickled(func(p *pickler) { p.long(torchMagic) })
	for _, test := range []bad{
		{"empty", nil, "not a file of torch.save"},
		{"a plain pickle", good, "not a file of torch.save"},
		{"another magic number", number(7), "not a file of torch.save"},
		{"another version", append(bytes.Clone(magic), number(1002)...), "version 1002 of torch.save's stream"},
		{"only the magic number", magic, "truncated"},
		{"a class before the content", append(append(bytes.Clone(magic), number(1001)...), "\x80\x02cos\nsystem\n."...), `"os.system"`},
		{"no list of storages", append(append(legacyHead(), good...), number(1)...), "an int instead of the list of storages"},
		{"a number in the list", append(append(legacyHead(), good...), "\x80\x02]K\x01a."...), "an int instead of the key"},
		{"a storage that is not listed", torchStream(good, nil, nil), `tensor "a": storage "0": the file has no such storage`},
		{"a storage that nobody has", torchStream(good, []string{"7"}, floats(1, 4)), `storage "7" is listed, but nothing says`},
		{"a storage twice", torchStream(good, []string{"0", "0"}, append(floats(1, 4), floats(1, 4)...)), "listed twice"},
		{"another count", torchStream(good, []string{"0"}, floats(2, 8)), `storage "0" has 2 elements, the pickle claims 1`},
		{"no count", torchStream(good, []string{"0"}, make([]byte, 7)), `truncated before storage "0"`},
		{"no data", torchStream(good, []string{"0"}, floats(1, 3)), `truncated: storage "0" has 4 bytes, 3 are there`},
		{"bytes behind", torchStream(good, []string{"0"}, floats(1, 5)), "1 bytes follow the last storage"},
		{"a part outside", torchStream(pickled(func(p *pickler) {
			p.op('(')
			p.text("storage")
			p.global("torch", "FloatStorage")
			p.text("0")
			p.text("cpu")
			p.int(8)
			p.op('(')
			p.text("1")
			p.int(5)
			p.int(4)
			p.op('t')
			p.op('t')
			p.op('Q')
		}), nil, nil), `a part of storage "0" lies outside`},
	} {
		_, _, err := decodeTorch(bytes.NewReader(test.file), int64(len(test.file)))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// What PyTorch itself writes and what is no plain tensor is refused with the name of the class.
func TestReadRefusedTorch(t *testing.T) {
	for name, want := range map[string]string{
		"bad_module.pth":       `"__main__.Module"`,
		"bad_script.pt":        "a TorchScript program",
		"bad_sparse.pth":       `"torch._utils._rebuild_sparse_tensor"`,
		"bad_complex.pth":      `"torch.ComplexFloatStorage"`,
		"bad_float8.pth":       `"torch.float8_e4m3fn"`,
		"bad_quantized.pth":    `"torch._utils._rebuild_qtensor"`,
		"bad_meta.pth":         `"torch._utils._rebuild_meta_tensor_no_storage"`,
		"bad_object_array.pth": "object array",
		"bad_system.pth":       `"posix.system"`, "bad_system_proto4.pth": `"posix.system"`,
		"bad_eval_legacy.pth": `"__builtin__.eval"`,
		"bad_getattr.pth":     `"__builtin__.getattr"`,
		"bad_partial.pth":     `"functools.partial"`,
	} {
		path := filepath.Join("testdata/ref", name)
		_, err := Read(path)
		wantError(t, name, err, path, want)
	}
}

// Every shorter file is an error that names it.
func TestTruncatedTorch(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"torch_state_zip.pth", "torch_state_deflated.pth", "torch_state_legacy.pth", "torch_views_zip.pth",
		"torch_views_legacy.pth", "torch_views_protocol5.pth", "torch_parts_legacy.pth"} {
		whole, err := os.ReadFile(filepath.Join("testdata/ref", name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		for n := 0; n < len(whole); n += 1 + len(whole)/150 {
			if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := ReadTorch(path)
			wantError(t, fmt.Sprintf("%s cut to %d bytes", name, n), err, path)
			_, err = Read(path)
			wantError(t, fmt.Sprintf("%s cut to %d bytes", name, n), err, path)
		}
	}
}

// laughs are containers of which each holds the one before twice: 2^levels paths in a few bytes. Before each of the two
// stands a key, if there are keys.
func laughs(open, close string, levels int, keys ...string) []byte {
	return pickled(func(p *pickler) {
		view(p, "0", 1, 0, nil, nil)
		n := p.keep()
		for range levels {
			p.out = append(p.out, open...)
			for i := range 2 {
				if len(keys) > 0 {
					p.text(keys[i])
				}
				p.out = append(p.out, 'h', byte(n))
			}
			p.out = append(p.out, close...)
			n = p.keep()
		}
	})
}

// No file costs more memory than its bytes justify: 16 MiB and 8 times the file, whatever it says.
func TestTorchMemoryIsBoundedByTheFile(t *testing.T) {
	longNames := pickled(func(p *pickler) {
		entry(p, strings.Repeat("n", 100_000), func(p *pickler) {
			p.op(']')
			p.op('(')
			for range 10_000 {
				view(p, "0", 1, 0, nil, nil)
			}
			p.op('e')
		})
	})
	// 200 MB that a deflated storage claims to have, and a tensor that repeats an element as often.
	hollow := zipOf(t, map[string][]byte{
		"x/data.pkl": oneView(50_000_000, 0, []int{50_000_000}, []int{0}), "x/data/0": deflated(t, make([]byte, 1000)),
	}, func(h *zip.FileHeader) {
		if h.Name == "x/data/0" {
			h.Method, h.UncompressedSize64 = zip.Deflate, 200_000_000
		}
	})
	for _, test := range []bad{
		{"2^60 elements", torchZip(t, oneView(1<<60, 0, []int{2}, []int{1}), 8), "the archive has 8"},
		{"2^60 elements, used", torchZip(t, oneView(1<<60, 0, []int{1 << 60}, []int{1}), 8), "the archive has 8"},
		{"2^60 elements, legacy", torchStream(oneView(1<<60, 0, []int{2}, []int{1}), []string{"0"}, floats(1<<60, 8)), "truncated"},
		{"repeated 2^40 times", torchZip(t, oneView(1, 0, []int{1 << 40}, []int{0}), 4), "grows by"},
		{"tuples of tuples", torchZip(t, laughs("(", "t", 60), 4), "grows by"},
		{"lists of lists", torchZip(t, laughs("](", "e", 60), 4), "grows by"},
		{"dictionaries", torchZip(t, laughs("}(", "u", 60, "a", "b"), 4), "grows by"},
		{"long names", torchZip(t, longNames, 4), "grows by"},
		{"hollow storage", hollow, "truncated"},
		{"text of 2 GiB", append(legacyHead(), "\x80\x02X\xff\xff\xff\x7f."...), "truncated"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := decodeTorch(bytes.NewReader(test.file), int64(len(test.file)))
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
		// 3: what growing maps and slices throws away
		if got, limit := after.TotalAlloc-before.TotalAlloc, uint64(3*(torchFree+torchRatio*len(test.file))); got > limit {
			t.Errorf("%s: %d bytes were allocated for a file of %d, want at most %d", test.name, got, len(test.file), limit)
		}
	}
}

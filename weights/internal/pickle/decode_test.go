package pickle

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

func decode(data string, opt Options) (any, error) {
	return Decode(NewReader(strings.NewReader(data), int64(len(data))), opt)
}

func power(base, exponent int64) *big.Int {
	return new(big.Int).Exp(big.NewInt(base), big.NewInt(exponent), nil)
}

// testGlobals are what Python names for plain values: bytes before protocol 3, sets before 4.
var testGlobals = Globals{
	"_codecs.encode": Constructor(func(args Tuple) (any, error) {
		var out []byte
		for _, c := range args[0].(string) {
			out = append(out, byte(c))
		}
		return out, nil
	}),
	"__builtin__.bytes":     Constructor(func(Tuple) (any, error) { return []byte(nil), nil }),
	"__builtin__.set":       Constructor(func(args Tuple) (any, error) { return &Set{args[0].(*List).Items}, nil }),
	"__builtin__.frozenset": Constructor(func(args Tuple) (any, error) { return &Set{args[0].(*List).Items}, nil }),
	"builtins.set":          Constructor(func(args Tuple) (any, error) { return &Set{args[0].(*List).Items}, nil }),
	"builtins.frozenset":    Constructor(func(args Tuple) (any, error) { return &Set{args[0].(*List).Items}, nil }),
}

// The files in testdata/ref hold one value, pickled by Python (make_pickles.py).
func TestDecodeReference(t *testing.T) {
	below, above := new(big.Int).Sub(big.NewInt(math.MinInt64), big.NewInt(1)), power(2, 63)
	want := map[string]any{
		"ints": &List{[]any{int64(0), int64(255), int64(256), int64(65535), int64(65536), int64(-1), int64(math.MaxInt32),
			int64(math.MaxInt32 + 1), int64(math.MinInt32), int64(math.MinInt32 - 1), int64(math.MaxInt64), int64(math.MinInt64),
			above, below, power(2, 70), new(big.Int).Neg(power(2, 70)), int64(128), int64(-128), int64(-129)}},
		"floats": &List{[]any{0.1, math.Inf(1), math.Copysign(0, -1), 1e308}},
		"texts":  &List{[]any{"", "ünï", strings.Repeat("x", 300), "line\nfeed"}},
		"tuples": Tuple{Tuple{}, Tuple{int64(1)}, Tuple{int64(1), int64(2)}, Tuple{int64(1), int64(2), int64(3)},
			Tuple{int64(1), int64(2), int64(3), int64(4)}},
		"plain":  Tuple{nil, true, false},
		"set":    &Set{[]any{int64(7)}},
		"frozen": &Set{[]any{int64(8)}},
	}
	paths, err := filepath.Glob("testdata/ref/*.pkl")
	if err != nil || len(paths) != 4 {
		t.Fatalf("%d files: %v", len(paths), err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		in := NewReader(strings.NewReader(string(data)+"next"), int64(len(data)+4))
		v, err := Decode(in, Options{Globals: testGlobals})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if in.Offset() != int64(len(data)) {
			t.Errorf("%s: the reader is at byte %d of %d", path, in.Offset(), len(data))
		}
		root := v.(*Dict)
		get := func(key string) any { v, _ := root.Get(key); return v }
		for key, w := range want {
			if g := get(key); !reflect.DeepEqual(g, w) {
				t.Errorf("%s: %s is %v, want %v", path, key, g, w)
			}
		}
		for i, w := range []string{"", "\x00\xff", strings.Repeat("y", 300)} {
			if g := get("bytes").(*List).Items[i].([]byte); string(g) != w {
				t.Errorf("%s: bytes %d are %q, want %q", path, i, g, w)
			}
		}
		if s := get("shared").(Tuple); s[0].(*List) != s[1].(*List) || !reflect.DeepEqual(s[0], &List{[]any{int64(1), int64(2)}}) {
			t.Errorf("%s: the shared list is two lists, or %v", path, s[0])
		}
		if l := get("itself").(*List); len(l.Items) != 1 || l.Items[0].(*List) != l {
			t.Errorf("%s: the list does not hold itself", path)
		}
		keys := get("keys").(*Dict)
		for key, w := range map[any]string{int64(1): "int", "1": "text", nil: "none", 2.5: "float"} {
			if g, found := keys.Get(key); !found || g != w {
				t.Errorf("%s: key %v has %v, want %s", path, key, g, w)
			}
		}
		if len(keys.Items) != 5 || !reflect.DeepEqual(keys.Items[2], Item{Tuple{int64(1), int64(2)}, "tuple"}) {
			t.Errorf("%s: the keys are %v", path, keys.Items)
		}
		if n := len(get("many").(*Dict).Items); n != 1001 {
			t.Errorf("%s: %d entries, want 1001", path, n)
		}
	}
}

// What Python 2 and hand-made pickles have, and Python 3 does not write.
func TestDecodeOdd(t *testing.T) {
	for _, test := range []struct {
		name, pickle string
		want         any
	}{
		{"bytes of Python 2 as text", "\x80\x02U\x02\xff\x00.", "\xff\x00"},
		{"long bytes of Python 2", "\x80\x02T\x03\x00\x00\x00abc.", "abc"},
		{"no PROTO", "K\x07.", int64(7)},
		{"POP", "K\x07K\x080.", int64(7)},
		{"POP_MARK", "K\x07(K\x08K\x091.", int64(7)},
		{"DUP", "K\x072\x86.", Tuple{int64(7), int64(7)}},
		{"number of no bytes", "\x8a\x00.", int64(0)},
		{"LONG4", "\x8b\x02\x00\x00\x00\xff\xff.", int64(-1)},
		{"key twice", "}(K\x01K\x02K\x01K\x03u.", int64(3)},
		{"long numbers of kept values", "K\x05r\x00\x01\x00\x000j\x00\x01\x00\x00.", int64(5)},
		{"NEWOBJ_EX", "cc\nd\n)}\x92.", "made of 0"},
		{"OBJ", "(cc\nd\nK\x01K\x02o.", "made of 2"},
		{"INST", "(K\x01ic\nd\n.", "made of 1"},
	} {
		got, err := decode(test.pickle, Options{Globals: Globals{"c.d": Constructor(func(args Tuple) (any, error) {
			return "made of " + string(rune('0'+len(args))), nil
		})}})
		if d, ok := got.(*Dict); ok && err == nil {
			got, _ = d.Get(int64(1))
		}
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, %v, want %v", test.name, got, err, test.want)
		}
	}
}

// Whatever names a class or function that Globals does not hold is an error with its name, wherever it stands.
func TestUnknownClasses(t *testing.T) {
	for _, test := range []struct{ name, pickle, class string }{
		{"GLOBAL", "\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.", "os.system"},
		{"GLOBAL that is not used", "\x80\x02cos\nsystem\n0K\x01.", "os.system"},
		{"STACK_GLOBAL", "\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.", "posix.system"},
		{"STACK_GLOBAL from what was kept", "\x80\x04\x8c\x02os\x940\x8c\x06system\x940h\x00h\x01\x93.", "os.system"},
		{"INST", "(X\x03\x00\x00\x001+1ibuiltins\neval\n.", "builtins.eval"},
		{"OBJ", "(cbuiltins\nexec\nX\x01\x00\x00\x00xo.", "builtins.exec"},
		{"NEWOBJ", "\x80\x02csubprocess\nPopen\n)\x81.", "subprocess.Popen"},
		{"in arguments", "\x80\x02cc\nd\ncbuiltins\ngetattr\n\x85R.", "builtins.getattr"},
		{"a part of a known name", "\x80\x02cc\nd.__globals__\n.", "c.d.__globals__"},
		{"with a line in its name", "\x80\x04\x8c\x01a\x8c\x03b\nc\x93.", "a.b\nc"},
	} {
		_, err := decode(test.pickle, Options{Globals: Globals{"c.d": Constructor(func(Tuple) (any, error) { return nil, nil })}})
		var unknown *ClassError
		if !errors.As(err, &unknown) || unknown.Name != test.class {
			t.Errorf("%s: %v, want the class %q", test.name, err, test.class)
			continue
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q has two lines", test.name, err)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	opt := Options{
		Globals: Globals{
			"c.d": Constructor(func(Tuple) (any, error) { return nil, errors.New("bad arguments") }),
			"c.v": "a value",
		},
	}
	for _, test := range []struct{ name, pickle, want string }{
		{"nothing", "", "pickle byte 0: truncated"},
		{"no STOP", "K\x01", "pickle byte 2: truncated"},
		{"nothing on the stack", ".", "not on the stack"},
		{"protocol 1", "\x80\x01.", "protocol 1 is unknown"},
		{"protocol 6", "\x80\x06.", "protocol 6 is unknown"},
		{"text opcode", "I1\n.", "0x49 is no opcode"},
		{"frame beyond the end", "\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7fN.", "a frame of 9223372036854775807 bytes, 2 are left"},
		{"text beyond the end", "X\xff\xff\xff\xffab.", "a value of 4294967295 bytes, 3 are left"},
		{"2^63 bytes", "\x8e\x00\x00\x00\x00\x00\x00\x00\x80ab.", "a value of 9223372036854775808 bytes, 3 are left"},
		{"2^64-1 bytes", "\x96\xff\xff\xff\xff\xff\xff\xff\xffab.", "a value of 18446744073709551615 bytes"},
		{"half a number", "J\x01\x02", "truncated"},
		{"half a float", "G\x00\x01", "a value of 8 bytes, 2 are left"},
		{"half a name", "cos\nsys", "truncated"},
		{"a long name", "c" + strings.Repeat("x", 2000) + "\n", "more than 1000 bytes"},
		{"number of class", "\x82\x01.", "extension code 1"},
		{"number of class, 4 bytes", "\x84\x00\x01\x00\x00.", "extension code 256"},
		{"outside data", "\x97.", "outside of the pickle"},
		{"persistent id", "X\x01\x00\x00\x00aQ.", "refers to something outside of the pickle by a str"},
		{"not kept", "h\x05.", "nothing was kept under number 5"},
		{"kept nothing", "q\x00.", "not on the stack"},
		{"mark missing", "K\x01t.", "mark that is not there"},
		{"below the mark", "K\x01(\x85.", "not on the stack"},
		{"call of text", "X\x01\x00\x00\x00a)R.", "a str is called"},
		{"call of a value", "cc\nv\n)R.", "a str is called"},
		{"call without a tuple", "cc\nd\nK\x01R.", `"c.d" is called with an int`},
		{"call fails", "cc\nd\n)R.", "c.d: bad arguments"},
		{"named arguments", "cc\nd\n)}K\x01K\x02s\x92.", "called with named arguments"},
		{"class not text", "K\x01K\x02\x93.", "the name of a class is an int and an int"},
		{"OBJ of nothing", "(o.", "not on the stack"},
		{"state of a list", "]}b.", "a list is given a state"},
		{"append to a tuple", ")K\x01a.", "appended to a tuple"},
		{"append to nothing", "K\x01a.", "not on the stack"},
		{"entries of a list", "](K\x01K\x02u.", "entries are set in a list"},
		{"key without value", "}(K\x01u.", "has no value"},
		{"members of a list", "](K\x01\x90.", "members are added to a list"},
	} {
		if _, err := decode(test.pickle, opt); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "pickle byte ") {
			t.Errorf("%s: %v, want %q and the place", test.name, err, test.want)
		}
	}
	if _, err := decode(strings.Repeat("N0", MaxOps/2)+"N.", Options{}); err == nil || !strings.Contains(err.Error(), "more than 4194304 opcodes") {
		t.Errorf("too many opcodes: %v", err)
	}
}

// Nesting costs no call stack.
func TestDecodeDeep(t *testing.T) {
	const deep = 1_000_000
	v, err := decode(strings.Repeat("]", deep)+strings.Repeat("a", deep-1)+".", Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for l, ok := v.(*List), true; ok; n++ {
		if len(l.Items) == 0 {
			n++
			break
		}
		l, ok = l.Items[0].(*List)
	}
	if n != deep {
		t.Errorf("%d lists, want %d", n, deep)
	}
}

// What costs most memory for its bytes costs at most some 200 bytes an opcode, with what a growing stack throws away.
func TestMemory(t *testing.T) {
	const times = 100_000
	for _, test := range []struct {
		name, unit string
		ops        int
	}{
		{"dictionaries", "}", 1}, {"lists", "]", 1}, {"sets", "\x8f", 1}, {"marks", "(", 1}, {"kept", "N\x94", 2}, {"again", "N2", 2},
		{"entries", "}K\x01K\x01s", 4}, {"numbers", "M\xff\xff", 1}, {"long numbers", "\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01", 1},
		{"tuples", "N\x85", 2}, {"bytes", "C\x01a", 1}, {"text", "U\x01a", 1},
	} {
		data := strings.Repeat(test.unit, times)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := decode(data, Options{})
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: no error", test.name)
		}
		if each := float64(after.TotalAlloc-before.TotalAlloc) / float64(times*test.ops); each > 250 {
			t.Errorf("%s: %.0f bytes an opcode", test.name, each)
		}
	}
}

func FuzzDecode(f *testing.F) {
	paths, err := filepath.Glob("testdata/ref/*.pkl")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("(cc\nd\nK\x01K\x02o."))
	f.Fuzz(func(t *testing.T, data []byte) {
		opt := Options{
			Globals:    Globals{"c.d": Constructor(func(args Tuple) (any, error) { return args, nil }), "c.v": &Dict{}},
			Persistent: func(id any) (any, error) { return Tuple{id}, nil },
		}
		in := NewReader(bytes.NewReader(data), int64(len(data)))
		_, err := Decode(in, opt)
		if in.Offset() > int64(len(data)) {
			t.Fatalf("at byte %d of %d", in.Offset(), len(data))
		}
		if err == nil {
			return
		}
		if strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Fatalf("%q is not one line of text", err)
		}
		if len(err.Error()) > 1000 {
			t.Fatalf("an error of %d bytes", len(err.Error()))
		}
	})
}

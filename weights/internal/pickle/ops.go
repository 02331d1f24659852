package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
)

// stop ends a pickle; what is on top of the stack is its value.
const stop = '.'

// ops are the opcodes but stop, with the names that pickletools gives them. What is missing is text of protocols 0
// and 1.
var ops = [256]func(*decoder) error{
	0x80: (*decoder).proto,
	0x95: (*decoder).frame,

	'(':  func(d *decoder) error { d.marks = append(d.marks, len(d.stack)); return nil },                 // MARK
	'0':  func(d *decoder) error { _, err := d.pop(); return err },                                       // POP
	'1':  func(d *decoder) error { _, err := d.popMark(); return err },                                   // POP_MARK
	'2':  func(d *decoder) error { return d.pushed(d.top()) },                                            // DUP
	'q':  func(d *decoder) error { return d.put(1) },                                                     // BINPUT
	'r':  func(d *decoder) error { return d.put(4) },                                                     // LONG_BINPUT
	'h':  func(d *decoder) error { return d.get(1) },                                                     // BINGET
	'j':  func(d *decoder) error { return d.get(4) },                                                     // LONG_BINGET
	0x94: func(d *decoder) error { return d.keep(uint64(len(d.memo))) },                                  // MEMOIZE
	'N':  func(d *decoder) error { d.push(nil); return nil },                                             // NONE
	0x88: func(d *decoder) error { d.push(true); return nil },                                            // NEWTRUE
	0x89: func(d *decoder) error { d.push(false); return nil },                                           // NEWFALSE
	'K':  func(d *decoder) error { return d.integer(1) },                                                 // BININT1
	'M':  func(d *decoder) error { return d.integer(2) },                                                 // BININT2
	'J':  func(d *decoder) error { return d.integer(4) },                                                 // BININT
	0x8a: func(d *decoder) error { return d.long(1) },                                                    // LONG1
	0x8b: func(d *decoder) error { return d.long(4) },                                                    // LONG4
	'G':  (*decoder).float,                                                                               // BINFLOAT
	'U':  func(d *decoder) error { return d.text(1) },                                                    // SHORT_BINSTRING
	'T':  func(d *decoder) error { return d.text(4) },                                                    // BINSTRING
	0x8c: func(d *decoder) error { return d.text(1) },                                                    // SHORT_BINUNICODE
	'X':  func(d *decoder) error { return d.text(4) },                                                    // BINUNICODE
	0x8d: func(d *decoder) error { return d.text(8) },                                                    // BINUNICODE8
	'C':  func(d *decoder) error { return d.pushed(d.counted(1)) },                                       // SHORT_BINBYTES
	'B':  func(d *decoder) error { return d.pushed(d.counted(4)) },                                       // BINBYTES
	0x8e: func(d *decoder) error { return d.pushed(d.counted(8)) },                                       // BINBYTES8
	0x96: func(d *decoder) error { return d.pushed(d.counted(8)) },                                       // BYTEARRAY8
	0x97: func(*decoder) error { return errors.New("it keeps data outside of the pickle (protocol 5)") }, // NEXT_BUFFER

	')':  func(d *decoder) error { d.push(Tuple{}); return nil }, // EMPTY_TUPLE
	0x85: func(d *decoder) error { return d.tuple(1) },           // TUPLE1
	0x86: func(d *decoder) error { return d.tuple(2) },           // TUPLE2
	0x87: func(d *decoder) error { return d.tuple(3) },           // TUPLE3
	't': func(d *decoder) error { // TUPLE
		items, err := d.popMark()
		return d.pushed(Tuple(items), err)
	},
	']':  func(d *decoder) error { d.push(&List{}); return nil }, // EMPTY_LIST
	'a':  (*decoder).append,
	'e':  (*decoder).appends,
	'}':  func(d *decoder) error { d.push(&Dict{}); return nil }, // EMPTY_DICT
	's':  (*decoder).setItem,
	'u':  (*decoder).setItems,
	0x8f: func(d *decoder) error { d.push(&Set{}); return nil }, // EMPTY_SET
	0x90: (*decoder).addItems,
	0x91: func(d *decoder) error { // FROZENSET
		items, err := d.popMark()
		return d.pushed(&Set{items}, err)
	},

	'c':  (*decoder).globalText,
	0x93: (*decoder).stackGlobal,
	'R':  (*decoder).reduce,
	0x81: (*decoder).reduce, // NEWOBJ: cls.__new__(cls, *args)
	0x92: (*decoder).newObjectEx,
	'i':  (*decoder).inst,
	'o':  (*decoder).object,
	'b':  (*decoder).build,
	'Q':  (*decoder).persistent,
	0x82: func(d *decoder) error { return d.extension(1) }, // EXT1
	0x83: func(d *decoder) error { return d.extension(2) }, // EXT2
	0x84: func(d *decoder) error { return d.extension(4) }, // EXT4
}

// pushed pushes v unless there is an error.
func (d *decoder) pushed(v any, err error) error {
	if err == nil {
		d.push(v)
	}
	return err
}

// proto checks the protocol (PROTO).
func (d *decoder) proto() error {
	n, err := d.in.byte()
	if err == nil && (n < 2 || n > 5) {
		err = fmt.Errorf("pickle protocol %d is unknown (known: 2 to 5)", n)
	}
	return err
}

// frame checks the length of the following opcodes (FRAME), which says nothing that they do not say themselves.
func (d *decoder) frame() error {
	n, err := d.in.number(8)
	if left := uint64(d.in.size - d.in.at); err == nil && n > left {
		err = fmt.Errorf("truncated: a frame of %d bytes, %d are left", n, left)
	}
	return err
}

// put keeps the top under a number of the given bytes.
func (d *decoder) put(bytes int) error {
	n, err := d.in.number(bytes)
	if err != nil {
		return err
	}
	return d.keep(n)
}

func (d *decoder) keep(n uint64) error {
	v, err := d.top()
	if err == nil {
		d.memo[n] = v
	}
	return err
}

// get pushes what was kept.
func (d *decoder) get(bytes int) error {
	n, err := d.in.number(bytes)
	if err != nil {
		return err
	}
	v, found := d.memo[n]
	if !found {
		return fmt.Errorf("nothing was kept under number %d", n)
	}
	d.push(v)
	return nil
}

// integer pushes a number of the given bytes; that of 4 bytes has a sign.
func (d *decoder) integer(bytes int) error {
	n, err := d.in.number(bytes)
	v := int64(n)
	if bytes == 4 {
		v = int64(int32(n))
	}
	return d.pushed(v, err)
}

// long pushes a number of any length, given in two's complement after a count of the given bytes.
func (d *decoder) long(bytes int) error {
	data, err := d.counted(bytes)
	if err != nil {
		return err
	}
	negative := len(data) > 0 && data[len(data)-1] >= 0x80
	slices.Reverse(data)
	n := new(big.Int).SetBytes(data)
	if negative {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(data))))
	}
	if n.IsInt64() {
		d.push(n.Int64())
		return nil
	}
	d.push(n)
	return nil
}

// float pushes a big-endian binary64.
func (d *decoder) float() error {
	data, err := d.in.bytes(8)
	if err != nil {
		return err
	}
	d.push(math.Float64frombits(binary.BigEndian.Uint64(data)))
	return nil
}

// counted takes as many bytes as a number of the given bytes says.
func (d *decoder) counted(bytes int) ([]byte, error) {
	n, err := d.in.number(bytes)
	if err != nil {
		return nil, err
	}
	return d.in.bytes(n)
}

// text pushes a string. Python 2 wrote its bytes as such, so that it need not be UTF-8.
func (d *decoder) text(bytes int) error {
	data, err := d.counted(bytes)
	return d.pushed(string(data), err)
}

// tuple makes a tuple of the upper n values.
func (d *decoder) tuple(n int) error {
	if len(d.stack)-n < d.floor() {
		return errEmpty
	}
	items := Tuple(append([]any{}, d.stack[len(d.stack)-n:]...))
	d.drop(n)
	d.push(items)
	return nil
}

// append adds the top to the list below it (APPEND).
func (d *decoder) append() error {
	v, err := d.pop()
	if err != nil {
		return err
	}
	return d.extend(v)
}

// appends adds all above the mark to the list below it (APPENDS).
func (d *decoder) appends() error {
	items, err := d.popMark()
	if err != nil {
		return err
	}
	return d.extend(items...)
}

func (d *decoder) extend(items ...any) error {
	v, err := d.top()
	if err != nil {
		return err
	}
	list, ok := v.(*List)
	if !ok {
		return fmt.Errorf("values are appended to %s", Kind(v))
	}
	list.Items = append(list.Items, items...)
	return nil
}

// addItems adds all above the mark to the set below it (ADDITEMS).
func (d *decoder) addItems() error {
	items, err := d.popMark()
	if err != nil {
		return err
	}
	v, err := d.top()
	if err != nil {
		return err
	}
	set, ok := v.(*Set)
	if !ok {
		return fmt.Errorf("members are added to %s", Kind(v))
	}
	set.Items = append(set.Items, items...)
	return nil
}

// setItem sets a key and value of the dictionary below them (SETITEM).
func (d *decoder) setItem() error {
	key, value, err := d.pop2()
	if err != nil {
		return err
	}
	return d.setAll([]any{key, value})
}

// setItems sets the keys and values above the mark (SETITEMS).
func (d *decoder) setItems() error {
	items, err := d.popMark()
	if err != nil {
		return err
	}
	return d.setAll(items)
}

func (d *decoder) setAll(items []any) error {
	v, err := d.top()
	if err != nil {
		return err
	}
	dict, ok := v.(*Dict)
	if !ok {
		return fmt.Errorf("entries are set in %s", Kind(v))
	}
	if len(items)%2 != 0 {
		return errors.New("a key of a dictionary has no value")
	}
	for i := 0; i < len(items); i += 2 {
		dict.Set(items[i], items[i+1])
	}
	return nil
}

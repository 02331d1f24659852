package weights

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// npyHeader is the dictionary at the start of an npy file.
type npyHeader struct {
	dtype     DType
	bigEndian bool // the elements' bytes are to be swapped
	fortran   bool // first axis fastest
	shape     []int
}

// npyTypes maps the kind and size of a NumPy type string to ours. NumPy has no bfloat16.
var npyTypes = map[string]DType{
	"f8": F64, "f4": F32, "f2": F16,
	"i8": I64, "i4": I32, "i2": I16, "i1": I8,
	"u8": U64, "u4": U32, "u2": U16, "u1": U8, "b1": BOOL,
}

// npyName returns the type string that NumPy writes for the type: "<f4", "|u1".
func npyName(d DType) (string, error) {
	for name, dtype := range npyTypes {
		if dtype == d {
			if d.Size() == 1 {
				return "|" + name, nil
			}
			return "<" + name, nil
		}
	}
	return "", fmt.Errorf("npy has no element type for %s; convert to F32 first", d)
}

// parseNPYHeader reads the text of a header: a Python dictionary literal with exactly the keys descr, fortran_order
// and shape.
func parseNPYHeader(text string) (npyHeader, error) {
	p := &literal{text: text}
	value, err := p.value(0)
	if err == nil {
		p.space()
		if p.at != len(p.text) {
			err = p.errorf("text after the dictionary")
		}
	}
	if err != nil {
		return npyHeader{}, err
	}
	dict, ok := value.(map[string]any)
	if !ok {
		return npyHeader{}, errors.New("npy header: not a dictionary")
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if _, ok := dict[key]; !ok {
			return npyHeader{}, fmt.Errorf("npy header: %q missing", key)
		}
	}
	if len(dict) != 3 {
		return npyHeader{}, errors.New("npy header: other keys than descr, fortran_order and shape")
	}
	h := npyHeader{shape: []int{}}
	if h.dtype, h.bigEndian, err = parseDescr(dict["descr"]); err != nil {
		return npyHeader{}, err
	}
	if h.fortran, ok = dict["fortran_order"].(bool); !ok {
		return npyHeader{}, errors.New("npy header: fortran_order is neither True nor False")
	}
	axes, ok := dict["shape"].([]any)
	if !ok || len(axes) > npyMaxRank {
		return npyHeader{}, fmt.Errorf("npy header: shape is no tuple of at most %d axes", npyMaxRank)
	}
	for _, axis := range axes {
		n, ok := axis.(int)
		if !ok || n < 0 {
			return npyHeader{}, errors.New("npy header: an axis of the shape is no whole number")
		}
		h.shape = append(h.shape, n)
	}
	return h, nil
}

// parseDescr returns the type and byte order of a descr value, or says why it cannot be read.
func parseDescr(value any) (d DType, bigEndian bool, err error) {
	descr, ok := value.(string)
	if !ok {
		return "", false, errors.New("a structured dtype cannot be read; save its fields as arrays of their own")
	}
	name := strings.TrimLeft(descr, "<>=|")
	if len(descr)-len(name) > 1 {
		return "", false, fmt.Errorf("npy header: malformed dtype %q", descr)
	}
	if d, ok := npyTypes[name]; ok {
		return d, descr[0] == '>' && d.Size() > 1, nil
	}
	kind := "dtype"
	if name != "" {
		switch name[0] {
		case 'O':
			return "", false, errors.New("an object array holds Python pickles, which could run any code; it is not read")
		case 'c':
			kind = "complex dtype"
		case 'S', 'U', 'a':
			kind = "string dtype"
		case 'M', 'm':
			kind = "time dtype"
		case 'V':
			kind = "raw dtype"
		}
	}
	return "", false, fmt.Errorf("%s %q cannot be read (readable: float16 to float64, int8 to int64, uint8 to uint64, bool)", kind, descr)
}

// literal parses the few Python literals that npy headers consist of: dictionaries with string keys, tuples, lists,
// strings, whole numbers, True, False and None. It evaluates nothing.
type literal struct {
	text string
	at   int
}

// maxLiteralDepth bounds the nesting, so that a header cannot exhaust the stack.
const maxLiteralDepth = 16

func (p *literal) errorf(format string, args ...any) error {
	return fmt.Errorf("npy header: byte %d: %s", p.at, fmt.Sprintf(format, args...))
}

func (p *literal) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// next skips space and takes c, if it comes next.
func (p *literal) next(c byte) bool {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

// value returns a map[string]any, []any, string, int, bool or nil.
func (p *literal) value(depth int) (any, error) {
	if depth > maxLiteralDepth {
		return nil, p.errorf("nested too deeply")
	}
	p.space()
	if p.at == len(p.text) {
		return nil, p.errorf("ends in the middle")
	}
	switch c := p.text[p.at]; {
	case c == '{':
		return p.dict(depth)
	case c == '(':
		return p.sequence(')', depth)
	case c == '[':
		return p.sequence(']', depth)
	case c == '\'' || c == '"':
		return p.quoted(c)
	case c >= '0' && c <= '9' || c == '-':
		return p.number()
	}
	for word, value := range map[string]any{"True": true, "False": false, "None": nil} {
		if strings.HasPrefix(p.text[p.at:], word) {
			p.at += len(word)
			return value, nil
		}
	}
	return nil, p.errorf("no Python literal that npy headers have")
}

func (p *literal) dict(depth int) (any, error) {
	dict := map[string]any{}
	p.next('{')
	for !p.next('}') {
		key, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok || !p.next(':') {
			return nil, p.errorf("no \"key: value\"")
		}
		if _, twice := dict[name]; twice {
			return nil, p.errorf("key %q occurs twice", name)
		}
		if dict[name], err = p.value(depth + 1); err != nil {
			return nil, err
		}
		if !p.next(',') {
			if p.next('}') {
				break
			}
			return nil, p.errorf("no comma after the value of %q", name)
		}
	}
	return dict, nil
}

func (p *literal) sequence(end byte, depth int) (any, error) {
	items := []any{}
	p.at++
	for !p.next(end) {
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		if !p.next(',') {
			if p.next(end) {
				break
			}
			return nil, p.errorf("no comma in a sequence")
		}
	}
	return items, nil
}

// quoted takes a string. Escapes occur only in field names of structured types, which are refused anyway: they are
// kept as they stand.
func (p *literal) quoted(quote byte) (any, error) {
	start := p.at + 1
	for i := start; i < len(p.text); i++ {
		switch p.text[i] {
		case '\\':
			i++
		case quote:
			p.at = i + 1
			return p.text[start:i], nil
		}
	}
	return nil, p.errorf("a string does not end")
}

// number takes a whole number, with the L that Python 2 appended to long ones.
func (p *literal) number() (any, error) {
	start := p.at
	for p.at++; p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9'; p.at++ {
	}
	n, err := strconv.Atoi(p.text[start:p.at])
	if err != nil {
		return nil, p.errorf("%s is no number that fits", p.text[start:p.at])
	}
	p.next('L')
	return n, nil
}

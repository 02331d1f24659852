package weights

import (
	"encoding/binary"
	"math"
	"math/big"
	"strconv"
)

// pickler writes the pickle (protocol 2) of a dictionary of tensors as Python's pickler does, with the same numbers for
// what it keeps, so that the bytes are those of torch.save for the same dictionary.
type pickler struct {
	out   []byte
	kept  int            // values kept so far
	known map[string]int // numbers of the classes and words that occur again
}

func newPickler() *pickler { return &pickler{out: []byte{0x80, 2}, known: map[string]int{}} } // PROTO 2

// torchPickle returns the pickle of arrays by name; the storage of names[i] has the key i.
func torchPickle(names []string, arrays map[string]Array, legacy bool) []byte {
	p := newPickler()
	p.op('}') // EMPTY_DICT
	p.keep()
	const batch = 1000 // entries that Python's pickler sets at once
	for i, name := range names {
		if len(names) > 1 && i%batch == 0 {
			p.op('(') // MARK
		}
		p.text(name)
		p.tensor(strconv.Itoa(i), arrays[name], legacy)
		switch {
		case len(names) == 1:
			p.op('s') // SETITEM
		case i%batch == batch-1 || i == len(names)-1:
			p.op('u') // SETITEMS
		}
	}
	p.op('.') // STOP
	return p.out
}

// legacyHead returns the three pickles that begin the legacy form.
func legacyHead() []byte {
	magic := newPickler()
	magic.long(torchMagic)
	magic.op('.')
	version := newPickler()
	version.int(torchProtocol)
	version.op('.')
	machine := newPickler()
	machine.op('}')
	machine.keep()
	machine.op('(')
	machine.text("protocol_version")
	machine.int(torchProtocol)
	machine.text("little_endian")
	machine.op(0x88) // NEWTRUE
	machine.text("type_sizes")
	machine.op('}')
	machine.keep()
	machine.op('(')
	for _, t := range []struct {
		name  string
		bytes int
	}{{"short", 2}, {"int", 4}, {"long", 4}} { // what torch.save writes on every machine
		machine.text(t.name)
		machine.int(t.bytes)
	}
	machine.op('u')
	machine.op('u')
	machine.op('.')
	return append(append(magic.out, version.out...), machine.out...)
}

// keysPickle returns the pickle of the list of storages.
func keysPickle(keys []string) []byte {
	p := newPickler()
	p.op(']') // EMPTY_LIST
	p.keep()
	if len(keys) > 0 {
		p.op('(')
		for _, key := range keys {
			p.text(key)
		}
		p.op('e') // APPENDS
	}
	p.op('.')
	return p.out
}

// tensor writes a call of the function that makes a tensor of a storage.
func (p *pickler) tensor(key string, a Array, legacy bool) {
	class, typed := storageClass(a.DType)
	count := len(a.Data)
	if typed {
		count /= a.DType.Size()
		p.global("torch._utils", "_rebuild_tensor_v2")
	} else {
		p.global("torch._utils", "_rebuild_tensor_v3")
	}
	p.op('(')
	p.op('(')
	p.word("storage")
	if typed {
		p.global("torch", class)
	} else {
		p.global("torch.storage", "UntypedStorage")
	}
	p.text(key)
	p.word("cpu")
	p.int(count)
	if legacy {
		p.op('N') // NONE: the storage is no part of another
	}
	p.op('t') // TUPLE
	p.keep()
	p.op('Q') // BINPERSID
	p.int(0)  // offset
	p.ints(a.Shape)
	strides, step := make([]int, len(a.Shape)), 1
	for axis := len(a.Shape) - 1; axis >= 0; axis-- {
		strides[axis] = step
		step *= max(1, a.Shape[axis])
	}
	p.ints(strides)
	p.op(0x89) // NEWFALSE: needs no gradient
	p.global("collections", "OrderedDict")
	p.op(')') // EMPTY_TUPLE
	p.op('R') // REDUCE: no hooks
	p.keep()
	if !typed {
		p.global("torch", torchType(a.DType))
	}
	p.op('t')
	p.keep()
	p.op('R')
	p.keep()
}

func (p *pickler) op(op byte) { p.out = append(p.out, op) }

// keep keeps the value on top under the next number (BINPUT, LONG_BINPUT).
func (p *pickler) keep() int {
	n := p.kept
	p.kept++
	if n <= math.MaxUint8 {
		p.out = append(p.out, 'q', byte(n))
		return n
	}
	p.op('r')
	p.out = binary.LittleEndian.AppendUint32(p.out, uint32(n))
	return n
}

// again pushes what is known under the name (BINGET, LONG_BINGET), if anything is.
func (p *pickler) again(name string) bool {
	n, found := p.known[name]
	switch {
	case !found:
		return false
	case n <= math.MaxUint8:
		p.out = append(p.out, 'h', byte(n))
	default:
		p.op('j')
		p.out = binary.LittleEndian.AppendUint32(p.out, uint32(n))
	}
	return true
}

// global pushes a class or function.
func (p *pickler) global(module, name string) {
	text := module + "\n" + name + "\n"
	if !p.again(text) {
		p.op('c')
		p.out = append(p.out, text...)
		p.known[text] = p.keep()
	}
}

// text pushes a string (BINUNICODE).
func (p *pickler) text(s string) int {
	p.op('X')
	p.out = binary.LittleEndian.AppendUint32(p.out, uint32(len(s)))
	p.out = append(p.out, s...)
	return p.keep()
}

// word pushes a string that occurs for every tensor.
func (p *pickler) word(s string) {
	if !p.again(s) {
		p.known[s] = p.text(s)
	}
}

// int pushes a number that is not negative (BININT1, BININT2, BININT, LONG1).
func (p *pickler) int(n int) {
	switch {
	case n <= math.MaxUint8:
		p.out = append(p.out, 'K', byte(n))
	case n <= math.MaxUint16:
		p.op('M')
		p.out = binary.LittleEndian.AppendUint16(p.out, uint16(n))
	case n <= math.MaxInt32:
		p.op('J')
		p.out = binary.LittleEndian.AppendUint32(p.out, uint32(n))
	default:
		p.long(big.NewInt(int64(n)))
	}
}

// long pushes a number that is not negative in two's complement, least byte first (LONG1).
func (p *pickler) long(n *big.Int) {
	data := make([]byte, n.BitLen()/8+1) // one bit more than n has, for the sign
	n.FillBytes(data)
	p.out = append(p.out, 0x8a, byte(len(data)))
	for i := len(data) - 1; i >= 0; i-- {
		p.op(data[i])
	}
}

// ints pushes a tuple of numbers (EMPTY_TUPLE, TUPLE1 to TUPLE3, TUPLE).
func (p *pickler) ints(values []int) {
	if len(values) == 0 {
		p.op(')')
		return
	}
	if len(values) > 3 {
		p.op('(')
	}
	for _, n := range values {
		p.int(n)
	}
	if len(values) > 3 {
		p.op('t')
	} else {
		p.op(0x84 + byte(len(values)))
	}
	p.keep()
}

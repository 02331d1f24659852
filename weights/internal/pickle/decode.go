package pickle

import (
	"errors"
	"fmt"
)

// MaxOps is the number of opcodes that a pickle may have. A checkpoint has some forty for each tensor; with one go at most
// some 200 bytes of memory, beside the text and bytes that it carries.
const MaxOps = 1 << 22

// Options are what a caller adds to plain data. The zero value reads plain data only.
type Options struct {
	Globals    Globals                   // classes and functions that may be named
	Persistent func(id any) (any, error) // what a persistent id stands for; nil: it is an error
}

// Decode reads one pickle and leaves in behind its last byte. Errors say at which byte of the stream the opcode stands
// that could not be read; if a class or function is unknown, there is a *ClassError in the chain.
func Decode(in *Reader, opt Options) (any, error) {
	d := &decoder{in: in, opt: opt, memo: map[uint64]any{}}
	for range MaxOps {
		at := in.Offset()
		op, err := in.byte()
		switch {
		case err != nil:
		case op == stop:
			var value any
			if value, err = d.pop(); err == nil {
				return value, nil
			}
		case ops[op] == nil:
			err = fmt.Errorf("%#02x is no opcode of pickle protocols 2 to 5; save the file with torch.save's own protocol", op)
		default:
			err = ops[op](d)
		}
		if err != nil {
			return nil, fmt.Errorf("pickle byte %d: %w", at, err)
		}
	}
	return nil, fmt.Errorf("the pickle has more than %d opcodes", MaxOps)
}

// decoder is the machine that opcodes act on.
type decoder struct {
	in    *Reader
	opt   Options
	stack []any
	marks []int          // heights of the stack where MARK was
	memo  map[uint64]any // values by the number under which PUT kept them
}

func (d *decoder) push(v any) { d.stack = append(d.stack, v) }

// floor is the height of the stack that an opcode without a mark may not go below.
func (d *decoder) floor() int {
	if len(d.marks) == 0 {
		return 0
	}
	return d.marks[len(d.marks)-1]
}

var errEmpty = errors.New("an opcode needs a value that is not on the stack")

// top returns the value on top.
func (d *decoder) top() (any, error) {
	if len(d.stack) <= d.floor() {
		return nil, errEmpty
	}
	return d.stack[len(d.stack)-1], nil
}

// pop takes the value on top.
func (d *decoder) pop() (any, error) {
	v, err := d.top()
	if err == nil {
		d.drop(1)
	}
	return v, err
}

// pop2 takes the two values on top; b was the upper one.
func (d *decoder) pop2() (a, b any, err error) {
	if b, err = d.pop(); err == nil {
		a, err = d.pop()
	}
	return a, b, err
}

// drop removes the upper n values, so that they can be collected.
func (d *decoder) drop(n int) {
	clear(d.stack[len(d.stack)-n:])
	d.stack = d.stack[:len(d.stack)-n]
}

// popMark takes everything above the last mark, as a new slice, and the mark.
func (d *decoder) popMark() ([]any, error) {
	if len(d.marks) == 0 {
		return nil, errors.New("an opcode needs a mark that is not there")
	}
	items := append([]any{}, d.stack[d.floor():]...)
	d.drop(len(items))
	d.marks = d.marks[:len(d.marks)-1]
	return items, nil
}

// global returns what stands for a class or function.
func (d *decoder) global(module, name string) (any, error) {
	full := module + "." + name
	v, found := d.opt.Globals[full]
	if !found {
		return nil, &ClassError{full}
	}
	if construct, ok := v.(Constructor); ok {
		return &Class{full, construct}, nil
	}
	return v, nil
}

// call pushes what class makes of args.
func (d *decoder) call(class any, args any) error {
	c, ok := class.(*Class)
	if !ok {
		return fmt.Errorf("%s is called, which is no class that is read", Kind(class))
	}
	tuple, ok := args.(Tuple)
	if !ok {
		return fmt.Errorf("%s is called with %s instead of a tuple", Quote(c.Name), Kind(args))
	}
	v, err := c.New(tuple)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	d.push(v)
	return nil
}

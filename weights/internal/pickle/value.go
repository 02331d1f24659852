package pickle

import (
	"fmt"
	"math/big"
	"strconv"
)

// A decoded value is one of nil (None), bool, int64, *big.Int (beyond int64), float64, string, []byte (bytes and
// bytearray), Tuple, *List, *Dict, *Set, *Class, or what Globals or a Constructor gave.

// Tuple is a tuple.
type Tuple []any

// List is a list.
type List struct{ Items []any }

// Set is a set or frozenset, in the order of the pickle.
type Set struct{ Items []any }

// Dict is a dictionary in the order in which its keys first came.
type Dict struct {
	Items []Item
	State any         // what BUILD gave: the attributes of an OrderedDict; nil if there were none
	at    map[any]int // place in Items of the keys that Go can compare
}

// Item is an entry of a dictionary.
type Item struct{ Key, Value any }

// Set sets the value of a key. Keys that are tuples, bytes or objects are never equal to others: each makes an entry.
func (d *Dict) Set(key, value any) {
	if !comparable(key) {
		d.Items = append(d.Items, Item{key, value})
		return
	}
	if i, found := d.at[key]; found {
		d.Items[i].Value = value
		return
	}
	if d.at == nil {
		d.at = map[any]int{}
	}
	d.at[key] = len(d.Items)
	d.Items = append(d.Items, Item{key, value})
}

// Get returns the value of a key that is text, a number, a bool or nil.
func (d *Dict) Get(key any) (value any, found bool) {
	if !comparable(key) {
		return nil, false
	}
	i, found := d.at[key]
	if !found {
		return nil, false
	}
	return d.Items[i].Value, true
}

// comparable says whether Go compares two such keys as Python does.
func comparable(key any) bool {
	switch key.(type) {
	case nil, bool, int64, float64, string:
		return true
	}
	return false
}

// Build keeps the attributes of a subclass of dict.
func (d *Dict) Build(state any) error {
	d.State = state
	return nil
}

// A Constructor stands for a class or function of Python: it returns the value that a call with args would have made,
// or an error that says which arguments it takes.
type Constructor func(args Tuple) (any, error)

// A Builder is a value that takes the state that a pickle gives an object after making it (opcode BUILD).
type Builder interface {
	Build(state any) error
}

// Globals are the classes and functions that a pickle may name, by "module.Name". A Constructor is given to the pickle
// as a *Class, any other value as it is.
type Globals map[string]any

// Class is a class or function that the pickle named and Globals had a Constructor for.
type Class struct {
	Name string // "module.Name"
	New  Constructor
}

// ClassError is the error of a pickle that names a class or function which Globals does not hold.
type ClassError struct {
	Name string // "module.Name", as the pickle has it: any text of any length
}

// Error names the class; what to do instead is the caller's to say.
func (e *ClassError) Error() string {
	return fmt.Sprintf("it names the class or function %s, which is not read", Quote(e.Name))
}

// Quote returns text from a file in quotes, in one line, cut to a length that fits a message.
func Quote(text string) string {
	const longest = 100
	if len(text) > longest {
		return strconv.Quote(text[:longest]) + "..."
	}
	return strconv.Quote(text)
}

// Kind returns what a value is, for messages: "a list", "None".
func Kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a bool"
	case int64, *big.Int:
		return "an int"
	case float64:
		return "a float"
	case string:
		return "a str"
	case []byte:
		return "bytes"
	case Tuple:
		return "a tuple"
	case *List:
		return "a list"
	case *Set:
		return "a set"
	case *Dict:
		return "a dict"
	case *Class:
		return "the class " + Quote(v.Name)
	}
	return "an object"
}

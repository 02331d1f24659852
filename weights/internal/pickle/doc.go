// Package pickle reads Python pickles as data: it builds numbers, text, lists, tuples, dictionaries and sets, and what
// the caller's Globals make of the classes named there. It imports nothing, calls nothing and looks nothing up: a class
// or function that Globals does not hold is a ClassError, raised where the pickle names it, before any use of it.
//
// The opcodes of protocols 2 to 5 are read, those of Python 2's cPickle among them; of the opcodes of protocols 0
// and 1 that are text only those that name classes. Source: Python's module pickletools, which describes each opcode.
//
// What a pickle may cost is bounded: text and bytes by the bytes that are there, everything else by MaxOps. The decoder
// is a loop over a stack, so that no nesting exhausts the call stack. But values may refer to each other any number of
// times, or to themselves: whoever walks a decoded value must bound the walk.
package pickle

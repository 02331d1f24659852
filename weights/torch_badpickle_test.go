package weights

// badPickles are pickles that are refused whatever storages there are.
func badPickles() []bad {
	return append(append(badClasses(), badArguments()...), badNumPy()...)
}

// call is the pickle of a call of a function.
func call(module, name string, args func(p *pickler)) []byte {
	return pickled(func(p *pickler) { p.global(module, name); p.op('('); args(p); p.op('t'); p.op('R') })
}

func nothing(*pickler) {}

// badClasses name what is no data, or refer to what is no storage.
func badClasses() []bad {
	return []bad{
		{"os.system", call("os", "system", func(p *pickler) { p.text("true") }), `"os.system"`},
		{"builtins.eval", call("builtins", "eval", func(p *pickler) { p.text("1") }), `"builtins.eval"`},
		{"a way through a known module", call("torch._utils", "os.system", nothing), `"torch._utils.os.system"`},
		{"import by name", call("importlib", "import_module", nothing), `"importlib.import_module"`},
		{"code", call("types", "CodeType", nothing), `"types.CodeType"`},
		{"a load inside", call("torch.storage", "_load_from_bytes", nothing), `"torch.storage._load_from_bytes"`},
		{"any advice", call("os", "system", nothing), "nothing of it was run; save the tensors alone: torch.save(model.state_dict(), FILE)"},
		{"call of a type", call("torch", "float32", nothing), "an object is called"},
		{"call of a storage", call("torch", "FloatStorage", nothing), "an object is called"},
		{"id of no storage", pickled(func(p *pickler) { p.text("module"); p.op('Q') }), "something other than a storage by a str"},
		{"id of a module", pickled(func(p *pickler) {
			p.op('(')
			p.text("module")
			p.text("a")
			p.text("b")
			p.text("c")
			p.int(1)
			p.op('t')
			p.op('Q')
		}),
			"something other than a storage by a tuple"},
		{"id of a wrong type", pickled(func(p *pickler) {
			p.op('(')
			p.text("storage")
			p.int(1)
			p.text("0")
			p.text("cpu")
			p.int(1)
			p.op('t')
			p.op('Q')
		}),
			"malformed reference to a storage"},
	}
}

// badArguments call what is known with other arguments than it takes.
func badArguments() []bad {
	return []bad{
		{"tensor of nothing", call("torch._utils", "_rebuild_tensor_v2", nothing), "torch._utils._rebuild_tensor_v2: 0 arguments"},
		{"tensor of a number", call("torch._utils", "_rebuild_tensor_v2", func(p *pickler) { p.ints([]int{1, 2, 3, 4}); p.ints([]int{1}); p.ints(nil); p.ints(nil) }),
			"a tuple instead of a storage"},
		{"typed tensor of nothing", call("torch._utils", "_rebuild_tensor_v3", nothing), "needs 7"},
		{"parameter of nothing", call("torch._utils", "_rebuild_parameter", nothing), "without a tensor"},
		{"parameter of a number", call("torch._utils", "_rebuild_parameter", func(p *pickler) { p.int(1) }), "an int instead of a tensor"},
		{"tensor of a class", call("torch._tensor", "_rebuild_from_type_v2", nothing), "another class than torch.Tensor"},
		{"tensor by another function", call("torch._tensor", "_rebuild_from_type_v2", func(p *pickler) {
			p.global("collections", "OrderedDict")
			p.global("torch", "Tensor")
			p.ints(nil)
			p.op('N')
		}), "collections.OrderedDict makes a dict instead of a tensor"},
		{"dictionary of a number", call("collections", "OrderedDict", func(p *pickler) { p.int(1) }), "other than one list or tuple"},
		{"dictionary of no pairs", call("collections", "OrderedDict", func(p *pickler) { p.op(']'); p.int(1); p.op('a') }), "other things than pairs"},
		{"device of a number", call("torch", "device", func(p *pickler) { p.int(1) }), "a name and a number"},
		{"namespace of arguments", call("argparse", "Namespace", func(p *pickler) { p.int(1) }), "a Namespace has none"},
		{"namespace of a number", pickled(func(p *pickler) { p.global("argparse", "Namespace"); p.op(')'); p.op(0x81); p.int(1); p.op('b') }), "attributes of a Namespace"},
		{"bytes by a codec", call("_codecs", "encode", func(p *pickler) { p.text("x"); p.text("rot13") }), "another encoding than latin1"},
		{"bytes beyond latin1", call("_codecs", "encode", func(p *pickler) { p.text("ł"); p.text("latin1") }), "character 0x142"},
		{"bytes of a number", call("_codecs", "encode", func(p *pickler) { p.int(1); p.text("latin1") }), "an int instead of text"},
		{"bytearray of a number", call("builtins", "bytearray", func(p *pickler) { p.int(1 << 30) }), "other than bytes"},
		{"state of a tensor", pickled(func(p *pickler) { view(p, "0", 1, 0, nil, nil); p.op('}'); p.op('b') }), "an object is given a state"},
		{"set of a number", call("builtins", "set", func(p *pickler) { p.int(1) }), "other than one list or tuple"},
	}
}

// badNumPy are arrays and scalars that NumPy would not write, or that hold no numbers.
func badNumPy() []bad {
	numpy := func(dtype, order string, state func(p *pickler)) []byte {
		return call("numpy.core.multiarray", "scalar", func(p *pickler) {
			p.global("numpy", "dtype")
			p.text(dtype)
			p.op(0x85)
			p.op('R')
			p.op('(')
			p.int(3)
			p.text(order)
			p.op('t')
			p.op('b')
			state(p)
		})
	}
	return []bad{
		{"object array", numpy("O8", "|", nothing), "object array"},
		{"object array by its order", numpy("f4", "O", nothing), "object array"},
		{"string array", numpy("U8", "<", nothing), "string dtype"},
		{"array of fewer bytes", numpy("f4", "<", func(p *pickler) { p.text("abc") }), "3 bytes of data, but shape [] of F32 has 4"},
		{"array of no bytes", numpy("f4", "<", func(p *pickler) { p.int(1) }), "an int instead of the bytes of an array"},
		{"array of another class", call("numpy.core.multiarray", "_reconstruct", func(p *pickler) { p.int(1); p.ints(nil); p.int(1) }), "another class than numpy.ndarray"},
		{"array of no type", call("numpy", "dtype", nothing), "no type string"},
		{"array from no buffer", call("numpy._core.numeric", "_frombuffer", nothing), "other than bytes, a type, a shape and an order"},
	}
}

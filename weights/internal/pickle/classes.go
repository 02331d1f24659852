package pickle

import "fmt"

// The opcodes that name classes and functions, and those that use what was named.

// globalText pushes the class that two lines name (GLOBAL).
func (d *decoder) globalText() error {
	module, err := d.in.line()
	if err != nil {
		return err
	}
	name, err := d.in.line()
	if err != nil {
		return err
	}
	return d.pushed(d.global(module, name))
}

// stackGlobal pushes the class whose module and name are on the stack (STACK_GLOBAL).
func (d *decoder) stackGlobal() error {
	module, name, err := d.pop2()
	if err != nil {
		return err
	}
	m, ok := module.(string)
	n, ok2 := name.(string)
	if !ok || !ok2 {
		return fmt.Errorf("the name of a class is %s and %s", Kind(module), Kind(name))
	}
	return d.pushed(d.global(m, n))
}

// reduce calls a class with arguments (REDUCE, NEWOBJ).
func (d *decoder) reduce() error {
	class, args, err := d.pop2()
	if err != nil {
		return err
	}
	return d.call(class, args)
}

// newObjectEx calls a class with arguments and named arguments, which must be none (NEWOBJ_EX).
func (d *decoder) newObjectEx() error {
	args, named, err := d.pop2()
	if err != nil {
		return err
	}
	class, err := d.pop()
	if err != nil {
		return err
	}
	if dict, ok := named.(*Dict); !ok || len(dict.Items) > 0 {
		return fmt.Errorf("%s is called with named arguments", Kind(class))
	}
	return d.call(class, args)
}

// inst calls the class that two lines name with all above the mark (INST).
func (d *decoder) inst() error {
	if err := d.globalText(); err != nil {
		return err
	}
	class, err := d.pop()
	if err != nil {
		return err
	}
	args, err := d.popMark()
	if err != nil {
		return err
	}
	return d.call(class, Tuple(args))
}

// object calls the class above the mark with what is above the class (OBJ).
func (d *decoder) object() error {
	items, err := d.popMark()
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return errEmpty
	}
	return d.call(items[0], Tuple(items[1:]))
}

// build gives the object below it a state (BUILD).
func (d *decoder) build() error {
	state, err := d.pop()
	if err != nil {
		return err
	}
	v, err := d.top()
	if err != nil {
		return err
	}
	b, ok := v.(Builder)
	if !ok {
		return fmt.Errorf("%s is given a state, which it cannot have", Kind(v))
	}
	return b.Build(state)
}

// persistent replaces an id by what it stands for (BINPERSID).
func (d *decoder) persistent() error {
	id, err := d.pop()
	if err != nil {
		return err
	}
	if d.opt.Persistent == nil {
		return fmt.Errorf("it refers to something outside of the pickle by %s", Kind(id))
	}
	return d.pushed(d.opt.Persistent(id))
}

// extension refuses a class by number: the registry of numbers is that of the Python that wrote the pickle.
func (d *decoder) extension(bytes int) error {
	n, err := d.in.number(bytes)
	if err != nil {
		return err
	}
	return fmt.Errorf("it names a class by extension code %d, which only the program that wrote it knows", n)
}

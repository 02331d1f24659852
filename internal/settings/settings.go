// Package settings is what the configs of all families of models share: fields that are set by their JSON names, and faults
// that are told together.
package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Set changes a field of the config c by its JSON name; a dot goes into a nested one ("generator_optimizer.lr"). The value
// is written as in JSON, a string without its quotes. It returns an error that lists the fields when the name is not one;
// c is then as it was.
func Set[T any](c *T, field, value string) error {
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		return err
	}
	at, names := tree, strings.Split(field, ".")
	last := names[len(names)-1]
	for _, name := range names[:len(names)-1] {
		next, ok := at[name].(map[string]any)
		if !ok {
			return unknown(field, at)
		}
		at = next
	}
	old, found := at[last]
	if !found {
		return unknown(field, at)
	}
	if _, isText := old.(string); isText {
		at[last] = value
	} else if err := json.Unmarshal([]byte(value), new(any)); err != nil {
		return fmt.Errorf("%s is %v, got %q, which is no such value", field, old, value)
	} else {
		at[last] = json.RawMessage(value)
	}
	if data, err = json.Marshal(tree); err != nil {
		return err
	}
	changed := *c
	if err := json.Unmarshal(data, &changed); err != nil {
		return fmt.Errorf("cannot set %s to %s: %w", field, value, err)
	}
	*c = changed
	return nil
}

func unknown(field string, have map[string]any) error {
	return fmt.Errorf("no field %q; there are %s", field, strings.Join(slices.Sorted(maps.Keys(have)), ", "))
}

// Faults collects what makes no sense in a config. The zero value is ready.
type Faults []string

// Check adds a fault unless ok.
func (f *Faults) Check(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Sprintf(format, args...))
	}
}

// Err returns one error that lists all faults, after the name of the package that found them, or nil.
func (f Faults) Err(pkg string) error {
	if len(f) == 0 {
		return nil
	}
	return errors.New(pkg + ": " + strings.Join(slices.Sorted(slices.Values(f)), "; "))
}

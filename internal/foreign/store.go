package foreign

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// NewStore returns a store with the given variables, named from the root on ("/000-conv/weight"): layers find them made.
func NewStore(variables map[string]weights.Array) (*model.Store, error) {
	store := model.NewStore()
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		values, err := variables[name].Float32s()
		if err == nil {
			_, err = store.CreateVariable(name, tensors.FromFlatDataAndDimensions(values, variables[name].Shape...))
		}
		if err != nil {
			store.Finalize()
			return nil, fmt.Errorf("variable %s: %w", name, err)
		}
	}
	return store, nil
}

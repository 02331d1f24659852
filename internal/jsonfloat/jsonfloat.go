// Package jsonfloat carries every float64 through JSON, which has no NaN and no infinities.
//
// They are written as the strings "NaN", "Infinity" and "-Infinity", the convention of Protocol Buffers' JSON mapping
// (https://protobuf.dev/programming-guides/json); Python's float() and Go's strconv.ParseFloat read these words. null
// would lose which of the three it was.
package jsonfloat

import (
	"encoding/json"
	"fmt"
	"math"
)

// Float is a float64 that JSON can hold whatever its value.
type Float float64

// MarshalJSON writes a number in the shortest form that reads back the same, or one of the three words.
func (f Float) MarshalJSON() ([]byte, error) {
	switch v := float64(f); {
	case math.IsNaN(v):
		return []byte(`"NaN"`), nil
	case math.IsInf(v, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(v, -1):
		return []byte(`"-Infinity"`), nil
	default:
		return json.Marshal(v)
	}
}

// UnmarshalJSON reads a number or one of the three words; anything else, null too, is an error.
func (f *Float) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `"NaN"`:
		*f = Float(math.NaN())
	case `"Infinity"`:
		*f = Float(math.Inf(1))
	case `"-Infinity"`:
		*f = Float(math.Inf(-1))
	case "null":
		return fmt.Errorf("null is no number")
	default:
		var v float64
		if err := json.Unmarshal(text, &v); err != nil {
			return fmt.Errorf("%s is no number", text)
		}
		*f = Float(v)
	}
	return nil
}
